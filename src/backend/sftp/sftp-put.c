/*
 * An upload: to a temporary name, checked, then renamed. Where nothing is odd that is one request for small objects and
 * two for others, besides the question whether it is there. SFTP 3 has one word, "failure", for a name that is taken, a
 * full disk and much else, so only after a failure it is looked what is the matter.
 *
 * A large upload that broke off goes on where it stopped, also one that a killed process left: what that may still
 * write is the same bytes. But a crash of the server may have left others, so what was there is read back before all of
 * it gets its name; wrong bytes are sent anew.
 */
#include "backend/sftp/sftp-int.h"
#include "backend/sftp/sftp-proof.h"
#include "backend/sftp/sftp-temp.h"
#include "base/error.h"
#include "remote/stream.h"

#include <string.h>

/* Objects up to this size are read and checked beforehand, so that they are sent and named in one request. */
#define SMALL ((uint64_t)256 << 10)

/* A disk with no more room than this is full, if writing failed: what can be under way at once does not fit. */
#define ROOM ((uint64_t)1 << 20)

/* Tries in a row that may add nothing to what is there. */
#define STUCK_MAX 4

enum put_stage {
	PUT_LOOK,  /* is it there? */
	PUT_LOAD,  /* job: read a small one */
	PUT_FIND,  /* of a large one: which uploads were left unfinished? */
	PUT_CLAIM, /* give one the name of ours */
	PUT_SIZE,  /* how much of it is there? */
	PUT_SEND,  /* to the temporary name; a small one gets its name at once */
	PUT_HASH,  /* job: hash what was sent in several goes */
	PUT_PROVE, /* read back what was there before the last go */
	PUT_NAME,  /* rename */
	PUT_SPACE, /* the upload broke off: is the disk full? */
	PUT_CHECK, /* it was refused: is the object there now? Remove the upload */
	PUT_DIRS,  /* it is not: make the directories one by one, to hear which of them is the trouble */
};

struct put {
	char *temp;
	char object[OID_TEXT_MAX]; /* as names of uploads have it; "" if it cannot be told from others */
	uint64_t offset;           /* that PUT_SEND begins at */
	uint64_t kept;             /* bytes that were there before the last go */
	struct oid prefix;         /* what these must hash to */
	struct sftp_proof *proof;  /* whether they do; NULL: not asked */
	char *wrong;               /* an upload with wrong bytes, which has to go; NULL: there was none */
	unsigned stuck;            /* times in a row that nothing was added */
	GBytes *bytes;             /* of a small object */
	bool replace;              /* what is there has to go */
	bool begun;                /* a file of the name `temp` may be there, or yet come */
	bool asked_space, made_dirs;
	bool hopeless;            /* the error stands, only the upload is to be removed */
	const char *path, *slash; /* PUT_DIRS: in the path of upload or key, the slash behind the directory it is at */
	GError *error;            /* why it was refused */
};

static struct put *put_of(struct remote_conn *conn, struct transfer *transfer)
{
	if (transfer->state)
		return transfer->state;
	struct put *put = g_new0(struct put, 1);
	if (!oid_is_none(&transfer->oid))
		g_strdelimit(oid_text(&transfer->oid, put->object), ".", '-');
	put->temp = sftp_temp_key(conn, put->object);
	put->replace = transfer->replace;
	transfer->state = put;
	return put;
}

void sftp_forget_put(struct transfer *transfer)
{
	struct put *put = transfer->state;
	if (!put)
		return;
	g_free(put->temp);
	g_free(put->wrong);
	sftp_proof_free(put->proof);
	g_clear_pointer(&put->bytes, g_bytes_unref);
	g_clear_error(&put->error);
	g_free(put);
}

static bool job_load(struct remote_conn *conn, struct transfer *transfer, unsigned part, GError **error)
{
	(void)conn;
	(void)part;
	struct put *put = transfer->state;
	size_t size = (size_t)transfer->size, length = 0;
	g_autofree char *data = g_malloc(size + 1); /* one more shows a file that has grown */
	ssize_t got = 1;
	if (!stream_restart(transfer->stream, error))
		return false;
	while (length <= size && (got = stream_read(transfer->stream, data + length, size + 1 - length, error)) > 0)
		length += (size_t)got;
	if (got < 0 || !stream_verify(transfer->stream, error))
		return false;
	put->bytes = g_bytes_new_take(g_steal_pointer(&data), length);
	return true;
}

/* Check the local end, and hash the bytes that the server had before. */
static bool job_hash(struct remote_conn *conn, struct transfer *transfer, unsigned part, GError **error)
{
	(void)conn;
	(void)part;
	struct put *put = transfer->state;
	struct stream *stream = transfer->stream;
	put->prefix.algo = OID_SHA256;
	return stream_restart(stream, error) && stream_hash_part(stream, 0, put->kept, &put->prefix, error) &&
	       stream_hash_part(stream, put->kept, stream_size(stream) - put->kept, NULL, error);
}

/* Where to begin once it is known that the object has to be sent. */
static enum put_stage first_stage(const struct remote_conn *conn, const struct transfer *transfer)
{
	const struct put *put = transfer->state;
	if (transfer->size <= SMALL)
		return PUT_LOAD;
	if (!*put->object)
		return PUT_SEND;
	if (!conn->left)
		return PUT_FIND;
	return g_hash_table_contains(conn->left, put->object) ? PUT_CLAIM : PUT_SEND;
}

/* The unfinished upload of the object takes our name; nobody else of us is to try. */
static struct request *claim_request(struct remote_conn *conn, const struct put *put)
{
	struct request *request = sftp_commands(conn);
	g_autofree char *left =
		g_strconcat(SFTP_TEMP, (const char *)g_hash_table_lookup(conn->left, put->object), NULL);
	sftp_before(conn, request, "rename", left, put->temp);
	g_hash_table_remove(conn->left, put->object);
	return request;
}

/*
 * Only the first try may make the file: a request that seems lost may still be carried out, and must not empty it under
 * a later one. So who begins at 0 again takes another name.
 */
static void freshen_temp(struct remote_conn *conn, struct put *put)
{
	if (put->begun && put->offset == 0) {
		g_free(put->temp);
		put->temp = sftp_temp_key(conn, put->object);
	}
	put->begun = true;
}

static struct request *send_request(struct remote_conn *conn, const struct transfer *transfer, struct put *put)
{
	freshen_temp(conn, put);
	struct request *request = sftp_request(conn, "PUT", put->temp);
	sftp_make_parents(conn, request, put->temp);
	if (put->wrong)
		sftp_before(conn, request, "*rm", put->wrong, NULL);
	if (!put->bytes) {
		request_send_range(request, put->offset, stream_size(transfer->stream) - put->offset);
		return request;
	}
	request->send = SEND_BYTES;
	request->bytes = g_bytes_ref(put->bytes);
	sftp_make_parents(conn, request, transfer->key);
	if (put->replace)
		sftp_after(conn, request, "*rm", transfer->key, NULL);
	sftp_after(conn, request, "rename", put->temp, transfer->key);
	return request;
}

static struct request *prove_request(const struct remote_conn *conn, struct transfer *transfer, struct put *put)
{
	if (!put->proof)
		put->proof = sftp_proof_new(put->temp, &put->prefix, put->kept);
	return sftp_proof_begin(put->proof, conn, transfer);
}

static struct request *name_request(const struct remote_conn *conn, const struct transfer *transfer,
				    const struct put *put)
{
	struct request *request = sftp_commands(conn);
	sftp_make_parents(conn, request, transfer->key);
	if (put->replace)
		sftp_before(conn, request, "*rm", transfer->key, NULL);
	sftp_before(conn, request, "rename", put->temp, transfer->key);
	return request;
}

static struct request *check_request(const struct remote_conn *conn, const struct transfer *transfer,
				     const struct put *put)
{
	struct request *request = sftp_request(conn, "HEAD", transfer->key);
	sftp_before(conn, request, "*rm", put->temp, NULL);
	return request;
}

static struct request *dirs_request(const struct remote_conn *conn, const struct put *put)
{
	struct request *request = sftp_commands(conn);
	g_autofree char *dir = g_strndup(put->path, (gsize)(put->slash + 1 - put->path));
	sftp_before(conn, request, "mkdir", dir, NULL);
	return request;
}

void sftp_shape_put(struct remote_conn *conn, struct transfer *transfer, struct step *step)
{
	struct put *put = put_of(conn, transfer);
	if (transfer->stage == PUT_LOOK && (transfer->replace || transfer->absent))
		transfer->stage = first_stage(conn, transfer);
	switch ((enum put_stage)transfer->stage) {
	case PUT_LOOK:
		step->request = sftp_request(conn, "HEAD", transfer->key);
		break;
	case PUT_LOAD:
		step->kind = STEP_JOB;
		step->job = job_load;
		break;
	case PUT_HASH:
		step->kind = STEP_JOB;
		step->job = job_hash;
		break;
	case PUT_FIND:
		step->request = sftp_list(conn, SFTP_TEMP);
		break;
	case PUT_CLAIM:
		step->request = claim_request(conn, put);
		break;
	case PUT_SIZE:
		step->request = sftp_request(conn, "HEAD", put->temp);
		break;
	case PUT_SEND:
		step->request = send_request(conn, transfer, put);
		break;
	case PUT_PROVE:
		step->request = prove_request(conn, transfer, put);
		break;
	case PUT_NAME:
		step->request = name_request(conn, transfer, put);
		break;
	case PUT_SPACE:
		step->request = sftp_commands(conn);
		sftp_before(conn, step->request, "*statvfs", "", NULL);
		break;
	case PUT_CHECK:
		step->request = check_request(conn, transfer, put);
		break;
	case PUT_DIRS:
		step->request = dirs_request(conn, put);
		break;
	}
}

static struct verdict next(struct transfer *transfer, enum put_stage stage)
{
	transfer->stage = stage;
	return (struct verdict){VERDICT_NEXT};
}

/* Refused, for a reason that PUT_CHECK is to find out, or that stands. */
static struct verdict refuse(struct transfer *transfer, const GError *error, bool hopeless)
{
	struct put *put = transfer->state;
	g_clear_error(&put->error);
	put->error = g_error_copy(error);
	put->hopeless = hopeless;
	return next(transfer, PUT_CHECK);
}

/* It stays refused. */
static struct verdict give_up(struct transfer *transfer)
{
	struct put *put = transfer->state;
	enum verdict_kind kind = error_is(put->error, ERROR_DENIED) ? VERDICT_DENIED : VERDICT_BROKEN;
	transfer->error = g_steal_pointer(&put->error);
	g_prefix_error(&transfer->error, "'%s': ", transfer->key);
	return (struct verdict){kind};
}

static struct verdict judge_look(const struct remote_conn *conn, struct transfer *transfer, const struct reply *reply,
				 const GError *error)
{
	struct put *put = transfer->state;
	bool missing = error_is(error, ERROR_NOT_FOUND);
	if (error && !missing)
		return sftp_judge_error(error);
	if (!missing && sftp_is_sound(transfer, reply->size)) {
		transfer->found_size = reply->size;
		return (struct verdict){VERDICT_DONE};
	}
	put->replace = !missing;
	return next(transfer, first_stage(conn, transfer));
}

static void note_left(const char *name, enum sftp_kind kind, uint64_t size, void *user)
{
	const char *object = kind == SFTP_FILE && size ? sftp_temp_left(name) : NULL;
	if (object && *object)
		g_hash_table_insert(user, g_strdup(object), g_strdup(name));
}

static struct verdict judge_find(struct remote_conn *conn, struct transfer *transfer, const struct reply *reply,
				 const GError *error)
{
	if (error_is(error, ERROR_TRANSIENT))
		return sftp_judge_error(error);
	if (!conn->left) {
		conn->left = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
		if (!error)
			sftp_list_parse(reply_text(reply), reply->body ? reply->body->len : 0, note_left, conn->left);
	}
	return next(transfer, first_stage(conn, transfer));
}

/* Go on behind what is there. If nothing comes to it time after time, that is the end; it stays for the next push. */
static struct verdict judge_size(struct transfer *transfer, const struct reply *reply, const GError *error)
{
	struct put *put = transfer->state;
	uint64_t size = error ? 0 : reply->size, whole = stream_size(transfer->stream);
	if (error_is(error, ERROR_TRANSIENT))
		return sftp_judge_error(error);
	put->stuck = size > put->offset ? 0 : put->stuck + 1;
	if (put->error && put->stuck > STUCK_MAX)
		return give_up(transfer);
	put->offset = size < whole ? size : 0;
	put->kept = size <= whole ? size : 0;
	return next(transfer, size == whole ? PUT_HASH : PUT_SEND);
}

/* A try has failed that another may not: where that begins. */
static struct verdict again(struct transfer *transfer, const GError *error)
{
	const struct put *put = transfer->state;
	transfer->stage = put->bytes ? PUT_SEND : PUT_SIZE;
	return sftp_judge_error(error);
}

static struct verdict published(struct remote_conn *conn, struct transfer *transfer)
{
	const struct put *put = transfer->state;
	sftp_note_parents(conn, put->temp);
	sftp_note_parents(conn, transfer->key);
	transfer->sent = true;
	return (struct verdict){VERDICT_DONE};
}

static struct verdict judge_send(struct remote_conn *conn, struct transfer *transfer, const GError *error)
{
	struct put *put = transfer->state;
	g_autoptr(GError) why = NULL;
	if (error_is(error, ERROR_TRANSIENT)) {
		g_clear_error(&put->error);
		put->error = g_error_copy(error);
		bool asked = put->asked_space;
		put->asked_space = true;
		return asked ? again(transfer, error) : next(transfer, PUT_SPACE);
	}
	if (error_is(error, ERROR_CANCELLED))
		return sftp_judge_error(error);
	if (error)
		return refuse(transfer, error, error_is(error, ERROR_CORRUPT));
	if (put->bytes)
		return published(conn, transfer);
	if (put->offset)
		return next(transfer, PUT_HASH);
	if (!stream_verify(transfer->stream, &why))
		return refuse(transfer, why, true);
	return next(transfer, PUT_NAME);
}

/* Wrong bytes are sent anew, under another name; but who does not keep them right then, never does. */
static struct verdict judge_prove(const struct remote_conn *conn, struct transfer *transfer, const GError *error)
{
	struct put *put = transfer->state;
	enum sftp_proven proven = sftp_proof_end(put->proof, transfer, error);
	if (proven == PROVEN_NOT_YET && (error_is(error, ERROR_TRANSIENT) || error_is(error, ERROR_CANCELLED)))
		return sftp_judge_error(error);
	g_clear_pointer(&put->proof, sftp_proof_free);
	if (proven == PROVEN_RIGHT)
		return next(transfer, PUT_NAME);
	if (put->wrong) {
		g_autoptr(GError) why = NULL;
		error_set(&why, ERROR_CORRUPT, "%s does not keep what is sent there", conn->place);
		return refuse(transfer, why, true);
	}
	put->wrong = g_strdup(put->temp);
	put->begun = true;
	put->offset = 0;
	return next(transfer, PUT_SEND);
}

/*
 * If the answer got lost, the rename may have been done. Then doing it again fails, and PUT_CHECK sees why; but with
 * the removal before it the object itself would go, so it is sent again.
 */
static struct verdict judge_name(struct remote_conn *conn, struct transfer *transfer, const GError *error)
{
	const struct put *put = transfer->state;
	if (!error)
		return published(conn, transfer);
	if (!error_is(error, ERROR_TRANSIENT))
		return refuse(transfer, error, false);
	return put->replace ? again(transfer, error) : sftp_judge_error(error);
}

/* A number of the reply to statvfs, whose lines come as one header. */
static uint64_t space_value(const struct reply *reply, const char *name)
{
	const char *text = reply_header(reply, "statvfs"), *found = text ? strstr(text, name) : NULL;
	return found ? g_ascii_strtoull(found + strlen(name), NULL, 10) : 0;
}

static struct verdict judge_space(const struct remote_conn *conn, struct transfer *transfer, const struct reply *reply,
				  const GError *error)
{
	g_autoptr(GError) full = NULL;
	uint64_t block = space_value(reply, "f_frsize: "), blocks = space_value(reply, "f_bavail: ");
	const struct put *put = transfer->state;
	if (error || !block || blocks > ROOM / block)
		return again(transfer, put->error);
	error_set(&full, ERROR_IO, "no space left on %s", conn->place);
	error_hint(&full, "git mlv gc --cloud, or free space there");
	return refuse(transfer, full, true);
}

/* Somebody else may have sent it meanwhile. What is to be replaced proves nothing by being there. */
static struct verdict judge_check(struct transfer *transfer, const struct reply *reply, const GError *error)
{
	struct put *put = transfer->state;
	if (error_is(error, ERROR_TRANSIENT))
		return sftp_judge_error(error);
	if (!error && !put->hopeless && !put->replace && sftp_is_sound(transfer, reply->size)) {
		transfer->sent = true;
		return (struct verdict){VERDICT_DONE};
	}
	if (put->hopeless || put->made_dirs)
		return give_up(transfer);
	put->replace = put->replace || !error;
	put->made_dirs = true;
	put->path = put->temp;
	put->slash = strchr(put->temp, '/');
	return next(transfer, PUT_DIRS);
}

/* Directories that are there fail in some general way. */
static struct verdict judge_dirs(struct transfer *transfer, const GError *error)
{
	struct put *put = transfer->state;
	if (error_is(error, ERROR_TRANSIENT))
		return sftp_judge_error(error);
	if (error_is(error, ERROR_DENIED) || error_is(error, ERROR_NOT_FOUND))
		return refuse(transfer, error, true);
	put->slash = strchr(put->slash + 1, '/');
	if (!put->slash && put->path == put->temp) {
		put->path = transfer->key;
		put->slash = strchr(put->path, '/');
	}
	put->offset = 0;
	return next(transfer, put->slash ? PUT_DIRS : PUT_SEND);
}

struct verdict sftp_judge_put(struct remote_conn *conn, struct transfer *transfer, const struct reply *reply,
			      const GError *error)
{
	switch ((enum put_stage)transfer->stage) {
	case PUT_LOOK:
		return judge_look(conn, transfer, reply, error);
	case PUT_LOAD:
		return error ? sftp_judge_error(error) : next(transfer, PUT_SEND);
	case PUT_FIND:
		return judge_find(conn, transfer, reply, error);
	case PUT_CLAIM:
		return error_is(error, ERROR_TRANSIENT) ? again(transfer, error)
							: next(transfer, error ? PUT_SEND : PUT_SIZE);
	case PUT_SIZE:
		return judge_size(transfer, reply, error);
	case PUT_HASH:
		return error ? refuse(transfer, error, true)
			     : next(transfer, ((struct put *)transfer->state)->kept ? PUT_PROVE : PUT_NAME);
	case PUT_PROVE:
		return judge_prove(conn, transfer, error);
	case PUT_SEND:
		return judge_send(conn, transfer, error);
	case PUT_NAME:
		return judge_name(conn, transfer, error);
	case PUT_SPACE:
		return judge_space(conn, transfer, reply, error);
	case PUT_CHECK:
		return judge_check(transfer, reply, error);
	case PUT_DIRS:
		break;
	}
	return judge_dirs(transfer, error);
}
