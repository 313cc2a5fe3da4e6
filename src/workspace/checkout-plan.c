#include "workspace/checkout-int.h"

#include "base/error.h"
#include "base/path.h"
#include "base/quote.h"
#include "repo/worktree.h"
#include "workspace/roots.h"

#include <fcntl.h>
#include <sys/stat.h>

/* At most so many paths are named in one error. */
#define NAMED 20

static void clear_output(void *data)
{
	g_free(((struct checkout_output *)data)->path);
}

static struct checkout_plan *plan_new(bool relink)
{
	struct checkout_plan *plan = g_new0(struct checkout_plan, 1);

	plan->outputs = g_array_new(false, false, sizeof(struct checkout_output));
	g_array_set_clear_func(plan->outputs, clear_output);
	plan->steps = g_array_new(false, false, sizeof(struct checkout_step));
	plan->conflicts = g_array_new(false, false, sizeof(struct checkout_obstacle));
	plan->missing = g_array_new(false, false, sizeof(struct checkout_obstacle));
	plan->orphans = g_ptr_array_new_with_free_func(g_free);
	plan->failed = g_ptr_array_new_with_free_func((GDestroyNotify)g_error_free);
	plan->temps = g_ptr_array_new_with_free_func(g_free);
	plan->strings = g_string_chunk_new(65536);
	plan->kept = g_ptr_array_new_with_free_func(g_free);
	plan->relink = relink;
	return plan;
}

void checkout_plan_free(struct checkout_plan *plan)
{
	if (!plan)
		return;
	g_array_unref(plan->outputs);
	g_array_unref(plan->steps);
	g_array_unref(plan->conflicts);
	g_array_unref(plan->missing);
	g_ptr_array_unref(plan->orphans);
	g_ptr_array_unref(plan->failed);
	g_ptr_array_unref(plan->temps);
	g_string_chunk_free(plan->strings);
	g_ptr_array_unref(plan->kept);
	g_free(plan);
}

/* Begin with one output: a place in the plan, and a look at what is there. */
static bool begin_case(struct checkout_case *work, enum oid_algo algo, GError **error)
{
	const struct scan_options options = {.path = work->path, .inside = work->inside, .algo = algo, .some = true};
	struct checkout_output output = {.oid = work->oid, .is_dir = work->oid.dir, .whole = !*work->inside};

	output.path = g_strdup(work->path);
	work->output = work->plan->outputs->len;
	g_array_append_val(work->plan->outputs, output);
	work->blocked = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	work->held = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	work->scan = scan_path(work->ws, &options, error);
	if (!work->scan)
		return false;
	for (guint i = 0; i < work->scan->temps->len; i++)
		g_ptr_array_add(work->plan->temps, g_strdup(work->scan->temps->pdata[i]));
	return true;
}

static void end_case(struct checkout_case *work)
{
	g_clear_pointer(&work->scan, scan_free);
	g_clear_pointer(&work->target, manifest_free);
	g_clear_pointer(&work->record, manifest_free);
	g_clear_pointer(&work->blocked, g_hash_table_unref);
	g_clear_pointer(&work->held, g_hash_table_unref);
}

/*
 * What we put there last. Only the plan's caution depends on it, so what is gone for good counts as nothing. What fails to be read
 * does not: what it names would stay, and the next checkout would not know it any more.
 */
static bool load_record(struct checkout_case *work, struct index *index, GError **error)
{
	g_autoptr(GError) why = NULL;

	if (!index_get_out(index, work->path, &work->recorded)) {
		work->recorded = (struct oid){0};
		return true;
	}
	if (work->recorded.dir)
		work->record = manifest_load(work->store, &work->recorded, &why);
	if (!why || error_is(why, ERROR_NOT_FOUND) || error_is(why, ERROR_CORRUPT) || error_is(why, ERROR_UNSAFE))
		return true;
	g_propagate_error(error, g_steal_pointer(&why));
	return false;
}

/* The manifest itself is not in the store: nothing can be said about the files. */
static void miss_manifest(struct checkout_case *work)
{
	const struct checkout_obstacle obstacle = {.path = g_string_chunk_insert(work->plan->strings, work->path),
						   .oid = work->oid,
						   .reason = "is not in the store"};

	g_array_index(work->plan->outputs, struct checkout_output, work->output).missing++;
	if (!work->options->allow_missing)
		g_array_append_val(work->plan->missing, obstacle);
}

/* What the steps say about an output as a whole. */
static void set_fate(struct checkout_case *work, guint first_step)
{
	struct checkout_output *output = &g_array_index(work->plan->outputs, struct checkout_output, work->output);

	if (work->plan->steps->len == first_step)
		output->fate = CHECKOUT_KEPT;
	else if (oid_is_none(&work->oid))
		output->fate = CHECKOUT_DELETED;
	else
		output->fate = work->scan->kind == SCAN_ABSENT ? CHECKOUT_ADDED : CHECKOUT_MODIFIED;
}

/* An output that could not be planned stays as it is, and all else goes on; takes the reason. false for what stops all. */
static bool give_up_case(struct checkout_case *work, guint first_step, GError *reason, GError **error)
{
	if (error_is(reason, ERROR_CANCELLED)) {
		g_propagate_error(error, reason);
		return false;
	}
	g_array_set_size(work->plan->steps, first_step);
	g_ptr_array_add(work->plan->failed, reason);
	g_array_index(work->plan->outputs, struct checkout_output, work->output).failed++;
	return true;
}

static bool plan_case(struct checkout_case *work, struct index *index, GError **error)
{
	guint first = work->plan->steps->len;
	bool same = oid_equal(&work->scan->oid, &work->oid);

	/* A folder that is as it should be costs no look into its manifest. */
	if (same && work->oid.dir && !*work->inside && !work->options->relink)
		return true;
	if (!same && work->oid.dir && !store_has(work->store, &work->oid, STORE_ANY_SIZE)) {
		miss_manifest(work);
		return true;
	}
	if (same && work->oid.dir && !*work->inside)
		work->target = g_steal_pointer(&work->scan->manifest);
	if (!load_record(work, index, error) || !checkout_compare(work, error)) {
		g_prefix_error(error, "'%s': ", work->path);
		return false;
	}
	set_fate(work, first);
	return true;
}

/* Plan one target. */
static bool plan_target(struct checkout_case *work, struct index *index, const struct output *output,
			const char *inside, GError **error)
{
	guint first = work->plan->steps->len;
	GError *reason = NULL;
	bool ok;

	/* What Git itself keeps, and what no run has recorded yet, is no business of ours. */
	if (output->no_cache || oid_is_none(&output->oid))
		return true;
	work->path = output->path;
	work->inside = output->oid.dir ? inside : "";
	work->oid = output->oid;
	work->isexec = output->isexec;
	work->size = output->has_size && !output->oid.dir ? output->size : MANIFEST_NO_SIZE;
	ok = begin_case(work, (enum oid_algo)output->oid.algo, &reason) && plan_case(work, index, &reason);
	end_case(work);
	return ok || give_up_case(work, first, reason, error);
}

/* What index_each_out() tells, kept for later: planning asks the index, too. */
struct recorded_out {
	char *path;
	struct oid oid;
};

static void clear_out(void *data)
{
	g_free(((struct recorded_out *)data)->path);
}

/* The outputs that were put there once and that no pointer names any more. */
struct retiring {
	struct checkout_case *work;
	GArray *outs;     /* of struct recorded_out */
	GHashTable *lost; /* set of struct oid: those of them that Git could not bring back */
};

static void take_out(const char *path, const struct oid *oid, void *user)
{
	struct retiring *retiring = user;
	struct recorded_out out = {.oid = *oid};
	struct stat st;

	if (outputs_find(retiring->work->outputs, path))
		return;
	out.path = g_strdup(path);
	g_array_append_val(retiring->outs, out);
	if (!retiring->work->options->force && !fstatat(retiring->work->ws->root_fd, path, &st, AT_SYMLINK_NOFOLLOW))
		g_hash_table_add(retiring->lost, g_memdup2(oid, sizeof(*oid)));
}

/* Plan to take one out, unless Git tracks the path now, an output lies around it, or there would be no way back to it. */
static bool retire(const struct retiring *retiring, struct index *index, const struct recorded_out *out, GError **error)
{
	struct checkout_case *work = retiring->work;
	g_autofree char *git_path = workspace_git_path(work->ws, out->path);
	guint first = work->plan->steps->len;
	GError *reason = NULL;
	bool tracked, ok;

	if (!worktree_is_tracked(work->ws->repo, git_path, &tracked, error))
		return false;
	work->path = out->path;
	work->inside = "";
	work->oid = (struct oid){0};
	ok = begin_case(work, (enum oid_algo)out->oid.algo, &reason);
	if (ok && !tracked && !outputs_covering(work->outputs, out->path, NULL)) {
		if (g_hash_table_contains(retiring->lost, &out->oid)) {
			g_ptr_array_add(work->plan->orphans, g_strdup(out->path));
		} else if ((ok = load_record(work, index, &reason))) {
			checkout_retire(work);
			set_fate(work, first);
		}
	}
	end_case(work);
	return ok || give_up_case(work, first, reason, error);
}

static bool retire_all(struct checkout_case *work, struct index *index, GError **error)
{
	g_autoptr(GArray) outs = g_array_new(false, false, sizeof(struct recorded_out));
	g_autoptr(GHashTable) lost = g_hash_table_new_full(oid_hash, oid_equal_key, g_free, NULL);
	struct retiring retiring = {work, outs, lost};

	g_array_set_clear_func(outs, clear_out);
	index_each_out(index, take_out, &retiring);
	if (!roots_strike_recorded(work->ws, lost, error))
		return false;
	for (guint i = 0; i < outs->len; i++) {
		if (!retire(&retiring, index, &g_array_index(outs, struct recorded_out, i), error))
			return false;
	}
	return true;
}

struct checkout_plan *checkout_plan_new(struct workspace *ws, const struct outputs *outputs, const GPtrArray *targets,
					const struct checkout_options *options, GError **error)
{
	autoptr(checkout_plan) plan = plan_new(options->relink);
	struct checkout_case work = {.ws = ws, .outputs = outputs, .options = options, .plan = plan};
	struct index *index = workspace_index(ws, error);

	if (!outputs_check_clashes(outputs, error))
		return NULL;
	work.store = index ? workspace_store(ws, error) : NULL;
	if (!work.store)
		return NULL;
	for (guint i = 0; targets && i < targets->len; i++) {
		const struct target *target = targets->pdata[i];

		if (!plan_target(&work, index, target->output, target->inside, error))
			return NULL;
	}
	for (guint i = 0; !targets && i < outputs->list->len; i++) {
		const struct output *output = outputs->list->pdata[i];

		if (!output->left_out && !plan_target(&work, index, output, "", error))
			return NULL;
	}
	/* With a pointer that cannot be read it is not known what nobody names any more. */
	if (!targets && !outputs->problems->len && !retire_all(&work, index, error))
		return NULL;
	checkout_sort_steps(plan);
	return g_steal_pointer(&plan);
}

/* Removals, folders out, folders in, files: what must be done before what. */
static int phase_of(const struct checkout_step *step)
{
	switch ((enum checkout_verb)step->verb) {
	case CHECKOUT_REMOVE:
		return 0;
	case CHECKOUT_RMDIR:
		return 1;
	case CHECKOUT_MKDIR:
		return 2;
	default:
		return 3;
	}
}

static int by_phase(const void *a, const void *b)
{
	const struct checkout_step *x = a, *y = b;
	int phase = phase_of(x);
	int order = strcmp(x->path, y->path);

	if (phase != phase_of(y))
		return phase - phase_of(y);
	/* Inner folders go before those that hold them. */
	return phase == 1 ? -order : order;
}

void checkout_sort_steps(struct checkout_plan *plan)
{
	GArray *steps = plan->steps;
	guint kept = 0;

	g_array_sort(steps, by_phase);
	for (guint i = 0; i < steps->len; i++) {
		struct checkout_step *step = &g_array_index(steps, struct checkout_step, i);
		const struct checkout_step *last = kept ? step - (i - kept + 1) : NULL;

		if (last && last->verb == step->verb && g_str_equal(last->path, step->path))
			continue;
		g_array_index(steps, struct checkout_step, kept++) = *step;
	}
	g_array_set_size(steps, kept);
}

const char *checkout_verb_name(enum checkout_verb verb)
{
	static const char *const names[CHECKOUT_VERBS] = {"remove",  "remove folder", "make folder", "create",
							  "replace", "change mode",   "relink"};

	return names[verb];
}

/* "what: path, path …" on lines of their own. */
static char *list_obstacles(const GArray *list)
{
	GString *text = g_string_new(NULL);

	for (guint i = 0; i < list->len && i < NAMED; i++) {
		const struct checkout_obstacle *obstacle = &g_array_index(list, struct checkout_obstacle, i);
		g_autofree char *quoted = quote_path(obstacle->path);

		g_string_append_printf(text, "%s'%s' %s", i ? "\n" : "", quoted, obstacle->reason);
	}
	if (list->len > NAMED)
		g_string_append_printf(text, "\nand %u more", list->len - NAMED);
	return g_string_free(text, false);
}

bool checkout_plan_check(const struct checkout_plan *plan, GError **error)
{
	g_autofree char *text = NULL;

	if (plan->conflicts->len) {
		text = list_obstacles(plan->conflicts);
		error_set(error, ERROR_CONFLICT, "%s", text);
		error_hint(error, "git mlv add keeps such changes, git mlv checkout --force drops them");
		return false;
	}
	if (plan->missing->len) {
		text = list_obstacles(plan->missing);
		error_set(error, ERROR_NOT_FOUND, "%s", text);
		error_hint(error, "git mlv pull");
		return false;
	}
	if (plan->failed->len) {
		g_propagate_error(error, g_error_copy(plan->failed->pdata[0]));
		return false;
	}
	return true;
}
