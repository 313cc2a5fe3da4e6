/*
 * request: one network request as plain data, and the reply to it. A body shapes the one and judges the other; who
 * performs it is wire.h.
 *
 * A request is made and freed on one thread; while it is performed it is constant. Secrets in it (user, password, the
 * headers of request_secret()) belong to the origin of its URL: they are dropped when a redirect leads elsewhere, and
 * are never traced.
 */
#ifndef REMOTE_REQUEST_H
#define REMOTE_REQUEST_H

#include "base/auto.h"
#include "remote/access.h"

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What goes out behind the headers. */
enum request_send {
	SEND_NOTHING,
	SEND_BYTES, /* `bytes` */
	SEND_RANGE, /* `length` bytes of the local end from `offset`; with sftp they go to that offset of the file there */
};

/* Where the body of a reply goes. A body that comes with a status of 300 or more is kept as TAKE_BYTES does. */
enum request_take {
	TAKE_NOTHING, /* it is read and dropped */
	TAKE_BYTES,   /* reply.body, at most `limit` bytes of it: more is ERROR_UNSAFE */
	TAKE_RANGE,   /* the local end, from `offset` on (206), or from its start if the server sends all (200) */
};

/* Ways to authenticate with user and password. */
enum request_auth {
	AUTH_NONE,
	AUTH_BASIC,
	AUTH_DIGEST,
	AUTH_ANY, /* the best that the server offers; costs it a question */
};

struct request {
	char *method;       /* "GET", "PUT", "PROPFIND", …; not used by sftp */
	char *url;          /* http, https or sftp; percent-encoded */
	GPtrArray *headers; /* of char *, owned: "Name: value" */
	GPtrArray *secrets; /* the same, for headers that nobody else may see */
	char *user, *password;
	enum request_auth auth;
	enum request_send send;
	GBytes *bytes;
	enum request_take take;
	size_t limit;
	uint64_t offset, length;     /* of SEND_RANGE and TAKE_RANGE; 0, 0 for TAKE_RANGE of all that there is */
	unsigned redirects;          /* follow so many; 0: the reply is the redirect */
	GPtrArray *before, *after;   /* sftp: commands of CURLOPT_QUOTE and CURLOPT_POSTQUOTE, owned; else NULL */
	const struct access *access; /* TLS, proxy, timeouts; NULL: defaults. Borrowed, outlives the request */
};

/* A request without headers that sends and takes nothing. method and url are copied. */
struct request *request_new(const char *method, const char *url, const struct access *access);

/* Add a header. */
void request_header(struct request *request, const char *name, const char *value);

/* Add a header with a secret in it, such as Authorization. */
void request_secret(struct request *request, const char *name, const char *value);

/* Send this text (copied). */
void request_send_text(struct request *request, const char *text, size_t length);

/* Send `length` bytes of the local end from `offset`. */
void request_send_range(struct request *request, uint64_t offset, uint64_t length);

/* Take the reply's body into memory, at most `limit` bytes. */
void request_take_bytes(struct request *request, size_t limit);

/*
 * Take `length` bytes of the object from `offset` into the local end; with length 0 all from `offset` on, and with both
 * 0 simply all. Adds the Range header that says so.
 */
void request_take_range(struct request *request, uint64_t offset, uint64_t length);

/* Free it. NULL is fine. */
void request_free(struct request *request);

AUTO_DEFINE(request, request_free);

/*
 * What came of a step. For a job: its error alone. For a request: either an error because no whole response came
 * (ERROR_TRANSIENT: connection, time-out, cut; ERROR_DENIED: TLS, host key, login; ERROR_CORRUPT: the local end did not
 * like the bytes; …), or status, headers and body. A status that came before an error is told, too.
 */
struct reply {
	GError *error;
	unsigned status;     /* HTTP's; 0 without one, as always for sftp */
	GHashTable *headers; /* names in lower case to values, the last of each; NULL: none */
	GByteArray *body;    /* see enum request_take; NUL-terminated beyond its length; NULL: none */
	char *url;           /* that answered, after redirects */
	uint64_t size;       /* sftp: of the file, if it was told, else 0 */
};

/* The value of a header (name in lower case), NULL without one. */
const char *reply_header(const struct reply *reply, const char *name);

/* The body as text, "" without one. */
const char *reply_text(const struct reply *reply);

/* The pause that a Retry-After header (RFC 9110 10.2.3: seconds or a date) asks for, in ms, at most ten minutes; 0
 * without one. */
unsigned reply_retry_after(const struct reply *reply);

/* Whether a reply of this kind may heal by itself: no whole response, 408, 425, 429, 500, 502, 503, 504. */
bool reply_is_transient(const struct reply *reply);

/*
 * Describe a reply that is no success: "HTTP 403 Forbidden" and, if `detail` is not NULL, ": detail"; with ERROR_DENIED
 * for 401, 403 and 407, ERROR_NOT_FOUND for 404 and 410, ERROR_TRANSIENT if it may heal, else ERROR_FAILED; or a copy
 * of its error.
 */
GError *reply_error(const struct reply *reply, const char *detail);

/* Free what it holds (not the struct) and zero it. */
void reply_clear(struct reply *reply);

#endif
