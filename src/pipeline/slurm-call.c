#include "pipeline/slurm-call.h"

#include "pipeline/slurm-poll.h"

#include "base/error.h"
#include "base/proc.h"

#include <string.h>

/* The longest answer: some hundred thousand tasks. */
#define ANSWER_LIMIT ((gsize)64 << 20)

/* As much of a title as squeue's users can bear. */
#define TITLE_LIMIT 200

/*
 * Variables that would change what we ask for or what we are told. Others, such as SBATCH_PARTITION or SLURM_CLUSTERS, are the
 * user's defaults.
 */
static const char *const unset[] = {"SBATCH_ARRAY_INX", "SBATCH_WAIT",      "SBATCH_CLUSTERS", "SBATCH_EXPORT",
				    "SBATCH_REQUEUE",   "SQUEUE_STATES",    "SQUEUE_USERS",    "SQUEUE_PARTITION",
				    "SQUEUE_ACCOUNT",   "SQUEUE_NAMES",     "SQUEUE_QOS",      "SQUEUE_LICENSES",
				    "SQUEUE_FORMAT",    "SQUEUE_FORMAT2",   "SQUEUE_SORT",     "SCANCEL_INTERACTIVE",
				    "SCANCEL_STATE",    "SCANCEL_USER",     "SCANCEL_NAME",    "SCANCEL_PARTITION",
				    "SCANCEL_VERBOSE",  "SACCT_FORMAT",     "SLURM_TIME_FORMAT"};

/* A command line that begins with a program of Slurm; g_ptr_array_add() what follows, literals are fine. */
static GPtrArray *command(const char *program)
{
	GPtrArray *argv = g_ptr_array_new();

	g_ptr_array_add(argv, (char *)"env");
	for (size_t i = 0; i < G_N_ELEMENTS(unset); i++) {
		g_ptr_array_add(argv, (char *)"-u");
		g_ptr_array_add(argv, (char *)unset[i]);
	}
	g_ptr_array_add(argv, (char *)program);
	return argv;
}

/* Run it; its output, or NULL with ERROR_FAILED and what it complained of. */
static char *call(GPtrArray *argv, const char *program, const char *input, GError **error)
{
	struct proc_result result;
	char *out = NULL;

	g_ptr_array_add(argv, NULL);
	if (!proc_run_apart((const char *const *)argv->pdata, input, input ? strlen(input) : 0, ANSWER_LIMIT, &result, error))
		return NULL;
	if (result.status == 0) {
		out = g_steal_pointer(&result.out);
	} else {
		g_autofree char *complaint = slurm_complaint(result.err);

		error_set(error, ERROR_FAILED, "%s: %s", program, *complaint ? complaint : "it failed without a word");
	}
	proc_result_clear(&result);
	return out;
}

guint slurm_array_limit(GError **error)
{
	static const char *const argv[] = {"scontrol", "show", "config", NULL};
	struct proc_result result;
	guint limit = 0;

	if (!proc_run_apart(argv, NULL, 0, ANSWER_LIMIT, &result, error)) {
		error_hint(error, "the executor slurm needs Slurm's programs; mlv.executor=local runs stages here");
		return 0;
	}
	if (result.status == 0) {
		limit = slurm_parse_array_limit(result.out);
	} else {
		g_autofree char *complaint = slurm_complaint(result.err);

		error_set(error, ERROR_FAILED, "Slurm does not answer: %s", complaint);
		error_hint(error, "scontrol ping");
	}
	proc_result_clear(&result);
	return limit;
}

/* The title as an argument that neither ends a line of squeue's nor is too long for it. */
static char *title_option(const char *title)
{
	g_autofree char *valid = g_utf8_make_valid(title, -1);
	GString *option = g_string_new("--job-name=");
	const char *at = valid;

	for (guint i = 0; *at && i < TITLE_LIMIT; i++, at = g_utf8_next_char(at))
		g_string_append_unichar(option, g_unichar_isprint(g_utf8_get_char(at)) ? g_utf8_get_char(at) : '_');
	return g_string_free(option, FALSE);
}

char *slurm_submit(const struct slurm_order *order, GError **error)
{
	g_autoptr(GPtrArray) argv = command("sbatch");
	g_autofree char *title = title_option(order->title);
	g_autofree char *array = g_strdup_printf("--array=0-%u", order->tasks ? order->tasks - 1 : 0);
	g_autofree char *after = order->after ? g_strconcat("--dependency=afterok:", order->after, NULL) : NULL;
	g_autofree char *out = NULL;

	/* A node that is lost is for the user to hear of; a job that ran twice may find what it left half-made. */
	static const char *const always[] = {"--parsable",       "--no-requeue",       "--export=ALL", "--chdir=/",
					     "--input=/dev/null", "--output=/dev/null", "--open-mode=append"};

	for (size_t i = 0; i < G_N_ELEMENTS(always); i++)
		g_ptr_array_add(argv, (char *)always[i]);
	g_ptr_array_add(argv, title);
	if (order->tasks)
		g_ptr_array_add(argv, array);
	if (order->hold)
		g_ptr_array_add(argv, (char *)"--hold");
	if (after) {
		g_ptr_array_add(argv, after);
		g_ptr_array_add(argv, (char *)"--kill-on-invalid-dep=yes");
	}
	for (const char *const *option = order->options; *option; option++)
		g_ptr_array_add(argv, (char *)*option);
	out = call(argv, "sbatch", order->script, error);
	return out ? slurm_parse_submitted(out, error) : NULL;
}

bool slurm_release(GPtrArray *ids, GError **error)
{
	g_autoptr(GPtrArray) argv = command("scontrol");
	g_autofree char *out = NULL;

	g_ptr_array_add(argv, (char *)"release");
	g_ptr_array_extend(argv, ids, NULL, NULL);
	out = call(argv, "scontrol release", NULL, error);
	return out != NULL;
}

bool slurm_cancel(GPtrArray *ids)
{
	g_autoptr(GPtrArray) argv = command("scancel");
	g_autofree char *out = NULL;

	if (!ids->len)
		return true;
	g_ptr_array_add(argv, (char *)"--quiet");
	g_ptr_array_extend(argv, ids, NULL, NULL);
	out = call(argv, "scancel", NULL, NULL);
	return out != NULL;
}

/* "--jobs=1,2,3" */
static char *jobs_option(GPtrArray *ids)
{
	GString *option = g_string_new("--jobs=");

	for (guint i = 0; i < ids->len; i++)
		g_string_append_printf(option, "%s%s", i ? "," : "", (const char *)g_ptr_array_index(ids, i));
	return g_string_free(option, FALSE);
}

GHashTable *slurm_ask(GPtrArray *ids, GError **error)
{
	g_autoptr(GPtrArray) argv = command("squeue");
	g_autofree char *jobs = jobs_option(ids), *out = NULL;
	g_autoptr(GError) problem = NULL;

	static const char *const options[] = {"--noheader", "--array", "--states=all", "--format=%i|%T"};

	for (size_t i = 0; i < G_N_ELEMENTS(options); i++)
		g_ptr_array_add(argv, (char *)options[i]);
	g_ptr_array_add(argv, jobs);
	out = call(argv, "squeue", NULL, &problem);
	/* That is how it says of a single job that it knows it no longer. */
	if (!out && strstr(problem->message, "Invalid job id"))
		return slurm_parse_states("", error);
	if (!out) {
		g_propagate_error(error, g_steal_pointer(&problem));
		return NULL;
	}
	return slurm_parse_states(out, error);
}

GHashTable *slurm_accounts(GPtrArray *ids)
{
	g_autoptr(GPtrArray) argv = command("sacct");
	g_autofree char *jobs = jobs_option(ids), *out = NULL;
	GHashTable *states;

	static const char *const options[] = {"--noheader", "--parsable2", "--allocations", "--array", "--format=JobID,State"};

	for (size_t i = 0; i < G_N_ELEMENTS(options); i++)
		g_ptr_array_add(argv, (char *)options[i]);
	g_ptr_array_add(argv, jobs);
	out = call(argv, "sacct", NULL, NULL);
	states = out ? slurm_parse_states(out, NULL) : NULL;
	return states ? states : slurm_parse_states("", NULL);
}
