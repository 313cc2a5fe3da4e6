/*
 * wire-int: what the files of wire share: wire.c (requests under way, redirects), wire-setup.c (a request as options of
 * an easy handle), wire-body.c (bytes and headers as they come and go), wire-error.c (what libcurl's codes mean),
 * wire-socket.c (sockets, for the sake of small objects).
 */
#ifndef REMOTE_WIRE_INT_H
#define REMOTE_WIRE_INT_H

#include "remote/stream.h"
#include "remote/wire.h"

#include <curl/curl.h>

/* One request under way. */
struct exchange {
	const struct request *request;
	struct stream *stream; /* NULL: none */
	void *tag;
	CURL *easy;
	struct curl_slist *headers, *before, *after;
	struct rate *rate; /* NULL: no limit */
	GQueue *held;      /* of the wire: exchanges that the rate limit holds, first come, first served */
	GHashTable *sockets; /* of the wire: descriptor + 1 to local port, 0 as long as it is not known; NULL: none */
	char *url;         /* of this hop */
	unsigned hops;     /* redirects followed */
	bool foreign;      /* a redirect led to another origin: no secrets */
	struct reply reply;
	GError *error;       /* why a callback stopped it */
	uint64_t position;   /* of the next byte of a range, in the object */
	char *small;         /* the body of a small object, as a whole; NULL: on_read() gives it piece by piece */
	bool ranged;         /* the body goes to, or comes from, the stream */
	bool begun;          /* where the reply's body goes was decided */
	bool paused;         /* the rate limit holds it */
	char text[CURL_ERROR_SIZE];
};

/* Set the handle up for the request at exchange->url. `stall` as in wire_options. */
void wire_set_up(struct exchange *exchange, unsigned stall);

/* Whether the request sends the local end as a whole, so that it is hashed on the way. */
bool wire_sends_whole(const struct exchange *exchange);

/*
 * A small object that is sent as a whole is read and hashed now, so that it leaves in one write with the head of its
 * request: the server has it all when it wakes up. Nothing for any other request.
 */
bool wire_load_small(struct exchange *exchange, GError **error);

/* Make the handle call the functions of wire-body.c. */
void wire_set_body(struct exchange *exchange);

/* Have the handle's sockets entered in exchange->sockets. */
void wire_watch_sockets(struct exchange *exchange);

/* The head of a reply has come: have TCP say so at once. */
void wire_acknowledge(const struct exchange *exchange);

/* Forget what came, before the next hop. */
void wire_forget_reply(struct exchange *exchange);

/*
 * The handle is done with `code`: fill in exchange->reply. A whole response has no error; its range must be complete.
 */
void wire_judge(struct exchange *exchange, CURLcode code);

/* Set up libcurl for this process, once. [any] */
void wire_init(void);

/* Free what an exchange holds but for the handle and the reply. */
void exchange_free(struct exchange *exchange);

#endif
