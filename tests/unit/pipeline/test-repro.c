/*
 * Random pipelines through the real thing - graph, staleness, records, lock file - with commands that run in this process: which
 * stages run is compared with plain rules, and one stage at a time with eight at once.
 */
#include "pipeline-kit.h"
#include "pipeline/repro.h"

#include <string.h>

#define STAGES 200
#define SOURCES 20
#define DEPS_MAX 4
#define ROUNDS 6

/* What a stage of the model is: it reads sources and outputs of earlier stages, and writes one number. */
struct model_stage {
	int deps[DEPS_MAX]; /* a stage, or -1 - source */
	int dep_count, salt;
	bool known;           /* it ran before, as follows */
	int old_salt, old_deps[DEPS_MAX], old_out;
	int out;              /* what stands in its output; -1: nothing */
	bool runs;            /* what the rules say of this round */
};

struct model {
	struct model_stage stages[STAGES];
	int sources[SOURCES];
};

static int value_of(const struct model *model, int dep)
{
	return dep < 0 ? model->sources[-1 - dep] : model->stages[dep].out;
}

/* What the command makes; coarse, so that outputs often come out equal. */
static int combine(const int *values, int count, int salt)
{
	int sum = salt;

	for (int i = 0; i < count; i++)
		sum += values[i];
	return sum / 3;
}

/* The rules: a stage runs if it never did, or anything that it reads, its command or its output is another than then. */
static void expect(struct model *model)
{
	for (int i = 0; i < STAGES; i++) {
		struct model_stage *stage = &model->stages[i];
		int values[DEPS_MAX];

		stage->runs = !stage->known || stage->salt != stage->old_salt || stage->out != stage->old_out;
		for (int k = 0; k < stage->dep_count; k++) {
			values[k] = value_of(model, stage->deps[k]);
			stage->runs |= values[k] != stage->old_deps[k];
		}
		if (!stage->runs)
			continue;
		stage->known = true;
		stage->old_salt = stage->salt;
		memcpy(stage->old_deps, values, sizeof(values));
		stage->out = stage->old_out = combine(values, stage->dep_count, stage->salt);
	}
}

static char *dep_name(int dep)
{
	return dep < 0 ? g_strdup_printf("in%d", -1 - dep) : g_strdup_printf("out%d", dep);
}

static void make_model(struct model *model)
{
	*model = (struct model){0};
	for (int i = 0; i < SOURCES; i++)
		model->sources[i] = g_test_rand_int_range(0, 50);
	for (int i = 0; i < STAGES; i++) {
		struct model_stage *stage = &model->stages[i];

		stage->out = -1;
		stage->salt = g_test_rand_int_range(0, 50);
		stage->dep_count = g_test_rand_int_range(1, DEPS_MAX + 1);
		for (int k = 0; k < stage->dep_count; k++)
			stage->deps[k] = i && g_test_rand_int_range(0, 3)
						 ? g_test_rand_int_range(0, i)
						 : -1 - g_test_rand_int_range(0, SOURCES);
	}
}

static void write_number(struct project *project, const char *name, int value)
{
	g_autofree char *text = g_strdup_printf("%d\n", value);

	project_write(project, name, text);
}

/* The pipeline file and the sources. */
static void write_model(struct project *project, const struct model *model)
{
	g_autoptr(GString) text = g_string_new("stages:\n");

	for (int i = 0; i < SOURCES; i++) {
		g_autofree char *name = dep_name(-1 - i);

		write_number(project, name, model->sources[i]);
	}
	for (int i = 0; i < STAGES; i++) {
		const struct model_stage *stage = &model->stages[i];
		g_autoptr(GHashTable) listed = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);

		g_string_append_printf(text, "  s%d:\n    cmd: mix out%d %d", i, i, stage->salt);
		for (int k = 0; k < stage->dep_count; k++) {
			g_autofree char *name = dep_name(stage->deps[k]);

			g_string_append_printf(text, " %s", name);
		}
		g_string_append(text, "\n    deps:\n");
		for (int k = 0; k < stage->dep_count; k++) {
			char *name = dep_name(stage->deps[k]);

			if (!g_hash_table_contains(listed, name))
				g_string_append_printf(text, "    - %s\n", name);
			g_hash_table_add(listed, name);
		}
		g_string_append_printf(text, "    outs:\n    - out%d\n", i);
	}
	project_write(project, "mlv.yaml", text->str);
}

/* Change sources, commands and outputs at random. */
static void edit(struct project *serial, struct project *parallel, struct model *model)
{
	for (int count = g_test_rand_int_range(0, 8); count > 0; count--) {
		int which = g_test_rand_int_range(0, STAGES), value = g_test_rand_int_range(0, 50);
		g_autofree char *out = dep_name(which);

		switch (g_test_rand_int_range(0, 4)) {
		case 0:
			model->sources[which % SOURCES] = value;
			break;
		case 1:
			model->stages[which].salt = value;
			break;
		case 2:
			model->stages[which].out = -1;
			project_delete(serial, out);
			project_delete(parallel, out);
			break;
		default:
			model->stages[which].out = value;
			write_number(serial, out, value);
			write_number(parallel, out, value);
		}
	}
	write_model(serial, model);
	write_model(parallel, model);
}

/* The body of exec_ops that runs "mix OUT SALT DEP…" in this process. Jobs end in another order than they began. */
struct mixer {
	unsigned jobs;
	GPtrArray *running;
};

static void *mixer_open(const struct exec_options *options, GError **error G_GNUC_UNUSED)
{
	struct mixer *mixer = g_new0(struct mixer, 1);

	mixer->jobs = options->jobs;
	mixer->running = g_ptr_array_new();
	return mixer;
}

static unsigned mixer_room(void *exec)
{
	const struct mixer *mixer = exec;

	return mixer->jobs - MIN(mixer->jobs, mixer->running->len);
}

static bool mixer_start(void *exec, struct exec_job *const *jobs, guint count, GError **error G_GNUC_UNUSED)
{
	struct mixer *mixer = exec;

	for (guint i = 0; i < count; i++)
		g_ptr_array_add(mixer->running, jobs[i]);
	return true;
}

static void mix(const struct exec_job *job)
{
	g_auto(GStrv) words = g_strsplit(job->commands[0], " ", -1);
	g_autofree char *out = path_join(job->dir, words[1]), *text = NULL;
	int values[DEPS_MAX], count = 0;

	for (char **dep = words + 3; *dep; dep++) {
		g_autofree char *path = path_join(job->dir, *dep), *number = NULL;

		g_assert_true(file_read(path, 100, &number, NULL, NULL));
		values[count++] = atoi(number);
	}
	text = g_strdup_printf("%d\n", combine(values, count, atoi(words[2])));
	g_assert_true(g_file_set_contents(out, text, -1, NULL));
	g_assert_true(g_file_set_contents(job->log, "", 0, NULL));
}

static bool mixer_wait(void *exec, int timeout_ms G_GNUC_UNUSED, struct exec_result *result,
		       GError **error G_GNUC_UNUSED)
{
	struct mixer *mixer = exec;

	if (!mixer->running->len)
		return false;
	result->job = g_ptr_array_remove_index(mixer->running,
					       (guint)g_test_rand_int_range(0, (gint32)mixer->running->len));
	result->status = 0;
	mix(result->job);
	return true;
}

static void mixer_stop(void *exec G_GNUC_UNUSED, int number G_GNUC_UNUSED)
{
}

static void mixer_close(void *exec)
{
	struct mixer *mixer = exec;

	if (!mixer)
		return;
	g_ptr_array_unref(mixer->running);
	g_free(mixer);
}

static const struct exec_ops mixer_ops = {
	.name = "mixer",
	.open = mixer_open,
	.room = mixer_room,
	.start = mixer_start,
	.wait = mixer_wait,
	.stop = mixer_stop,
	.close = mixer_close,
};

static void note_run(const struct repro_event *event, void *user)
{
	bool *ran = user;

	g_assert_cmpint(event->kind, !=, REPRO_FAILED);
	if (event->kind == REPRO_RUNS)
		ran[atoi(event->stage->name + 1)] = true;
}

/* Bring the project up to date, and check that exactly the stages ran that the rules name. */
static void repro(struct project *project, const struct model *model, unsigned jobs)
{
	bool ran[STAGES] = {false};
	const struct repro_listener listener = {.tell = note_run, .user = ran};
	const struct repro_options options = {
		.executor = &mixer_ops, .jobs = jobs, .no_run_cache = true, .what = "test"};
	struct repro_result result;
	struct loaded loaded;
	char *none[] = {NULL};
	g_autoptr(GArray) selected = NULL;
	g_autoptr(GError) error = NULL;

	project_reopen(project);
	{
		autoptr(claims) claims = claims_new(project->ws, "test");

		kit_load(&loaded, project);
		selected = graph_select(loaded.graph, none, &(const struct graph_options){.all_pipelines = true}, &error);
		g_assert_no_error(error);
		g_assert_true(repro_run(loaded.graph, claims, selected, &options, &listener, &result, &error));
		g_assert_no_error(error);
		g_assert_cmpuint(result.failed + result.skipped + result.left, ==, 0);
		repro_result_clear(&result);
		kit_unload(&loaded);
	}
	for (int i = 0; i < STAGES; i++)
		g_assert_cmpint(ran[i], ==, model->stages[i].runs);
}

static void assert_outputs(struct project *project, const struct model *model)
{
	for (int i = 0; i < STAGES; i++) {
		g_autofree char *name = dep_name(i), *text = g_strdup_printf("%d\n", model->stages[i].out);

		project_assert(project, name, text);
	}
}

static void random_pipelines(struct project *serial, gconstpointer dialect)
{
	struct project parallel;
	g_autofree struct model *model = g_new(struct model, 1);

	project_set_up(&parallel, dialect);
	make_model(model);
	write_model(serial, model);
	write_model(&parallel, model);
	for (int round = 0; round < ROUNDS; round++) {
		g_autofree char *one = NULL, *eight = NULL;

		expect(model);
		repro(serial, model, 1);
		repro(&parallel, model, 8);
		assert_outputs(serial, model);
		assert_outputs(&parallel, model);
		one = project_read(serial, "mlv.lock");
		eight = project_read(&parallel, "mlv.lock");
		g_assert_cmpstr(one, ==, eight);
		edit(serial, &parallel, model);
	}
	project_tear_down(&parallel, dialect);
}

int main(int argc, char **argv)
{
	kit_init(argc, argv);
	g_test_add("/repro/random-pipelines", struct project, &dialect_native, project_set_up, random_pipelines,
		   project_tear_down);
	return g_test_run();
}
