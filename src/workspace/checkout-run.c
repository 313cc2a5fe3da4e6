#include "workspace/checkout-int.h"
#include "workspace/crew.h"

#include "base/cancel.h"
#include "base/error.h"
#include "base/file.h"
#include "base/path.h"
#include "store/link.h"
#include "store/manifest.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>

/* What workers share. */
struct shared {
	struct store *store;
	int root;
};

/* Neighbours in one folder are done by one job, which opens the folder once: so many, or of so many bytes. */
#define STEPS_A_JOB 32
#define BYTES_A_JOB ((uint64_t)1 << 20)

/* What came of a step. */
struct outcome {
	const struct checkout_step *step;
	struct stamp now; /* of what was placed */
	bool placed;      /* a file whose stamp the index should know */
	uint64_t bytes;
	GError *error;
};

/* Some steps on their way through the pool. */
struct step_job {
	guint count;
	struct outcome outcomes[STEPS_A_JOB];
};

/* What finished jobs go to. */
struct step_run {
	struct workspace *ws;
	struct index *index;
	struct checkout_result *result;
	GHashTable *unfinished; /* set of indexes into plan->outputs: a step of theirs failed */
};

/* Whether what stands at `name` is still what was judged. */
static bool is_unchanged(const struct checkout_step *step, int dir, const char *name, GError **error)
{
	struct stat st;
	struct stamp stamp;

	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW)) {
		if (errno == ENOENT && !step->found)
			return true;
		error_set_errno(error, errno, "look at '%s'", step->path);
		return false;
	}
	stamp = stamp_of(&st);
	if (step->found && stamp_same_content(&stamp, step->found))
		return true;
	error_set(error, ERROR_CONFLICT, "'%s' was changed meanwhile and is left as it is", step->path);
	return false;
}

/* Make a symbolic link with the object's text, in one rename. */
static bool place_link(struct store *store, const struct checkout_step *step, int dir, const char *name, GError **error)
{
	g_autofree char *temp = file_temp_name_for(name), *text = NULL;
	size_t length;

	if (!store_read(store, &step->oid, PATH_MAX, &text, &length, error))
		return false;
	/* Left by a run that was killed. */
	unlinkat(dir, temp, 0);
	if (!symlinkat(text, dir, temp)) {
		if (!renameat(dir, temp, dir, name))
			return true;
		unlinkat(dir, temp, 0);
	}
	error_set_errno(error, errno, "make the link '%s'", step->path);
	return false;
}

/* CREATE, REPLACE, RELINK. */
static void place(struct outcome *outcome, struct shared *shared, int dir, const char *name)
{
	const struct checkout_step *step = outcome->step;
	const struct link_request request = {.oid = &step->oid,
					     .size = checkout_size(&step->oid, step->size),
					     .executable = step->mode == MANIFEST_EXEC,
					     .guarded = true,
					     .over = step->found};

	if (step->mode == MANIFEST_LINK) {
		if (is_unchanged(step, dir, name, &outcome->error))
			place_link(shared->store, step, dir, name, &outcome->error);
		return;
	}
	outcome->placed = link_place(shared->store, &request, dir, name, &outcome->now, NULL, &outcome->error);
	if (outcome->placed)
		outcome->bytes = outcome->now.size;
	else
		g_prefix_error(&outcome->error, "check out '%s': ", step->path);
}

/* Set or take the x bits where the file may be read. */
static void change_mode(struct outcome *outcome, int dir, const char *name)
{
	const struct checkout_step *step = outcome->step;
	mode_t mode = step->found->mode & 07777;
	auto_fd int fd = -1;
	struct stat st;

	if (!is_unchanged(step, dir, name, &outcome->error))
		return;
	fd = openat(dir, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	mode = step->mode == MANIFEST_EXEC ? mode | (mode & 0444) >> 2 : mode & ~(mode_t)0111;
	if (fd < 0 || fchmod(fd, mode) || fstat(fd, &st)) {
		error_set_errno(&outcome->error, errno, "change the mode of '%s'", step->path);
		return;
	}
	outcome->now = stamp_of(&st);
	outcome->placed = true;
}

static void remove_file(struct outcome *outcome, int dir, const char *name)
{
	if (is_unchanged(outcome->step, dir, name, &outcome->error) && unlinkat(dir, name, 0) && errno != ENOENT)
		error_set_errno(&outcome->error, errno, "remove '%s'", outcome->step->path);
}

/* What remains in a folder is not ours: it stays. */
static void remove_folder(struct outcome *outcome, int dir, const char *name)
{
	if (unlinkat(dir, name, AT_REMOVEDIR) && errno != ENOENT && errno != ENOTEMPTY && errno != EEXIST &&
	    errno != ENOTDIR)
		error_set_errno(&outcome->error, errno, "remove the folder '%s'", outcome->step->path);
}

static void make_folder(struct outcome *outcome, int dir, const char *name)
{
	struct stat st;

	if (!mkdirat(dir, name, 0777))
		return;
	if (errno != EEXIST || fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) || !S_ISDIR(st.st_mode))
		error_set_errno(&outcome->error, errno, "make the folder '%s'", outcome->step->path);
}

static bool is_removal(const struct checkout_step *step)
{
	return step->verb == CHECKOUT_REMOVE || step->verb == CHECKOUT_RMDIR;
}

static void do_step(struct outcome *outcome, struct shared *shared, int dir, const char *name)
{
	switch ((enum checkout_verb)outcome->step->verb) {
	case CHECKOUT_REMOVE:
		remove_file(outcome, dir, name);
		break;
	case CHECKOUT_RMDIR:
		remove_folder(outcome, dir, name);
		break;
	case CHECKOUT_MKDIR:
		make_folder(outcome, dir, name);
		break;
	case CHECKOUT_MODE:
		change_mode(outcome, dir, name);
		break;
	default:
		place(outcome, shared, dir, name);
	}
}

/* The pool's work. */
static void do_steps(void *data, void *user)
{
	struct step_job *job = data;
	struct shared *shared = user;
	auto_fd int dir = -1;

	for (guint i = 0; i < job->count; i++) {
		struct outcome *outcome = &job->outcomes[i];
		const char *name = path_base(outcome->step->path);
		bool removal = is_removal(outcome->step);

		if (!cancel_check(&outcome->error))
			continue;
		if (dir < 0)
			dir = file_open_parent(shared->root, outcome->step->path, !removal, &name, &outcome->error);
		if (dir >= 0)
			do_step(outcome, shared, dir, name);
		else if (removal && error_is(outcome->error, ERROR_NOT_FOUND))
			g_clear_error(&outcome->error);
	}
}

static void take_outcome(struct step_run *run, struct outcome *outcome)
{
	const struct checkout_step *step = outcome->step;

	if (outcome->error && !error_is(outcome->error, ERROR_CANCELLED)) {
		g_ptr_array_add(run->result->failed, g_steal_pointer(&outcome->error));
		g_hash_table_add(run->unfinished, GUINT_TO_POINTER(step->output));
	} else if (!outcome->error) {
		run->result->done[step->verb]++;
		g_hash_table_add(run->result->changed, GUINT_TO_POINTER(step->output));
		run->result->bytes += outcome->bytes;
		if (outcome->placed)
			index_put(run->index, step->path, &outcome->now, &step->oid);
		else if (step->verb == CHECKOUT_REMOVE)
			index_drop(run->index, step->path);
		watch_advance(run->ws->watch, step->path, 1, outcome->bytes);
	}
	g_clear_error(&outcome->error);
}

static void take_back(void *data, void *user)
{
	struct step_job *job = data;

	for (guint i = 0; i < job->count; i++)
		take_outcome(user, &job->outcomes[i]);
	g_free(job);
}

/* The folders of a phase depend on each other: one thread does them in the order of the plan. */
static bool is_ordered(const struct checkout_step *step)
{
	return step->verb == CHECKOUT_RMDIR || step->verb == CHECKOUT_MKDIR;
}

/* Whether both may be under way at once: what removals make room for has to wait for them. */
static bool is_same_phase(const struct checkout_step *a, const struct checkout_step *b)
{
	return is_ordered(a) == is_ordered(b) && is_removal(a) == is_removal(b);
}

static bool is_same_folder(const struct checkout_step *a, const struct checkout_step *b)
{
	size_t length = (size_t)(path_base(a->path) - a->path);

	return length == (size_t)(path_base(b->path) - b->path) && memcmp(a->path, b->path, length) == 0;
}

/* The next steps that one job can do, from steps[*next] on, which is advanced. */
static struct step_job *make_job(const GArray *steps, guint *next)
{
	const struct checkout_step *first = &g_array_index(steps, struct checkout_step, *next), *step = first;
	struct step_job *job = g_new0(struct step_job, 1);
	uint64_t bytes = 0;

	do {
		job->outcomes[job->count++].step = step;
		/* An unknown size is the largest there is. */
		bytes = step->size > BYTES_A_JOB ? BYTES_A_JOB : bytes + step->size;
		step = ++*next < steps->len ? first + job->count : NULL;
	} while (step && job->count < STEPS_A_JOB && bytes < BYTES_A_JOB && is_same_phase(first, step) &&
		 is_same_folder(first, step));
	return job;
}

static void run_steps(struct step_run *run, struct shared *shared, const struct checkout_plan *plan)
{
	const GArray *steps = plan->steps;
	struct crew crew;

	for (guint i = 0; i < steps->len && !cancel_requested();) {
		const struct checkout_step *first = &g_array_index(steps, struct checkout_step, i);
		unsigned threads = is_ordered(first) ? 1 : run->ws->settings->threads;

		crew_init(&crew, threads, do_steps, shared, take_back, run);
		while (i < steps->len && is_same_phase(first, &g_array_index(steps, struct checkout_step, i)) &&
		       !cancel_requested())
			crew_push(&crew, make_job(steps, &i));
		crew_finish(&crew);
	}
}

/* Half-made files of a run that was killed; the worktree's lock says that nobody makes them now. */
static void sweep(struct workspace *ws, const struct checkout_plan *plan)
{
	for (guint i = 0; i < plan->temps->len; i++) {
		const char *name;
		auto_fd int dir = file_open_parent(ws->root_fd, plan->temps->pdata[i], false, &name, NULL);

		if (dir >= 0)
			file_remove_tree(dir, name, NULL);
	}
}

/*
 * Record what each output is now, so that the next checkout knows what it may take away again. Where a look or a step failed, what was there
 * before still counts: it may be what could not be taken away.
 */
static void remember(const struct step_run *run, const struct checkout_plan *plan)
{
	struct index *index = run->index;

	for (guint i = 0; i < plan->outputs->len; i++) {
		const struct checkout_output *output = &g_array_index(plan->outputs, struct checkout_output, i);
		struct oid old;
		bool known = index_get_out(index, output->path, &old);

		if (output->failed || (output->missing && output->fate == CHECKOUT_KEPT) ||
		    g_hash_table_contains(run->unfinished, GUINT_TO_POINTER(i)))
			continue;
		if (oid_is_none(&output->oid))
			index_put_out(index, output->path, NULL);
		else if (!known || (output->whole && !oid_equal(&old, &output->oid)))
			index_put_out(index, output->path, &output->oid);
	}
}

bool checkout_plan_run(struct workspace *ws, const struct checkout_plan *plan, struct checkout_result *result,
		       GError **error)
{
	struct shared shared = {.store = workspace_store(ws, error), .root = ws->root_fd};
	g_autoptr(GHashTable) unfinished = g_hash_table_new(NULL, NULL);
	struct step_run run = {.ws = ws, .result = result, .unfinished = unfinished};

	memset(result, 0, sizeof(*result));
	result->failed = g_ptr_array_new_with_free_func((GDestroyNotify)g_error_free);
	result->changed = g_hash_table_new(NULL, NULL);
	run.index = shared.store ? workspace_index(ws, error) : NULL;
	if (!run.index)
		return false;
	sweep(ws, plan);
	if (plan->steps->len) {
		watch_begin(ws->watch, "Checking out", plan->steps->len, plan->bytes);
		run_steps(&run, &shared, plan);
		watch_end(ws->watch);
	}
	if (!cancel_requested())
		remember(&run, plan);
	return index_commit(run.index, error) && cancel_check(error);
}

void checkout_result_clear(struct checkout_result *result)
{
	g_clear_pointer(&result->failed, g_ptr_array_unref);
	g_clear_pointer(&result->changed, g_hash_table_unref);
}
