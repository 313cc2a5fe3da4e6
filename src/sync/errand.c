#include "sync/errand.h"

#include "base/error.h"
#include "base/file.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* One transfer as the whole work of a run. */
struct errand {
	struct transfer *transfer;
	bool begun;
};

static struct transfer *next(void *user)
{
	struct errand *errand = user;
	bool begun = errand->begun;
	errand->begun = true;
	return begun ? NULL : errand->transfer;
}

static void done(struct transfer *transfer, void *user)
{
	(void)transfer;
	(void)user;
}

bool errand_run(struct sync_session *session, struct transfer *transfer, GError **error)
{
	struct errand errand = {transfer, false};
	struct engine_work work = {next, done, &errand};
	if (!engine_run(session->engine, session->remote, &work, error))
		return false;
	if (transfer->status != TRANSFER_FAILED)
		return true;
	g_propagate_error(error, g_steal_pointer(&transfer->error));
	return false;
}

/* The bytes of a transfer, in its user pointer. */
struct load {
	int fd; /* in memory */
	GBytes *bytes;
	size_t limit;
};

static int load_open(struct transfer *transfer, GError **error)
{
	const struct load *load = transfer->user;
	gsize length = 0;
	const char *data = load->bytes ? g_bytes_get_data(load->bytes, &length) : NULL;
	auto_fd int fd = memfd_create("mlv", MFD_CLOEXEC);
	if (fd < 0) {
		error_set_errno(error, errno, "make room in memory");
		return -1;
	}
	if (!file_write_all(fd, data, length, error) || lseek(fd, 0, SEEK_SET) < 0)
		return -1;
	return fd_steal(&fd);
}

/* Take what came out of the file in memory. */
static bool take(struct load *load, int fd, GError **error)
{
	struct stat st;
	if (fstat(fd, &st) < 0 || (uint64_t)st.st_size > load->limit) {
		error_set(error, ERROR_UNSAFE, "is longer than %zu bytes", load->limit);
		return false;
	}
	char *data = g_malloc((gsize)st.st_size + 1);
	ssize_t got = pread(fd, data, (size_t)st.st_size, 0);
	load->bytes = g_bytes_new_take(data, got > 0 ? (gsize)got : 0);
	return true;
}

static bool load_close(struct transfer *transfer, int fd, bool whole, GError **error)
{
	bool fine = transfer->kind == TRANSFER_PUT || !whole || take(transfer->user, fd, error);
	close(fd);
	return fine;
}

static const struct transfer_end load_end = {.open = load_open, .close = load_close};

bool errand_put(struct sync_session *session, const char *key, const char *text, GError **error)
{
	autoptr(transfer) transfer = transfer_new(TRANSFER_PUT, key);
	g_autoptr(GBytes) bytes = g_bytes_new(text, strlen(text));
	struct load load = {.bytes = bytes};
	transfer->size = strlen(text);
	transfer->replace = true;
	transfer->end = &load_end;
	transfer->user = &load;
	return errand_run(session, transfer, error);
}

GBytes *errand_get(struct sync_session *session, const char *key, const struct oid *oid, size_t limit, GError **error)
{
	autoptr(transfer) transfer = transfer_new(TRANSFER_GET, key);
	struct load load = {.limit = limit};
	transfer->oid = *oid;
	transfer->end = &load_end;
	transfer->user = &load;
	bool fine = errand_run(session, transfer, error);
	if (fine && transfer->status == TRANSFER_ABSENT)
		g_propagate_error(error, g_steal_pointer(&transfer->error));
	else if (fine)
		return load.bytes;
	if (load.bytes)
		g_bytes_unref(load.bytes);
	return NULL;
}
