/*
 * http-server: an HTTP/1.1 server of a few lines in threads of the test, which answers as the test says: also wrongly,
 * half, or not at all. 127.0.0.1, a port of its own.
 */
#ifndef TESTS_HTTP_SERVER_H
#define TESTS_HTTP_SERVER_H

#include "base/auto.h"

#include <glib.h>
#include <stdbool.h>

/* A request as it came. */
struct http_ask {
	unsigned number;     /* from 1, over all connections */
	char *method, *path; /* path with its query */
	char *head;          /* the header lines */
	GByteArray *body;
};

/* The value of a header (any case); NULL without one. New string. */
char *http_ask_header(const struct http_ask *ask, const char *name);

/*
 * Called for each request, one at a time: append the whole reply, status line first, byte by byte as it is to be sent.
 * True: keep the connection; false: close it behind the reply.
 */
typedef bool (*http_answer)(const struct http_ask *ask, GByteArray *reply, void *user);

struct http_server;

/* Start it. */
struct http_server *http_server_new(http_answer answer, void *user);

/* "http://127.0.0.1:PORT" and the path. New string. */
char *http_server_url(const struct http_server *server, const char *path);

/* Requests so far. */
unsigned http_server_count(struct http_server *server);

/* Append a reply with these header lines (each ending in \r\n) and a body; Content-Length is added. */
void http_reply(GByteArray *reply, const char *status, const char *headers, const void *body, gsize length);

/* Stop it and wait for its threads; clients must have closed their connections. */
void http_server_free(struct http_server *server);

AUTO_DEFINE(http_server, http_server_free);

#endif
