#include "backend/s3/s3.h"

#include "backend/s3/s3-int.h"
#include "base/error.h"

static const struct s3_kind *const kinds[] = {
	[TRANSFER_STAT] = &s3_stat,     [TRANSFER_GET] = &s3_get,   [TRANSFER_PUT] = &s3_put,
	[TRANSFER_DELETE] = &s3_delete, [TRANSFER_MOVE] = &s3_move, [TRANSFER_LIST] = &s3_list,
};

static void s3_shape(struct remote_conn *conn, struct transfer *transfer, unsigned part, struct step *step)
{
	kinds[transfer->kind]->shape(conn, transfer, part, step);
}

static struct verdict judge_login(struct s3_part *own, const struct reply *reply)
{
	own->logging_in = false;
	own->logged_in = !reply->error;
	if (own->logged_in)
		return (struct verdict){VERDICT_NEXT};
	return (struct verdict){error_is(reply->error, ERROR_TRANSIENT) ? VERDICT_RETRY : VERDICT_DENIED};
}

static struct verdict s3_judge(struct remote_conn *conn, struct transfer *transfer, unsigned part,
			       const struct reply *reply)
{
	struct s3_part *own = s3_part(transfer, part);
	if (part == 0 || reply->error) /* why one part ends all must outlive the others */
		g_clear_error(&transfer->error);
	if (own->logging_in)
		return judge_login(own, reply);
	if (!reply->error && reply->status >= 200 && reply->status < 300) {
		own->redone = 0;
		own->renewed = false;
	}
	return kinds[transfer->kind]->judge(conn, transfer, part, reply);
}

#define S3_ABILITIES (REMOTE_CAN_LIST | REMOTE_CAN_DELETE | REMOTE_DEEP_LIST)

const struct remote_ops remote_s3 = {
	.scheme = "s3",
	.abilities = S3_ABILITIES,
	.delete_batch = 1000,
	.open = s3_open,
	.close = s3_close,
	.shape = s3_shape,
	.judge = s3_judge,
	.forget = s3_forget,
};

/* Google's has no DeleteObjects. */
const struct remote_ops remote_gs = {
	.scheme = "gs",
	.abilities = S3_ABILITIES,
	.open = s3_open,
	.close = s3_close,
	.shape = s3_shape,
	.judge = s3_judge,
	.forget = s3_forget,
};
