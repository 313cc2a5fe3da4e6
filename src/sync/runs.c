#include "sync/runs.h"

#include "base/error.h"
#include "base/file.h"
#include "format/run-entry.h"
#include "store/presence.h"
#include "store/runs.h"
#include "sync/session.h"
#include "sync/sync-int.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>

/* What one transfer of the run cache needs. */
struct runs {
	struct workspace *ws;
	struct sync_session *session;
	const struct sync_options *options;
	struct sync_result *result;
	GHashTable *there;  /* char * "runs/…" on the remote -> struct transfer_item, both borrowed from listing */
	struct transfer *listing;
	GPtrArray *list; /* of struct run, owned: what is to be moved */
	guint next;
	struct runs_writer *writer; /* fetch */
	GPtrArray *wants;           /* fetch */
};

/* One run on its way. */
struct run {
	char *path; /* below the root of store and remote */
	uint64_t size;
	bool replace;  /* what is there has another size */
	char *text;    /* fetch: what came */
	size_t length;
};

static void run_free(gpointer data)
{
	struct run *run = data;
	g_free(run->path);
	g_free(run->text);
	g_free(run);
}

static struct run *add_run(struct runs *runs, const char *path, uint64_t size)
{
	struct run *run = g_new0(struct run, 1);
	run->path = g_strdup(path);
	run->size = size;
	g_ptr_array_add(runs->list, run);
	return run;
}

static void fail(struct runs *runs, const char *path, GError *error)
{
	const struct oid none = {0};
	sync_result_fail(runs->result, path, &none, error);
}

/* Want what a run made. */
static void want_outputs(GPtrArray *wants, struct store *store, const struct lockfile *lockfile, bool whole)
{
	const struct lockfile_stage *entry = g_ptr_array_index(lockfile->stages, 0);
	for (guint i = 0; i < entry->outs->len; i++) {
		const struct entry *out = g_ptr_array_index(entry->outs, i);
		/* the object of a 2.x hash may have other line ends, thus another size */
		uint64_t size = out->has_size && out->oid.algo != OID_MD5_2X ? out->size : STORE_ANY_SIZE;
		if (!whole || presence_whole(store, &out->oid, size))
			sync_wants_add(wants, &out->oid, size, out->path, "", NULL)->optional = true;
	}
}

/* Read an entry of the store, as far as it is one. */
static struct lockfile *read_entry(struct workspace *ws, struct store *store, const char *key, const char *value)
{
	size_t length;
	g_autofree char *text = runs_read(store, key, value, &length, NULL);
	return text ? run_entry_read(text, length, value, value, ws->dialect, NULL) : NULL;
}

/* What visiting the runs of the store needs. */
struct gather {
	struct workspace *ws;
	struct store *store;
	GPtrArray *wants;
};

static bool gather_one(const char *key, const char *value, uint64_t size, void *user, GError **error)
{
	const struct gather *gather = user;
	autoptr(lockfile) lockfile = read_entry(gather->ws, gather->store, key, value);
	(void)size;
	(void)error;
	if (lockfile)
		want_outputs(gather->wants, gather->store, lockfile, true);
	return true;
}

bool sync_wants_from_runs(GPtrArray *wants, struct workspace *ws, GError **error)
{
	struct gather gather = {ws, workspace_store(ws, error), wants};
	return gather.store && runs_each(gather.store, gather_one, &gather, error);
}

static struct transfer *next_listing(void *user)
{
	struct runs *runs = user;
	return runs->next++ ? NULL : transfer_new(TRANSFER_LIST, RUNS_FOLDER "/");
}

static void listed(struct transfer *transfer, void *user)
{
	((struct runs *)user)->listing = transfer;
}

/* Ask the remote for what it has. */
static bool list_remote(struct runs *runs, GError **error)
{
	struct engine_work work = {next_listing, listed, runs};
	struct sync_session *session = runs->session;
	if (!sync_session_connect(session, error))
		return false;
	if (!session->remote)
		return true;
	if (!remote_can(session->remote, REMOTE_CAN_LIST)) {
		error_set(error, ERROR_USAGE, "remote '%s' cannot list what it has, as the run cache needs",
			  session->spec->name);
		error_hint(error, "go without --run-cache, or name another remote with -r");
		return false;
	}
	if (!engine_run(session->engine, session->remote, &work, error))
		return false;
	if (runs->listing->status == TRANSFER_FAILED) {
		g_propagate_error(error, g_steal_pointer(&runs->listing->error));
		return false;
	}
	for (guint i = 0; runs->listing->items && i < runs->listing->items->len; i++) {
		struct transfer_item *item = g_ptr_array_index(runs->listing->items, i);
		g_hash_table_insert(runs->there, item->key, item);
	}
	return true;
}

static int source_open(struct transfer *transfer, GError **error)
{
	const struct runs *runs = transfer->user;
	return file_open_beneath(runs->session->store->fd, transfer->key, O_RDONLY, 0, error);
}

static bool source_close(struct transfer *transfer, int fd, bool whole, GError **error)
{
	(void)transfer;
	(void)whole;
	(void)error;
	close(fd);
	return true;
}

static const struct transfer_end from_store = {.open = source_open, .close = source_close};

/* Into memory: it is looked at before it gets a name. */
static int target_open(struct transfer *transfer, GError **error)
{
	int fd = memfd_create("run", MFD_CLOEXEC);
	(void)transfer;
	if (fd < 0)
		error_set_errno(error, errno, "make a file in memory");
	return fd;
}

static bool target_close(struct transfer *transfer, int fd, bool whole, GError **error)
{
	struct run *run = transfer->user;
	auto_fd int owned = fd;
	struct stat st;
	if (!whole)
		return true;
	if (fstat(owned, &st) < 0 || (uint64_t)st.st_size > RUNS_SIZE_LIMIT) {
		error_set(error, ERROR_UNSAFE, "'%s' is too large for a run", run->path);
		return false;
	}
	run->length = (size_t)st.st_size;
	run->text = g_malloc(run->length + 1);
	run->text[run->length] = '\0';
	if (pread(owned, run->text, run->length, 0) == (ssize_t)run->length)
		return true;
	error_set_errno(error, errno, "read '%s'", run->path);
	return false;
}

static const struct transfer_end to_memory = {.open = target_open, .close = target_close};

/* Send them */

static struct transfer *next_put(void *user)
{
	struct runs *runs = user;
	if (runs->next >= runs->list->len)
		return NULL;
	const struct run *run = g_ptr_array_index(runs->list, runs->next++);
	struct transfer *transfer = transfer_new(TRANSFER_PUT, run->path);
	transfer->size = run->size;
	transfer->replace = run->replace;
	transfer->absent = !run->replace;
	transfer->end = &from_store;
	transfer->user = runs;
	transfer->label = run->path;
	return transfer;
}

static void put_done(struct transfer *transfer, void *user)
{
	struct runs *runs = user;
	if (transfer->status == TRANSFER_DONE) {
		runs->result->objects++;
		runs->result->bytes += transfer->found_size;
	} else if (transfer->error && !error_is(transfer->error, ERROR_CANCELLED)) {
		fail(runs, transfer->key, g_steal_pointer(&transfer->error));
	}
	watch_advance(runs->session->watch, transfer->label, 1, 0);
	transfer_free(transfer);
}

/* Plan to send a run of the store unless the remote has one of that size. */
static bool plan_put(const char *key, const char *value, uint64_t size, void *user, GError **error)
{
	struct runs *runs = user;
	g_autofree char *path = runs_path(key, value);
	const struct transfer_item *item = g_hash_table_lookup(runs->there, path);
	(void)error;
	if (item && (item->size == size || item->size == TRANSFER_ANY_SIZE))
		runs->result->present++;
	else
		add_run(runs, path, size)->replace = item;
	return true;
}

/* Fetch them */

static struct transfer *next_get(void *user)
{
	struct runs *runs = user;
	if (runs->next >= runs->list->len)
		return NULL;
	struct run *run = g_ptr_array_index(runs->list, runs->next++);
	struct transfer *transfer = transfer_new(TRANSFER_GET, run->path);
	transfer->size = run->size;
	transfer->end = &to_memory;
	transfer->user = run;
	transfer->label = run->path;
	return transfer;
}

/* Keep what came if it is what its name says. */
static bool keep(struct runs *runs, const struct run *run, GError **error)
{
	char key[RUNS_HEX + 1], text[RUN_ENTRY_HEX + 1];
	const char *value;
	if (!runs_parse(run->path, key, &value)) {
		error_set(error, ERROR_CORRUPT, "'%s' is no name of a run", run->path);
		return false;
	}
	autoptr(lockfile) lockfile =
		run_entry_read(run->text, run->length, run->path, value, runs->ws->dialect, error);
	if (!lockfile)
		return false;
	const struct lockfile_stage *entry = g_ptr_array_index(lockfile->stages, 0);
	run_entry_key(entry, runs->ws->dialect, false, text);
	bool named = strcmp(text, key) == 0;
	run_entry_key(entry, runs->ws->dialect, true, text);
	if (!named || strcmp(text, value) != 0) {
		error_set(error, ERROR_CORRUPT, "what remote '%s' has as '%s' is another run",
			  runs->session->spec->name, run->path);
		return false;
	}
	want_outputs(runs->wants, runs->session->store, lockfile, false);
	return runs_add(runs->writer, key, value, run->text, run->length, error);
}

static void get_done(struct transfer *transfer, void *user)
{
	struct runs *runs = user;
	struct run *run = transfer->user;
	g_autoptr(GError) error = g_steal_pointer(&transfer->error);
	if (transfer->status == TRANSFER_DONE && keep(runs, run, &error)) {
		runs->result->objects++;
		runs->result->bytes += run->length;
	} else if (error && !error_is(error, ERROR_CANCELLED)) {
		fail(runs, run->path, g_steal_pointer(&error));
	}
	watch_advance(runs->session->watch, transfer->label, 1, 0);
	g_clear_pointer(&run->text, g_free);
	transfer_free(transfer);
}

/* Plan to fetch a run that the remote has, unless it is here. */
static void plan_get(struct runs *runs, const struct transfer_item *item)
{
	struct store *store = runs->session->store;
	char key[RUNS_HEX + 1];
	const char *value;
	if (!runs_parse(item->key, key, &value))
		return;
	autoptr(lockfile) lockfile = read_entry(runs->ws, store, key, value);
	if (lockfile) {
		want_outputs(runs->wants, store, lockfile, false);
		runs->result->present++;
	} else if (item->size != TRANSFER_ANY_SIZE && item->size > RUNS_SIZE_LIMIT) {
		GError *error = NULL;
		error_set(&error, ERROR_UNSAFE, "'%s' is too large for a run", item->key);
		fail(runs, item->key, error);
	} else {
		add_run(runs, item->key, item->size);
	}
}

/* Move what was planned, or tell what would be. */
static bool move(struct runs *runs, const char *what, struct engine_work *work, GError **error)
{
	const struct oid none = {0};
	runs->next = 0;
	if (!runs->options->dry_run) {
		watch_begin(runs->session->watch, what, runs->list->len, 0);
		bool fine = !runs->list->len || engine_run(runs->session->engine, runs->session->remote, work, error);
		watch_end(runs->session->watch);
		return fine;
	}
	for (guint i = 0; i < runs->list->len; i++) {
		const struct run *run = g_ptr_array_index(runs->list, i);
		uint64_t size = run->size == TRANSFER_ANY_SIZE ? 0 : run->size;
		runs->result->objects++;
		runs->result->bytes += size;
		if (runs->options->visit)
			runs->options->visit(run->path, &none, size, runs->options->user);
	}
	return true;
}

static void runs_init(struct runs *runs)
{
	runs->there = g_hash_table_new(g_str_hash, g_str_equal);
	runs->list = g_ptr_array_new_with_free_func(run_free);
}

static void runs_clear(struct runs *runs)
{
	g_clear_pointer(&runs->writer, runs_end);
	g_hash_table_unref(runs->there);
	g_ptr_array_unref(runs->list);
	g_clear_pointer(&runs->listing, transfer_free);
}

bool sync_push_runs(struct workspace *ws, const struct sync_options *options, struct sync_result *result, GError **error)
{
	enum session_mode mode = options->dry_run ? SESSION_LOOK : SESSION_WRITE;
	autoptr(sync_session) session = sync_session_open(ws, options->remote, mode, options, error);
	struct runs runs = {.ws = ws, .session = session, .options = options, .result = result};
	struct engine_work work = {next_put, put_done, &runs};
	if (!session)
		return false;
	runs_init(&runs);
	bool fine = list_remote(&runs, error) && runs_each(session->store, plan_put, &runs, error) &&
		    move(&runs, "Sending runs", &work, error);
	runs_clear(&runs);
	if (!fine)
		sync_hint_at_rest(error, "git mlv push --run-cache");
	return fine;
}

bool sync_fetch_runs(struct workspace *ws, GPtrArray *wants, const struct sync_options *options,
		     struct sync_result *result, GError **error)
{
	autoptr(sync_session) session = sync_session_open(ws, options->remote, SESSION_READ, options, error);
	struct runs runs = {.ws = ws, .session = session, .options = options, .result = result, .wants = wants};
	struct engine_work work = {next_get, get_done, &runs};
	if (!session)
		return false;
	runs_init(&runs);
	bool fine = list_remote(&runs, error);
	for (guint i = 0; fine && runs.listing && runs.listing->items && i < runs.listing->items->len; i++)
		plan_get(&runs, g_ptr_array_index(runs.listing->items, i));
	if (fine && runs.list->len && !options->dry_run) {
		runs.writer = runs_begin(session->store, error);
		fine = runs.writer;
	}
	fine = fine && move(&runs, "Fetching runs", &work, error);
	runs_clear(&runs);
	if (!fine)
		sync_hint_at_rest(error, "git mlv fetch --run-cache");
	return fine;
}
