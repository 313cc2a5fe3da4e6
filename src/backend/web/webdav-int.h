/*
 * webdav-int: what the files of webdav share: webdav.c (the body), webdav-make.c (collections), webdav-move.c
 * (giving names), webdav-list.c (listing), webdav-tidy.c (what is left over).
 */
#ifndef BACKEND_WEB_WEBDAV_INT_H
#define BACKEND_WEB_WEBDAV_INT_H

#include "backend/web/http-int.h"

/* Below this lies what is ours and not the remote's content. */
#define DAV_OURS ".mlv"
#define DAV_TEMP ".mlv/tmp/"

struct dav {
	GHashTable *made;  /* collections that are there, as was seen: set of char *, owned, without '/' at the end */
	char *batch;       /* begins the names of our temporary files */
	unsigned serial;   /* of the last of them */
	GPtrArray *litter; /* keys of ours to be deleted at the end, of char *, owned */
	bool no_move;      /* the server cannot MOVE */
	bool destination_is_path; /* it wants no URL there: it sits behind a proxy that changes it */
};

/* webdav-make.c */

/*
 * Before a MOVE to `key`: make the collection that it is to lie in, unless it was seen to be there. A server that
 * misses it should answer 409 (RFC 4918 9.9.4), but Apache answers 500, or, under load, 201, and the file is gone.
 */
void webdav_need_parent(struct remote_conn *conn, struct errand *errand, const char *key);

/* It may not be there any more. */
void webdav_doubt_parent(struct remote_conn *conn, const char *key);

/*
 * Begin to make the collection that `key` is to lie in, after the server has said that it is missing; the errand's next
 * steps are then webdav_shape_make(). VERDICT_BROKEN, with http_fail(), if that did not help before.
 */
struct verdict webdav_make_parent(struct remote_conn *conn, struct errand *errand, struct transfer *transfer,
				  const char *key, const struct reply *reply);

/* Whether the errand makes collections now: then the step is filled in. */
bool webdav_shape_make(struct remote_conn *conn, struct errand *errand, struct step *step);

/* Judge such a step: NEXT until it fails; the errand's own step comes again when errand->make is NULL. */
struct verdict webdav_judge_make(struct remote_conn *conn, struct errand *errand, struct transfer *transfer,
				 const struct reply *reply);

/* webdav-move.c */

/* Rename: both within the remote. */
struct request *webdav_rename(struct remote_conn *conn, struct errand *errand, const char *from, const char *to);

/* Judge it, but for a missing `from`, which is the caller's to explain. */
struct verdict webdav_judge_rename(struct remote_conn *conn, struct errand *errand, struct transfer *transfer,
				   const char *to, const struct reply *reply);

/*
 * Judge a http_look() at what a rename was to make, whose `from` was missing: DONE if it is there, so that an attempt
 * whose reply was lost made it, else ABSENT.
 */
struct verdict webdav_judge_find(struct remote_conn *conn, struct errand *errand, struct transfer *transfer,
				 const struct reply *reply);

/* Whether the transfer's next step is the rename of a TRANSFER_MOVE. */
bool webdav_is_rename(const struct transfer *transfer);

/* Shape and judge the steps of a TRANSFER_MOVE. */
struct request *webdav_shape_move(struct remote_conn *conn, struct errand *errand, const struct transfer *transfer);
struct verdict webdav_judge_move(struct remote_conn *conn, struct errand *errand, struct transfer *transfer,
				 const struct reply *reply);

/* webdav-list.c */

/* Shape and judge the steps of a TRANSFER_LIST. */
void webdav_shape_list(struct remote_conn *conn, struct transfer *transfer, unsigned part, struct step *step);
struct verdict webdav_judge_list(struct remote_conn *conn, struct transfer *transfer, unsigned part,
				 const struct reply *reply);

/* PROPFIND with Depth 1 of a collection (without '/' at the end, "" for all). */
struct request *webdav_propfind(struct remote_conn *conn, struct errand *errand, const char *collection);

/* webdav-tidy.c */

/* Delete our temporary files that got no name, and when collecting those of processes long gone; as far as it goes. */
void webdav_tidy(struct remote_conn *conn);

#endif
