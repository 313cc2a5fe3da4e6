#include "backend/folder.h"

#include "backend/folder-int.h"
#include "base/error.h"
#include "base/file.h"
#include "base/path.h"
#include "base/walk.h"
#include "hash/digest.h"
#include "remote/stream.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

/* Steps of a PUT: the bytes to a temporary file; after a flush its name; after another flush it is done. */
enum put_stage { PUT_COPY, PUT_PUBLISH };

/* What folder_inspect() found under a key. */
enum found { FOUND_NOTHING, FOUND_SOUND, FOUND_DAMAGED, FOUND_ERROR };

/* Errors of network file systems that heal when the server is back. */
static bool is_transient(int errnum)
{
	return errnum == ESTALE || errnum == ETIMEDOUT || errnum == EAGAIN || errnum == EBUSY || errnum == EHOSTDOWN ||
	       errnum == EHOSTUNREACH || errnum == ENETDOWN || errnum == ENETUNREACH || errnum == ECONNRESET;
}

/* Report errno about a key: "write '/remote/files/…': No space left on device". */
static bool fail(const struct remote_conn *conn, const char *what, const char *key, GError **error)
{
	int errnum = errno;
	if (is_transient(errnum))
		error_set(error, ERROR_TRANSIENT, "%s '%s/%s': %s", what, conn->root, key, g_strerror(errnum));
	else
		error_set_errno(error, errnum, "%s '%s/%s'", what, conn->root, key);
	if (errnum == ENOSPC || errnum == EDQUOT)
		error_hint(error, "git mlv gc --cloud, or free space in '%s'", conn->root);
	return false;
}

/* Say about which key an error without a path is. */
static bool fail_prefixed(const struct remote_conn *conn, const char *what, const char *key, GError **error)
{
	g_prefix_error(error, "%s '%s/%s': ", what, conn->root, key);
	return false;
}

/* Open a regular file; -1 with errno. O_NONBLOCK: a fifo in its place must not stop us. */
static int open_regular(const struct remote_conn *conn, const char *key, struct stat *st)
{
	auto_fd int fd = openat(conn->fd, key, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (fd < 0 || fstat(fd, st) < 0)
		return -1;
	if (!S_ISREG(st->st_mode)) {
		errno = S_ISDIR(st->st_mode) ? EISDIR : EINVAL;
		return -1;
	}
	return fd_steal(&fd);
}

/* Hash a file that does not look sound. One that is right gets the mode back by which everybody trusts it. */
static enum found inspect_bytes(const struct remote_conn *conn, const struct transfer *transfer, GError **error)
{
	struct stat st;
	struct oid oid;
	auto_fd int fd = open_regular(conn, transfer->key, &st);
	if (fd < 0 && errno != EACCES && errno != EPERM && !is_transient(errno))
		return errno == ENOENT ? FOUND_NOTHING : FOUND_DAMAGED;
	if (fd < 0) {
		fail(conn, "read", transfer->key, error);
		return FOUND_ERROR;
	}
	if (!digest_fd(fd, transfer->oid.algo, &oid, NULL, error)) {
		fail_prefixed(conn, "read", transfer->key, error);
		return FOUND_ERROR;
	}
	oid.dir = transfer->oid.dir;
	if (!oid_equal(&oid, &transfer->oid))
		return FOUND_DAMAGED;
	if (remote_mode_sends(conn->mode))
		(void)!fchmod(fd, 0444); /* another user's file stays as it is */
	return FOUND_SOUND;
}

static enum found inspect(const struct remote_conn *conn, struct transfer *transfer, GError **error)
{
	struct stat st;
	if (fstatat(conn->fd, transfer->key, &st, AT_SYMLINK_NOFOLLOW) < 0) {
		if (errno == ENOENT || errno == ENOTDIR)
			return FOUND_NOTHING;
		fail(conn, "look at", transfer->key, error);
		return FOUND_ERROR;
	}
	transfer->found_size = (uint64_t)st.st_size;
	bool right_size = transfer->size == TRANSFER_ANY_SIZE || transfer->size == (uint64_t)st.st_size;
	if (S_ISREG(st.st_mode) && (oid_is_none(&transfer->oid) || (right_size && !(st.st_mode & 0222))))
		return FOUND_SOUND;
	return oid_is_none(&transfer->oid) ? FOUND_DAMAGED : inspect_bytes(conn, transfer, error);
}

static bool job_stat(struct remote_conn *conn, struct transfer *transfer, unsigned part, GError **error)
{
	(void)part;
	enum found found = inspect(conn, transfer, error);
	transfer->damaged = found == FOUND_DAMAGED;
	if (found == FOUND_ERROR)
		return false;
	transfer->stage = found == FOUND_SOUND;
	return true;
}

static bool job_get(struct remote_conn *conn, struct transfer *transfer, unsigned part, GError **error)
{
	(void)part;
	struct stat st;
	auto_fd int fd = open_regular(conn, transfer->key, &st);
	if (fd < 0)
		return fail(conn, "open", transfer->key, error);
	if (!stream_restart(transfer->stream, error) || !stream_copy(transfer->stream, fd, error))
		return fail_prefixed(conn, "fetch", transfer->key, error);
	return true;
}

/* The bytes into a temporary file, checked on the way. */
static bool write_temp(struct remote_conn *conn, struct transfer *transfer, const char *name, GError **error)
{
	auto_fd int fd = openat(conn->batch, name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0444);
	if (fd < 0)
		return fail(conn, "create a file for", transfer->key, error);
	if (!stream_restart(transfer->stream, error) || !stream_copy(transfer->stream, fd, error) ||
	    !stream_verify(transfer->stream, error))
		return fail_prefixed(conn, "write", transfer->key, error);
	struct stat st; /* asking is cheaper than setting: only a umask makes it necessary */
	if (fstat(fd, &st) < 0 || ((st.st_mode & 07777) != 0444 && fchmod(fd, 0444) < 0) || close(fd_steal(&fd)) < 0)
		return fail(conn, "write", transfer->key, error);
	return true;
}

static bool job_put_copy(struct remote_conn *conn, struct transfer *transfer, unsigned part, GError **error)
{
	(void)part;
	enum found found = transfer->replace ? FOUND_NOTHING : inspect(conn, transfer, error);
	if (found == FOUND_ERROR || found == FOUND_SOUND)
		return found == FOUND_SOUND;
	if (!folder_batch_open(conn, error))
		return false;
	g_autofree char *name = folder_batch_name(conn);
	if (!write_temp(conn, transfer, name, error)) {
		unlinkat(conn->batch, name, 0);
		return false;
	}
	transfer->state = g_steal_pointer(&name);
	transfer->sent = true;
	return true;
}

/* Rename, making the directories of `to` if they are missing. errno on failure. */
static bool rename_into(const struct remote_conn *conn, int from_dir, const char *from, const char *to)
{
	if (renameat(from_dir, from, conn->fd, to) == 0)
		return true;
	return errno == ENOENT && folder_make_parents(conn, to) && renameat(from_dir, from, conn->fd, to) == 0;
}

static bool job_put_publish(struct remote_conn *conn, struct transfer *transfer, unsigned part, GError **error)
{
	(void)part;
	if (!rename_into(conn, conn->batch, transfer->state, transfer->key))
		return fail(conn, "create", transfer->key, error);
	g_clear_pointer(&transfer->state, g_free);
	return true;
}

static bool job_move(struct remote_conn *conn, struct transfer *transfer, unsigned part, GError **error)
{
	(void)part;
	struct stat st;
	if (fstatat(conn->fd, transfer->key, &st, AT_SYMLINK_NOFOLLOW) < 0 ||
	    !rename_into(conn, conn->fd, transfer->key, transfer->to))
		return fail(conn, "move", transfer->key, error);
	if (g_str_has_prefix(transfer->key, FOLDER_OURS))
		folder_prune_parents(conn, transfer->key);
	return true;
}

static bool job_delete(struct remote_conn *conn, struct transfer *transfer, unsigned part, GError **error)
{
	(void)part;
	if (unlinkat(conn->fd, transfer->key, 0) < 0)
		return fail(conn, "delete", transfer->key, error);
	if (g_str_has_prefix(transfer->key, FOLDER_OURS))
		folder_prune_parents(conn, transfer->key);
	return true;
}

/* Leave out what is ours and is not part of what the remote holds. */
static enum walk_verdict skip_ours(const char *path, enum walk_kind kind, void *user)
{
	(void)kind;
	(void)user;
	return strcmp(path, ".mlv") == 0 ? WALK_SKIP : WALK_KEEP;
}

static bool job_list(struct remote_conn *conn, struct transfer *transfer, unsigned part, GError **error)
{
	(void)part;
	size_t length = strlen(transfer->key);
	g_autofree char *dir = g_strndup(transfer->key, length ? length - 1 : 0);
	g_autoptr(GError) why = NULL;
	autoptr(walk) walk = walk_tree(conn->fd, dir, length ? NULL : skip_ours, NULL, 1, &why);
	if (!walk && error_is(why, ERROR_NOT_FOUND))
		return true; /* a prefix under which there is nothing */
	if (!walk) {
		g_propagate_error(error, g_steal_pointer(&why));
		return fail_prefixed(conn, "list", transfer->key, error);
	}
	for (size_t i = 0; i < walk_count(walk); i++) {
		const struct walk_entry *entry = walk_get(walk, i);
		if (entry->kind != WALK_FILE)
			continue;
		g_autofree char *key = path_join(dir, entry->path);
		transfer_found(transfer, key, entry->stamp.size);
	}
	return true;
}

static void folder_shape(struct remote_conn *conn, struct transfer *transfer, unsigned part, struct step *step)
{
	(void)part;
	(void)conn;
	step->kind = STEP_JOB;
	switch (transfer->kind) {
	case TRANSFER_STAT:
		step->job = job_stat;
		break;
	case TRANSFER_GET:
		step->job = job_get;
		break;
	case TRANSFER_PUT:
		step->job = transfer->stage == PUT_COPY ? job_put_copy : job_put_publish;
		break;
	case TRANSFER_DELETE:
		step->job = job_delete;
		break;
	case TRANSFER_MOVE:
		step->job = job_move;
		break;
	case TRANSFER_LIST:
		step->job = job_list;
		break;
	}
}

static struct verdict judge_error(const struct transfer *transfer, const GError *error)
{
	if (error_is(error, ERROR_NOT_FOUND) && transfer->kind != TRANSFER_PUT)
		return (struct verdict){VERDICT_ABSENT};
	if (error_is(error, ERROR_TRANSIENT))
		return (struct verdict){VERDICT_RETRY};
	return (struct verdict){VERDICT_BROKEN};
}

static struct verdict folder_judge(struct remote_conn *conn, struct transfer *transfer, unsigned part,
				   const struct reply *reply)
{
	(void)part;
	(void)conn;
	if (reply->error)
		return judge_error(transfer, reply->error);
	switch (transfer->kind) {
	case TRANSFER_STAT:
		return (struct verdict){transfer->stage ? VERDICT_DONE : VERDICT_ABSENT};
	case TRANSFER_PUT:
		if (!transfer->sent)
			return (struct verdict){VERDICT_DONE};
		if (transfer->stage == PUT_PUBLISH)
			return (struct verdict){VERDICT_DONE, .after_flush = true};
		transfer->stage = PUT_PUBLISH;
		return (struct verdict){VERDICT_NEXT, .after_flush = true};
	case TRANSFER_DELETE:
	case TRANSFER_MOVE:
		return (struct verdict){VERDICT_DONE, .after_flush = true};
	case TRANSFER_GET:
	case TRANSFER_LIST:
		break;
	}
	return (struct verdict){VERDICT_DONE};
}

static bool folder_flush(struct remote_conn *conn, GError **error)
{
	return file_sync_fs(conn->fd, error) || fail_prefixed(conn, "make durable", "", error);
}

static void folder_forget(struct remote_conn *conn, struct transfer *transfer)
{
	if (transfer->state)
		unlinkat(conn->batch, transfer->state, 0);
	g_clear_pointer(&transfer->state, g_free);
}

#define FOLDER_ABILITIES (REMOTE_CAN_LIST | REMOTE_CAN_DELETE | REMOTE_CHEAP_STAT)

const struct remote_ops remote_folder = {
	.scheme = "",
	.abilities = FOLDER_ABILITIES,
	.open = folder_open,
	.close = folder_close,
	.shape = folder_shape,
	.judge = folder_judge,
	.flush = folder_flush,
	.forget = folder_forget,
};

const struct remote_ops remote_folder_file = {
	.scheme = "file",
	.abilities = FOLDER_ABILITIES,
	.open = folder_open,
	.close = folder_close,
	.shape = folder_shape,
	.judge = folder_judge,
	.flush = folder_flush,
	.forget = folder_forget,
};
