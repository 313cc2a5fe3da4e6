#include "pipeline/slurm-run.h"

#include "pipeline/slurm-call.h"
#include "pipeline/slurm-resources.h"

#include "base/error.h"
#include "base/file.h"
#include "base/path.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

/* A run is made under the first name, lives under the second, and dies under the third. */
#define NEW "new-"
#define RUN "run-"
#define LOCK_FILE "/lock"

/* More than any exit status takes. */
#define STATUS_LIMIT 64

/* Jobs that are submitted together. */
struct bundle {
	const char *group; /* NULL: a job by itself */
	const char *after; /* NULL: nothing */
	char **options;
	GPtrArray *wishes; /* of const struct slurm_wish, borrowed */
	guint first;     /* number of the first; the others follow */
	char *id;
};

static void bundle_free(void *data)
{
	struct bundle *bundle = data;

	g_strfreev(bundle->options);
	g_ptr_array_unref(bundle->wishes);
	g_free(bundle->id);
	g_free(bundle);
}

void slurm_job_free(void *data)
{
	struct slurm_job *job = data;

	g_free(job->id);
	g_free(job);
}

char *slurm_base_id(const char *id)
{
	return g_strndup(id, strcspn(id, "_"));
}

struct slurm_run *slurm_run_new(const char *state_dir, GError **error)
{
	g_autofree char *parent = path_join(state_dir, "slurm"), *fresh = path_join(parent, NEW "XXXXXX"), *lock = NULL;
	autoptr(slurm_run) run = g_new0(struct slurm_run, 1);

	run->array_limit = slurm_array_limit(error);
	if (!run->array_limit || !file_make_dirs(parent, error))
		return NULL;
	run->shell = exec_shell();
	run->ids = g_ptr_array_new_with_free_func(g_free);
	if (!g_mkdtemp_full(fresh, 0700)) {
		error_set_errno(error, errno, "create a folder in '%s'", parent);
		return NULL;
	}
	/* Whoever sweeps passes over it until it has its lock. */
	lock = g_strconcat(fresh, LOCK_FILE, NULL);
	run->lock = lock_take(lock, LOCK_EXCLUSIVE, 0, "git mlv repro", NULL, NULL, error);
	if (!run->lock)
		return NULL;
	run->dir = g_strconcat(parent, "/" RUN, path_base(fresh) + strlen(NEW), NULL);
	if (rename(fresh, run->dir) == 0)
		return g_steal_pointer(&run);
	error_set_errno(error, errno, "rename '%s'", fresh);
	return NULL;
}

void slurm_run_remove(const char *dir)
{
	g_autofree char *parent = path_parent(dir);
	auto_fd int fd = open(parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	/* What stays is swept another time. */
	if (fd >= 0)
		file_remove_tree(fd, path_base(dir), NULL);
}

void slurm_run_free(struct slurm_run *run)
{
	if (!run)
		return;
	if (run->dir && run->lock && !run->stays)
		slurm_run_remove(run->dir);
	lock_free(run->lock);
	if (run->ids)
		g_ptr_array_unref(run->ids);
	g_strfreev(run->shell);
	g_free(run->dir);
	g_free(run);
}

/* Append to a file of the run, or make it. */
static bool write_file(const char *path, const char *text, GError **error)
{
	auto_fd int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0700);

	if (fd < 0) {
		error_set_errno(error, errno, "create '%s'", path);
		return false;
	}
	if (!file_write_all(fd, text, strlen(text), error)) {
		g_prefix_error(error, "write '%s': ", path);
		return false;
	}
	/* On a network file system writing may fail as late as here, and nodes see what was closed. */
	if (close(fd_steal(&fd)) == 0)
		return true;
	error_set_errno(error, errno, "write '%s'", path);
	return false;
}

/* Whether the wish may be a task of the same array. */
static bool is_alike(const struct bundle *bundle, const struct slurm_wish *wish, char **options)
{
	return !g_strcmp0(bundle->group, wish->job->group) && !g_strcmp0(bundle->after, wish->after) &&
	       g_strv_equal((const char *const *)bundle->options, (const char *const *)options);
}

/* The bundle that the wish goes into: one of its group with the same needs and room, or a new one. Takes the options. */
static struct bundle *bundle_for(GPtrArray *bundles, const struct slurm_wish *wish, char **options, guint limit)
{
	struct bundle *bundle;

	for (guint i = 0; wish->job->group && i < bundles->len; i++) {
		bundle = g_ptr_array_index(bundles, i);
		if (bundle->wishes->len >= limit || !is_alike(bundle, wish, options))
			continue;
		g_strfreev(options);
		return bundle;
	}
	bundle = g_new0(struct bundle, 1);
	bundle->group = wish->job->group;
	bundle->after = wish->after;
	bundle->options = options;
	bundle->wishes = g_ptr_array_new();
	g_ptr_array_add(bundles, bundle);
	return bundle;
}

/* Sort the wishes into bundles. ERROR_USAGE for needs that cannot be met. */
static GPtrArray *make_bundles(const struct slurm_run *run, const struct slurm_wish *wishes, guint count, GError **error)
{
	g_autoptr(GPtrArray) bundles = g_ptr_array_new_with_free_func(bundle_free);

	for (guint i = 0; i < count; i++) {
		const struct exec_job *job = wishes[i].job;
		char **options = slurm_resources(job->resources, error);

		if (!options) {
			g_prefix_error(error, "%s: ", job->title);
			return NULL;
		}
		g_ptr_array_add(bundle_for(bundles, &wishes[i], options, run->array_limit)->wishes, (void *)&wishes[i]);
		if (!job->trace)
			continue;
		error_set(error, ERROR_USAGE, "stages that Slurm runs cannot be traced");
		error_hint(error, "trace them here: git mlv repro --trace --executor local");
		return NULL;
	}
	return g_steal_pointer(&bundles);
}

/* Number the bundle's jobs and write their scripts. */
static bool write_scripts(struct slurm_run *run, struct bundle *bundle, GError **error)
{
	bundle->first = run->count;
	run->count += bundle->wishes->len;
	for (guint i = 0; i < bundle->wishes->len; i++) {
		const struct slurm_wish *wish = g_ptr_array_index(bundle->wishes, i);
		const struct slurm_place place = {.dir = run->dir,
						  .shell = (const char *const *)run->shell,
						  .number = bundle->first + i,
						  .notes = wish->notes};
		g_autofree char *text = slurm_script(wish->job, &place);
		g_autofree char *path = g_strdup_printf("%s/%u" SLURM_SCRIPT, run->dir, place.number);

		if (!write_file(path, text, error))
			return false;
	}
	return true;
}

/* Submit the bundle and note its id. */
static bool submit(struct slurm_run *run, struct bundle *bundle, bool hold, GError **error)
{
	const struct slurm_wish *first = g_ptr_array_index(bundle->wishes, 0);
	bool array = bundle->wishes->len > 1;
	g_autofree char *script = slurm_starter(run->dir, bundle->first, array);
	g_autofree char *notes = path_join(run->dir, "ids"), *line = NULL;
	const struct slurm_order order = {
		.title = array ? bundle->group : first->job->title,
		.script = script,
		.options = (const char *const *)bundle->options,
		.tasks = array ? bundle->wishes->len : 0,
		.after = bundle->after,
		.hold = hold,
	};

	bundle->id = slurm_submit(&order, error);
	if (!bundle->id) {
		g_prefix_error(error, "submit '%s': ", order.title);
		return false;
	}
	g_ptr_array_add(run->ids, g_strdup(bundle->id));
	line = g_strconcat(bundle->id, "\n", NULL);
	return write_file(notes, line, error);
}

static GPtrArray *bundle_ids(GPtrArray *bundles)
{
	GPtrArray *ids = g_ptr_array_new();

	for (guint i = 0; i < bundles->len; i++) {
		const struct bundle *bundle = g_ptr_array_index(bundles, i);

		if (bundle->id)
			g_ptr_array_add(ids, bundle->id);
	}
	return ids;
}

/* Submit all bundles or none: several wait for each other. */
static bool submit_all(struct slurm_run *run, GPtrArray *bundles, bool held, GError **error)
{
	g_autoptr(GPtrArray) ids = NULL;
	bool several = bundles->len > 1, ok = true;

	for (guint i = 0; ok && i < bundles->len; i++) {
		struct bundle *bundle = g_ptr_array_index(bundles, i);

		ok = write_scripts(run, bundle, error) && submit(run, bundle, held ? !bundle->after : several, error);
	}
	ids = bundle_ids(bundles);
	ok = ok && (held || !several || slurm_release(ids, error));
	if (!ok)
		slurm_cancel(ids);
	return ok;
}

GPtrArray *slurm_run_start(struct slurm_run *run, const struct slurm_wish *wishes, guint count, bool held, GError **error)
{
	g_autoptr(GPtrArray) bundles = make_bundles(run, wishes, count, error);
	GPtrArray *started;

	if (!bundles || !submit_all(run, bundles, held, error))
		return NULL;
	started = g_ptr_array_new_with_free_func(slurm_job_free);
	for (guint i = 0; i < bundles->len; i++) {
		const struct bundle *bundle = g_ptr_array_index(bundles, i);

		for (guint k = 0; k < bundle->wishes->len; k++) {
			const struct slurm_wish *wish = g_ptr_array_index(bundle->wishes, k);
			struct slurm_job *job = g_new0(struct slurm_job, 1);

			job->job = wish->job;
			job->number = bundle->first + k;
			job->id = bundle->wishes->len > 1 ? g_strdup_printf("%s_%u", bundle->id, k) : g_strdup(bundle->id);
			g_ptr_array_add(started, job);
		}
	}
	return started;
}

/* The exit status in a file that a job left; -1 if it cannot be read. */
static int read_status(const char *path)
{
	g_autofree char *text = NULL;
	gint64 status;
	char *end;

	if (!file_read(path, STATUS_LIMIT, &text, NULL, NULL))
		return -1;
	status = g_ascii_strtoll(text, &end, 10);
	return end != text && *end == '\n' && status >= 0 && status <= 255 ? (int)status : -1;
}

int slurm_run_status(const char *dir, guint number)
{
	g_autofree char *path = g_strdup_printf("%s/%u" SLURM_ENDED, dir, number);

	return read_status(path);
}

bool slurm_run_is_submission(const char *dir)
{
	g_autofree char *path = path_join(dir, SLURM_SUBMITTED);

	return g_file_test(path, G_FILE_TEST_EXISTS);
}

void slurm_run_look(struct slurm_run *run, void (*ended)(guint number, int status, void *user), void *user)
{
	DIR *dir = opendir(run->dir);
	const struct dirent *entry;

	/* Reading the folder, unlike asking for names in it, makes network file systems look again. */
	while (dir && (entry = readdir(dir))) {
		g_autofree char *path = NULL;
		char *suffix;
		guint64 number = g_ascii_strtoull(entry->d_name, &suffix, 10);
		int status;

		if (suffix == entry->d_name || !g_str_equal(suffix, SLURM_ENDED))
			continue;
		path = path_join(run->dir, entry->d_name);
		status = read_status(path);
		unlink(path);
		ended((guint)number, status, user);
	}
	if (dir)
		closedir(dir);
}
