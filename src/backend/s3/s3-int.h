/*
 * s3-int: what the files of the S3 body share: the connection, what a transfer remembers between its steps, and the way
 * a request is signed and a failure is judged.
 */
#ifndef BACKEND_S3_S3_INT_H
#define BACKEND_S3_S3_INT_H

#include "backend/aws/aws-credentials.h"
#include "backend/s3/s3-url.h"
#include "backend/s3/s3-xml.h"
#include "backend/s3/sigv4.h"
#include "remote/access.h"
#include "remote/remote.h"

#include <glib.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

/* Objects beyond this are sent in parts of at least S3_PART bytes; S3 takes at most S3_PARTS_MAX. */
#define S3_SINGLE    ((uint64_t)64 << 20)
#define S3_PART      ((uint64_t)16 << 20)
#define S3_PARTS_MAX 10000

/* Objects of this size and more are fetched in parts of S3_PART bytes, if the local end takes them in any order. */
#define S3_SPLIT ((uint64_t)32 << 20)

/* What one request can copy, and how much of a larger object one part copies. */
#define S3_COPY_MAX  ((uint64_t)5 << 30)
#define S3_COPY_PART ((uint64_t)1 << 30)

/* The longest reply that is kept: a page of 1,000 keys at their longest, percent-encoded. */
#define S3_REPLY_MAX ((size_t)16 << 20)

struct remote_conn {
	const struct remote_spec *spec; /* borrowed */
	enum remote_mode mode;
	struct s3_place *place;
	struct access *access;
	struct aws_chain *chain;
	GPtrArray *on_write;    /* of char *, "Name: value" for new objects: SSE, ACL */
	GPtrArray *on_all;      /* for every request: requester pays */
	GPtrArray *secret_key;  /* SSE with a key of the customer's: to whatever touches an object's bytes; or NULL */
	GPtrArray *secret_from; /* the same for what a copy reads */

	/* What was learned from replies. */
	unsigned lessons; /* how many: a request signed before the last one is worth another try */
	int64_t skew;     /* seconds to add to our clock */
	bool no_checksum; /* it rejects x-amz-checksum-sha256 */
	bool no_batch;    /* it rejects DeleteObjects */
	bool seen;        /* the bucket exists */
	bool swept;       /* abandoned uploads were looked for, or are */

	pthread_mutex_t mutex; /* guards what follows: a login runs on a worker */
	struct aws_credentials who;
	bool known;  /* who is filled in */
	bool refuse; /* who was refused as expired: find others */
};

/* What a part of a transfer, or the transfer itself (part 0), remembers. */
struct s3_part {
	uint64_t offset, length;
	char *etag;       /* of a part that is there, as the server writes it */
	char hash[65];    /* sha256 in hex of a part to send; "" as long as it is not known */
	bool logging_in;  /* the step under way is a login */
	bool checksum;    /* its request had x-amz-checksum-sha256 */
	bool logged_in;   /* the step before was a login: do not ask for another one at once */
	bool renewed;     /* has been refused for its credentials and got new ones */
	unsigned lessons; /* of the connection, when its request was signed */
	unsigned redone;  /* how often it was done again for a lesson */
};

/* transfer->state */
struct s3_task {
	GArray *parts;         /* of struct s3_part, at least the one for the transfer itself */
	bool explain;          /* ask with GET what HEAD does not tell */
	uint64_t size;         /* of the object to send or to copy */
	char *upload;          /* id of a multipart upload */
	GPtrArray *stale;      /* ids of abandoned ones, of char *, owned */
	GPtrArray *stale_keys; /* LIST: the keys of these */
	uint64_t marker;       /* parts are listed after this number */
	char *token;           /* LIST: of the page to ask for; NULL: the first */
	GHashTable *tokens;    /* LIST: those that were used */
	guint empty;           /* LIST: how many pages in a row had no key */
	char *last;            /* LIST: the last key so far */
	bool unsorted;         /* LIST: keys came in another order than by bytes */
	guint key;             /* DELETE one by one: which */
	GError *failure;       /* what to fail with when the upload has been aborted; from then on no part is sent */
};

/* What a kind of transfer does. */
struct s3_kind {
	void (*shape)(struct remote_conn *conn, struct transfer *transfer, unsigned part, struct step *step);
	struct verdict (*judge)(struct remote_conn *conn, struct transfer *transfer, unsigned part,
				const struct reply *reply);
};

/* The kinds, each in the file of its name; STAT and GET are in s3-object.c. */
extern const struct s3_kind s3_stat, s3_get, s3_list, s3_delete, s3_put, s3_move;

/* s3-conn.c */

/* remote_ops.open() and .close(). */
struct remote_conn *s3_open(const struct remote_spec *spec, enum remote_mode mode, GError **error);
void s3_close(struct remote_conn *conn);

/* Whether credentials have to be found before a request can be signed. */
bool s3_needs_login(struct remote_conn *conn);

/* [any] A job that finds them. */
bool s3_login(struct remote_conn *conn, struct transfer *transfer, unsigned part, GError **error);

/* s3-request.c */

/* The part's memory in the transfer's, made on first use. Valid until parts are added. */
struct s3_task *s3_task(struct transfer *transfer);
struct s3_part *s3_part(struct transfer *transfer, unsigned part);

/* remote_ops.forget() */
void s3_forget(struct remote_conn *conn, struct transfer *transfer);

/* A request for a key below the remote's URL, or with NULL for the bucket, with the headers that all have. */
struct request *s3_request(struct remote_conn *conn, const char *method, const char *key, const char *query);

/* Add headers, one "Name: value" each. The latter are secret. */
void s3_add_headers(struct request *request, const GPtrArray *headers);
void s3_add_secrets(struct request *request, const GPtrArray *headers);

/*
 * Sign the request and make it the step; or where credentials must be found first, make that the step, and drop the
 * request, which will be shaped again. Jobs need none: those that hash parts wait for each other, so nothing may change
 * the order in which they begin.
 */
void s3_send(struct remote_conn *conn, struct s3_part *own, struct request *request, const char *payload_hash,
	     struct step *step);

/* The same with a text as its body (a GET's reply is kept, too). */
void s3_send_text(struct remote_conn *conn, struct s3_part *own, struct request *request, const char *text,
		  struct step *step);

/* s3-failure.c */

/*
 * What to do about a reply that is no success, whatever it was asked for; sets transfer->error but for NEXT and RETRY.
 * NEXT means: the same again, now that we know better.
 */
struct verdict s3_failure(struct remote_conn *conn, struct transfer *transfer, unsigned part,
			  const struct reply *reply);

/* The code in a reply's XML, "" if there is none. New string. */
char *s3_failure_code(const struct reply *reply);

/* Whether the reply is what was asked for: 2xx, and no <Error> in its body. */
bool s3_is_success(const struct reply *reply);

/* The ETag in the document of that name that a success came with; NULL if the reply is no such thing: a server may say
 * 200 before it knows, and something on the way may cut its words or put others in their place. New string. */
char *s3_result_etag(const struct reply *reply, const char *root);

/* Try again, because what should say that `key` is there does not. */
struct verdict s3_unproven(struct transfer *transfer, const char *key);

/* A 200 that no S3 gives, because it has no ETag: a web server, or the log-in page of a network. Gives up. */
struct verdict s3_no_s3(struct remote_conn *conn, struct transfer *transfer);

/* A server's words on one line, at most so long: they may be hostile. New string; NULL for none. */
char *s3_plain_words(const char *code, const char *message);

/* s3-object.c */

/* Ask for the object itself. The transfer's size and oid say what is sound. */
void s3_ask_shape(struct remote_conn *conn, struct transfer *transfer, const char *key, struct step *step);

/* [any] A job for a step that has nothing to do. */
bool s3_nothing(struct remote_conn *conn, struct transfer *transfer, unsigned part, GError **error);

enum s3_answer { S3_THERE, S3_ABSENT, S3_UNCLEAR };

/* Its answer; S3_UNCLEAR: see *verdict. found_size is set if it is there. */
enum s3_answer s3_ask_judge(struct remote_conn *conn, struct transfer *transfer, const struct reply *reply,
			    struct verdict *verdict);

/* s3-put.c, s3-move.c, s3-upload.c */

/* What happens to an object that is sent or copied; both may go through the stages of an upload in parts. */
enum s3_put_stage {
	PUT_ASK,
	PUT_SEND,   /* in one request */
	PUT_FIND,   /* an upload that was interrupted */
	PUT_SWEEP,  /* abort what nobody goes on with */
	PUT_RESUME, /* ask for its parts */
	PUT_CREATE, /* begin one */
	PUT_PARTS,
	PUT_COMPLETE,
	PUT_ABORT,
	PUT_CHECK, /* the upload is gone, or the reply says too little: is the object there? */
	MOVE_COPY = 0,
	MOVE_ASK = PUT_CHECK + 1, /* how large it is */
	MOVE_DELETE,
};

/* s3_failure() for what cannot be absent. */
struct verdict s3_put_failure(struct remote_conn *conn, struct transfer *transfer, unsigned part,
			      const struct reply *reply);

/* Cut the task's size in parts of that size, or larger ones if these would be too many. */
void s3_upload_cut(struct transfer *transfer, uint64_t part_size);

/* The key that the upload makes. */
const char *s3_upload_key(const struct transfer *transfer);

/* Ask for the uploads of all keys that begin so. */
void s3_uploads_shape(struct remote_conn *conn, struct transfer *transfer, const char *key, struct step *step);

/* Whether an upload that was begun then is nobody's any more. */
bool s3_upload_is_abandoned(const struct remote_conn *conn, const char *initiated);

/* Abort an upload of the key. */
void s3_abort_shape(struct remote_conn *conn, struct transfer *transfer, const char *key, const char *upload,
		    struct step *step);

/* Shape and judge the stages PUT_FIND to PUT_ABORT. */
void s3_upload_shape(struct remote_conn *conn, struct transfer *transfer, struct step *step);
struct verdict s3_upload_judge(struct remote_conn *conn, struct transfer *transfer, const struct reply *reply);

/* s3-list.c, s3-sweep.c */

enum s3_list_stage {
	LIST_PAGES,
	LIST_UPLOADS, /* that may be abandoned */
	LIST_ABORT,   /* one of them */
};

/* A listing has ended: whether it goes on, in the other stages, because abandoned uploads are still to be cleared away.
 */
bool s3_sweep_begin(struct remote_conn *conn, struct transfer *transfer);

/* Shape and judge these stages. */
void s3_sweep_shape(struct remote_conn *conn, struct transfer *transfer, struct step *step);
struct verdict s3_sweep_judge(struct remote_conn *conn, struct transfer *transfer, const struct reply *reply);

#endif
