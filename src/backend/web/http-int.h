/*
 * http-int: what http and webdav share: the server, the login, and reading. Private to http*.c and webdav*.c.
 *
 * http-place.c: connection, requests, logins, errors; http-read.c: STAT and GET; http.c and webdav*.c: the bodies.
 */
#ifndef BACKEND_WEB_HTTP_INT_H
#define BACKEND_WEB_HTTP_INT_H

#include "remote/credential.h"
#include "remote/remote.h"

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

struct remote_conn {
	char *name; /* of the remote, for hints */
	char *base; /* http or https, percent-encoded, without user and password, without '/' at its end */
	struct access *access;
	struct credential *credential;
	enum remote_mode mode;
	bool no_head;      /* the server does not know HEAD, or tells no sizes by it */
	const char *write; /* http: PUT or POST */
	bool checked;      /* http: what was written is there, as was seen once */
	struct dav *dav;   /* webdav's own; NULL in http */
};

/* One request after the other on behalf of a transfer, or of a part of one. */
struct errand {
	unsigned login;       /* that its last request carried */
	bool digest;          /* that was shown by digest, where a 401 comes first in any case */
	bool asking;          /* its step is the job that gets another login */
	bool by_byte;         /* it looks for the first byte, not by HEAD */
	struct errand *parts; /* webdav: of a listing in parts, owned */
	unsigned part_count;
	char *temp;          /* webdav: key of what was sent and has no name yet */
	char *make, *want;   /* webdav: collection that is made, so that this one can be */
	unsigned made;       /* webdav: how many it has made */
	bool doubted;        /* webdav: making errand->make was refused once: others may have made it just then */
	unsigned complaints; /* webdav: how often the server said that one is missing */
	bool by_path;        /* webdav: its MOVE has a path for Destination */
	bool tried_path;     /* webdav: that was tried */
	bool maybe_moved;    /* webdav: a MOVE failed in a way that leaves open whether it was done */
	bool blamed_parent;  /* webdav: a MOVE failed, maybe for want of a collection */
	char *at;            /* webdav: collection that is listed */
	GPtrArray *queue;    /* webdav: of char *, owned: those still to be listed */
};

/* The errand of a transfer, made if it has none yet, or of a part. */
struct errand *errand_of(struct transfer *transfer, unsigned part);

/* Connect to the spec's URL, of which only the scheme may be webdav or webdavs. Nothing is sent yet. */
struct remote_conn *http_open(const struct remote_spec *spec, enum remote_mode mode, GError **error);

/* Free it. */
void http_free(struct remote_conn *conn);

/* The URL of a key. New string. */
char *http_url(const struct remote_conn *conn, const char *key);

/* A request about a key, with the present login. */
struct request *http_request(struct remote_conn *conn, struct errand *errand, const char *method, const char *key);

/* Whether a login is wanted first: then the step is filled in. */
bool http_shape_login(struct remote_conn *conn, struct errand *errand, struct step *step);

/*
 * Whether the reply is about the login: a 401, or the end of the job; then the verdict is filled in. Else what the
 * server accepted is noted.
 */
bool http_judge_login(struct remote_conn *conn, struct errand *errand, struct transfer *transfer,
		      const struct reply *reply, struct verdict *verdict);

/* Whether the status is one of 200 to 299, of a whole reply. */
bool http_is_fine(const struct reply *reply);

/* Whether it is 404 or 410. */
bool http_is_absent(const struct reply *reply);

/* A job that fails because this kind of remote cannot do what the transfer wants. */
bool http_job_unable(struct remote_conn *conn, struct transfer *transfer, unsigned part, GError **error);

/*
 * The verdict on a reply that is no success, with transfer->error set: "<what> '<key>': …"; what may heal is to be
 * retried. `hint` may be NULL.
 */
struct verdict http_fail(struct remote_conn *conn, struct transfer *transfer, const struct reply *reply,
			 const char *what, const char *hint);

/* What looking at a key has found. */
enum http_found {
	HTTP_THERE,
	HTTP_DAMAGED, /* of another size */
	HTTP_ABSENT,
	HTTP_AGAIN,    /* it must be asked in another way */
	HTTP_DOUBTFUL, /* something came that proves nothing: transfer->error says what */
	HTTP_UNKNOWN,
};

/* Ask for a key's size by HEAD, or where the server does not know that, by its first byte. */
struct request *http_look(struct remote_conn *conn, struct errand *errand, const char *key);

/*
 * What the reply to that means. A login page in between says 200 to everything, too: what is there has the wanted size,
 * or if that is not known, comes from our server and is no page.
 */
enum http_found http_see(struct remote_conn *conn, const struct errand *errand, struct transfer *transfer,
			 const struct reply *reply);

/* Judge a STAT that looks. */
struct verdict http_judge_stat(struct remote_conn *conn, const struct errand *errand, struct transfer *transfer,
			       const struct reply *reply);

/*
 * Judge what was looked for before a PUT: DONE if it is there, else NEXT with transfer->stage `send`. Who may write but
 * not read finds out by writing.
 */
struct verdict http_judge_look(struct remote_conn *conn, const struct errand *errand, struct transfer *transfer,
			       const struct reply *reply, unsigned send);

/* Shape a GET: what is missing of the object. */
void http_shape_get(struct remote_conn *conn, struct errand *errand, struct transfer *transfer, struct step *step);

/* Judge it. */
struct verdict http_judge_get(struct remote_conn *conn, struct transfer *transfer, const struct reply *reply);

#endif
