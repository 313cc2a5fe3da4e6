#include "kit.h"

#include "base/file.h"
#include "hash/digest.h"
#include "remote/layout.h"

#include <sys/mman.h>
#include <sys/stat.h>

static int load_open(struct transfer *transfer, GError **error)
{
	struct load *load = transfer->user;
	int fd = memfd_create("load", MFD_CLOEXEC);
	g_assert_cmpint(fd, >=, 0);
	if (transfer->kind == TRANSFER_PUT) {
		gsize length;
		const void *data = g_bytes_get_data(load->bytes, &length);
		g_assert_true(file_write_all(fd, data, length, error));
		g_assert_cmpint(lseek(fd, 0, SEEK_SET), ==, 0);
	}
	return fd;
}

static bool load_close(struct transfer *transfer, int fd, bool whole, GError **error)
{
	(void)error;
	struct load *load = transfer->user;
	if (transfer->kind == TRANSFER_GET && whole) {
		struct stat st;
		g_assert_cmpint(fstat(fd, &st), ==, 0);
		char *data = g_malloc((gsize)st.st_size + 1);
		g_assert_cmpint(pread(fd, data, (size_t)st.st_size, 0), ==, st.st_size);
		load->bytes = g_bytes_new_take(data, (gsize)st.st_size);
	}
	load->dropped = transfer->kind == TRANSFER_GET && !whole;
	close(fd);
	return true;
}

const struct transfer_end load_end = {.open = load_open, .close = load_close, .seekable = true};

struct oid kit_oid(const void *data, size_t length)
{
	struct oid oid;
	digest_bytes(data, length, OID_SHA256, &oid);
	return oid;
}

struct transfer *kit_transfer(enum transfer_kind kind, const void *data, size_t length)
{
	struct oid oid = kit_oid(data, length);
	g_autofree char *key = layout_key(&oid);
	struct transfer *transfer = transfer_new(kind, key);
	transfer->oid = oid;
	transfer->size = length;
	return transfer;
}

struct transfer *kit_put(struct load *load, const void *data, size_t length)
{
	struct transfer *transfer = kit_transfer(TRANSFER_PUT, data, length);
	load->bytes = g_bytes_new(data, length);
	transfer->end = &load_end;
	transfer->user = load;
	return transfer;
}

struct transfer *kit_get(struct load *load, const void *data, size_t length)
{
	struct transfer *transfer = kit_transfer(TRANSFER_GET, data, length);
	*load = (struct load){NULL};
	transfer->end = &load_end;
	transfer->user = load;
	return transfer;
}

void load_clear(struct load *load)
{
	g_clear_pointer(&load->bytes, g_bytes_unref);
}

struct engine *kit_engine(void)
{
	g_autoptr(GError) error = NULL;
	struct engine_options options = {.jobs = 4, .attempts = 3, .backoff_ms = 2};
	struct engine *engine = engine_new(&options, &error);
	g_assert_no_error(error);
	return engine;
}

/* Where kit_run_all() stands. */
struct progress {
	GPtrArray *transfers;
	guint next, done;
};

static struct transfer *next(void *user)
{
	struct progress *progress = user;
	return progress->next < progress->transfers->len ? g_ptr_array_index(progress->transfers, progress->next++)
							 : NULL;
}

static void done(struct transfer *transfer, void *user)
{
	struct progress *progress = user;
	g_assert_cmpint(transfer->status, !=, TRANSFER_PENDING);
	g_assert_true((transfer->status == TRANSFER_FAILED) <= (transfer->error != NULL));
	g_assert_true(transfer->status != TRANSFER_DONE || !transfer->error);
	progress->done++;
}

bool kit_run_all(struct engine *engine, struct remote *remote, GPtrArray *transfers, GError **error)
{
	struct progress progress = {transfers, 0, 0};
	struct engine_work work = {next, done, &progress};
	bool fine = engine_run(engine, remote, &work, error);
	g_assert_cmpuint(progress.done, ==, progress.next);
	g_assert_true(!fine || progress.next == transfers->len);
	return fine;
}

enum transfer_status kit_run(struct engine *engine, struct remote *remote, struct transfer *transfer)
{
	g_autoptr(GPtrArray) one = g_ptr_array_new();
	g_ptr_array_add(one, transfer);
	kit_run_all(engine, remote, one, NULL);
	return transfer->status;
}
