/*
 * Renaming by servers of SFTP 3 fails if the new name is taken, and a lost connection leaves open whether it was done.
 * So what is in the way is removed only right after the old name was seen: without it the new name may be the only one.
 */
#include "backend/sftp/sftp-int.h"
#include "base/error.h"

enum move_stage {
	MOVE_LOOK,       /* is the key there? */
	MOVE_RENAME,     /* into a free name */
	MOVE_LOOK_AGAIN, /* that failed: is the key still there? */
	MOVE_LOOK_TO,    /* it is not: has it the new name? */
	MOVE_REPLACE,    /* remove what is in the way, and rename */
};

static struct request *rename_request(struct remote_conn *conn, const struct transfer *transfer, bool replace)
{
	struct request *request = sftp_commands(conn);
	sftp_make_parents(conn, request, transfer->to);
	if (replace)
		sftp_before(conn, request, "*rm", transfer->to, NULL);
	sftp_before(conn, request, "rename", transfer->key, transfer->to);
	sftp_prune_parents(conn, request, transfer->key);
	return request;
}

void sftp_shape_move(struct remote_conn *conn, struct transfer *transfer, struct step *step)
{
	switch ((enum move_stage)transfer->stage) {
	case MOVE_LOOK:
	case MOVE_LOOK_AGAIN:
		step->request = sftp_request(conn, "HEAD", transfer->key);
		break;
	case MOVE_LOOK_TO:
		step->request = sftp_request(conn, "HEAD", transfer->to);
		break;
	case MOVE_RENAME:
	case MOVE_REPLACE:
		step->request = rename_request(conn, transfer, transfer->stage == MOVE_REPLACE);
		break;
	}
}

static struct verdict next(struct transfer *transfer, enum move_stage stage)
{
	transfer->stage = stage;
	return (struct verdict){VERDICT_NEXT};
}

struct verdict sftp_judge_move(struct remote_conn *conn, struct transfer *transfer, const GError *error)
{
	bool missing = error_is(error, ERROR_NOT_FOUND), transient = error_is(error, ERROR_TRANSIENT);
	enum move_stage stage = transfer->stage;
	if (stage == MOVE_REPLACE && transient)
		transfer->stage = MOVE_LOOK_AGAIN;
	if (transient || (error && !missing && stage != MOVE_RENAME))
		return sftp_judge_error(error);
	switch (stage) {
	case MOVE_LOOK:
		return missing ? (struct verdict){VERDICT_ABSENT} : next(transfer, MOVE_RENAME);
	case MOVE_LOOK_AGAIN:
		return next(transfer, missing ? MOVE_LOOK_TO : MOVE_REPLACE);
	case MOVE_LOOK_TO:
		return (struct verdict){missing ? VERDICT_ABSENT : VERDICT_DONE};
	case MOVE_RENAME:
		if (error)
			return next(transfer, MOVE_LOOK_AGAIN);
		break;
	case MOVE_REPLACE:
		if (error)
			return sftp_judge_error(error);
		break;
	}
	sftp_note_parents(conn, transfer->to);
	return (struct verdict){VERDICT_DONE};
}
