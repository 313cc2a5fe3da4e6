/*
 * lfs-batch: the texts of Git LFS' batch API: made here, and read here as a hostile server may have written them. Pure
 * functions.
 */
#ifndef BACKEND_LFS_LFS_BATCH_H
#define BACKEND_LFS_LFS_BATCH_H

#include "base/auto.h"
#include "remote/request.h"

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LFS_MEDIA_TYPE "application/vnd.git-lfs+json"

/* Objects of one question at most, as git-lfs has it: servers count on it. */
#define LFS_BATCH_MAX 100

/* The longest reply that is read: 100 objects with three actions of signed URLs and tokens are far below. */
#define LFS_REPLY_MAX ((size_t)4 << 20)

/* The length of an id in text, without the NUL. */
#define LFS_OID_LENGTH 64

/* An object as it is asked for. */
struct lfs_want {
	char oid[LFS_OID_LENGTH + 1];
	uint64_t size; /* 0 if not known: only a few servers look at it, see lfs.h */
};

/* Where to go, and with which headers. A URL may be a secret, too: it can be signed. */
struct lfs_action {
	char *href;          /* NULL: there is no such action */
	GPtrArray *headers;  /* of char *, "Name: value"; secret */
	bool authorizes;     /* the headers have an Authorization */
	int64_t expires;     /* in seconds since the epoch; 0: it does not */
};

/* What the server says about an object. */
struct lfs_object {
	char oid[LFS_OID_LENGTH + 1];
	uint64_t size; /* as the server has it, or as it was asked for: servers differ */
	struct lfs_action download, upload, verify;
	unsigned error;  /* an HTTP status; 0: none */
	char *message;   /* of the error, fit for a terminal; NULL: none */
};

/* The question for these objects. */
GString *lfs_batch_ask(bool upload, const struct lfs_want *wants, size_t count);

/*
 * Read the answer, given at `now` (seconds since the epoch): a GPtrArray of struct lfs_object that owns them.
 * ERROR_CORRUPT for what is no answer, also in parts: wrong types, ids that are none, headers with line breaks.
 */
GPtrArray *lfs_batch_read(const char *text, size_t length, int64_t now, GError **error);

/* What is told at an upload's verify action. */
GString *lfs_verify_ask(const struct lfs_want *want);

/* What git-lfs-authenticate printed; href is NULL if it tells none. ERROR_CORRUPT as above. */
bool lfs_login_read(const char *text, size_t length, int64_t now, struct lfs_action *action, GError **error);

/* What the server says went wrong, cleaned and shortened for a terminal; NULL if it says nothing. New string. */
char *lfs_reply_message(const struct reply *reply);

/* Free what an action holds (not the struct) and zero it. */
void lfs_action_clear(struct lfs_action *action);

/* Free an object of lfs_batch_read(). */
void lfs_object_free(struct lfs_object *object);

#endif
