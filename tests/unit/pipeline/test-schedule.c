#include "pipeline/schedule.h"

#include "fake-exec.h"

#include "../tap.h"

/* A graph of `count` stages without edges; graph_clear() when done. */
static struct graph graph_of(guint count)
{
	struct graph graph = {.count = count, .needs = g_new(GArray *, count), .feeds = g_new(GArray *, count)};

	for (guint i = 0; i < count; i++) {
		graph.needs[i] = g_array_new(FALSE, FALSE, sizeof(guint));
		graph.feeds[i] = g_array_new(FALSE, FALSE, sizeof(guint));
	}
	return graph;
}

static void graph_clear(struct graph *graph)
{
	for (guint i = 0; i < graph->count; i++) {
		g_array_unref(graph->needs[i]);
		g_array_unref(graph->feeds[i]);
	}
	g_free(graph->needs);
	g_free(graph->feeds);
}

/* `stage` needs `needed`. */
static void edge(struct graph *graph, guint stage, guint needed)
{
	g_array_append_val(graph->needs[stage], needed);
	g_array_append_val(graph->feeds[needed], stage);
}

/* All stages; numbers are a running order. */
static GArray *everything(const struct graph *graph)
{
	GArray *all = g_array_new(FALSE, FALSE, sizeof(guint));

	for (guint i = 0; i < graph->count; i++)
		g_array_append_val(all, i);
	return all;
}

/* 0 <- 1 <- 2, and 3 alone. */
static struct graph chain_and_one(void)
{
	struct graph graph = graph_of(4);

	edge(&graph, 1, 0);
	edge(&graph, 2, 1);
	return graph;
}

static struct schedule *begin(const struct graph *graph, const struct schedule_options *options)
{
	g_autoptr(GArray) all = everything(graph);

	return schedule_new(graph, all, options);
}

static void assert_next(const struct schedule *schedule, guint expected)
{
	guint stage = G_MAXUINT;

	g_assert_true(schedule_look(schedule, &stage));
	g_assert_cmpuint(stage, ==, expected);
}

static void assert_none(const struct schedule *schedule)
{
	guint stage;

	g_assert_false(schedule_look(schedule, &stage));
}

static guint take_one(struct schedule *schedule)
{
	guint stage;

	g_assert_cmpuint(schedule_take(schedule, 1, &stage), ==, 1);
	return stage;
}

static void in_order(void)
{
	const struct schedule_options options = {.in_order = true};
	struct graph graph = chain_and_one();
	autoptr(schedule) schedule = begin(&graph, &options);

	assert_next(schedule, 0);
	schedule_set(schedule, 0, SCHEDULE_STALE);
	assert_none(schedule);
	g_assert_cmpuint(take_one(schedule), ==, 0);
	assert_none(schedule);
	schedule_set(schedule, 0, SCHEDULE_DONE);
	assert_next(schedule, 1);
	/* Early cut-off is that nothing happens: 1 is looked at like any other. */
	schedule_set(schedule, 1, SCHEDULE_SAME);
	assert_next(schedule, 2);
	schedule_set(schedule, 2, SCHEDULE_DONE);
	assert_next(schedule, 3);
	g_assert_false(schedule_is_over(schedule));
	schedule_set(schedule, 3, SCHEDULE_SAME);
	g_assert_true(schedule_is_over(schedule));
	g_assert_cmpuint(schedule_count(schedule, SCHEDULE_SAME), ==, 2);
	graph_clear(&graph);
}

static void at_once(void)
{
	const struct schedule_options options = {0};
	struct graph graph = chain_and_one();
	autoptr(schedule) schedule = begin(&graph, &options);
	guint stages[4];

	assert_next(schedule, 0);
	schedule_set(schedule, 0, SCHEDULE_STALE);
	assert_next(schedule, 3);
	schedule_set(schedule, 3, SCHEDULE_STALE);
	assert_none(schedule);
	g_assert_cmpuint(schedule_take(schedule, 1, stages), ==, 1);
	g_assert_cmpuint(stages[0], ==, 0);
	g_assert_cmpuint(schedule_take(schedule, 4, stages), ==, 1);
	g_assert_cmpuint(stages[0], ==, 3);
	schedule_set(schedule, 0, SCHEDULE_DONE);
	assert_next(schedule, 1);
	graph_clear(&graph);
}

static void a_failure_stops(void)
{
	const struct schedule_options options = {0};
	struct graph graph = chain_and_one();
	autoptr(schedule) schedule = begin(&graph, &options);
	guint stages[4];

	schedule_set(schedule, 0, SCHEDULE_STALE);
	schedule_set(schedule, 3, SCHEDULE_STALE);
	g_assert_cmpuint(schedule_take(schedule, 2, stages), ==, 2);
	schedule_set(schedule, 0, SCHEDULE_FAILED);
	g_assert_false(schedule_is_over(schedule));
	/* What runs is waited for. */
	schedule_set(schedule, 3, SCHEDULE_DONE);
	g_assert_true(schedule_is_over(schedule));
	assert_none(schedule);
	g_assert_cmpint(schedule_state(schedule, 2), ==, SCHEDULE_SKIPPED);
	graph_clear(&graph);
}

static void keep_going(void)
{
	const struct schedule_options options = {.keep_going = true};
	struct graph graph = chain_and_one();
	autoptr(schedule) schedule = begin(&graph, &options);

	schedule_set(schedule, 0, SCHEDULE_FAILED);
	assert_next(schedule, 3);
	schedule_set(schedule, 3, SCHEDULE_SAME);
	g_assert_true(schedule_is_over(schedule));
	g_assert_cmpuint(schedule_count(schedule, SCHEDULE_SKIPPED), ==, 2);
	graph_clear(&graph);
}

static void ignore_errors(void)
{
	const struct schedule_options options = {.ignore_errors = true, .in_order = true};
	struct graph graph = chain_and_one();
	autoptr(schedule) schedule = begin(&graph, &options);

	schedule_set(schedule, 0, SCHEDULE_FAILED);
	assert_next(schedule, 1);
	graph_clear(&graph);
}

static void forced(void)
{
	struct graph graph = chain_and_one();
	autoptr(schedule) downstream = begin(&graph, &(const struct schedule_options){.force_downstream = true});
	autoptr(schedule) all = begin(&graph, &(const struct schedule_options){.force = true});

	g_assert_true(schedule_is_forced(all, 2));
	g_assert_false(schedule_is_forced(downstream, 0));
	schedule_set(downstream, 0, SCHEDULE_DONE);
	g_assert_true(schedule_is_forced(downstream, 1));
	schedule_set(downstream, 1, SCHEDULE_SAME);
	g_assert_false(schedule_is_forced(downstream, 2));
	graph_clear(&graph);
}

static void blocked(void)
{
	const struct schedule_options options = {0};
	struct graph graph = chain_and_one();
	autoptr(schedule) schedule = begin(&graph, &options);

	schedule_set(schedule, 0, SCHEDULE_BLOCKED);
	schedule_set(schedule, 3, SCHEDULE_SAME);
	assert_none(schedule);
	g_assert_false(schedule_is_over(schedule));
	schedule_unblock(schedule);
	assert_next(schedule, 0);
	graph_clear(&graph);
}

/* What is not selected is taken as it is; a stage that is named twice counts once. */
static void some(void)
{
	const struct schedule_options options = {0};
	struct graph graph = chain_and_one();
	g_autoptr(GArray) selected = g_array_new(FALSE, FALSE, sizeof(guint));
	guint stage = 2;

	g_array_append_val(selected, stage);
	g_array_append_val(selected, stage);
	{
		autoptr(schedule) schedule = schedule_new(&graph, selected, &options);

		assert_next(schedule, 2);
		schedule_set(schedule, 2, SCHEDULE_DONE);
		g_assert_true(schedule_is_over(schedule));
	}
	graph_clear(&graph);
}

/* 100,000 stages in a row, the first fails. */
static void long_chain(void)
{
	const struct schedule_options options = {.keep_going = true};
	struct graph graph = graph_of(100000);

	for (guint i = 1; i < graph.count; i++)
		edge(&graph, i, i - 1);
	{
		autoptr(schedule) schedule = begin(&graph, &options);

		schedule_set(schedule, 0, SCHEDULE_FAILED);
		g_assert_cmpuint(schedule_count(schedule, SCHEDULE_SKIPPED), ==, graph.count - 1);
	}
	graph_clear(&graph);
}

/* A random run: which stages are stale by themselves, which fail, which leave outputs that are others than before. */
struct fate {
	bool stale, fails, differs;
};

/* What a stage has seen: whether it was looked at after all that it needs, and whether it ran. */
struct run {
	struct graph graph;
	struct fate *fates;
	bool *ran;
	struct schedule *schedule;
	void *exec;
	struct exec_job *jobs;
	guint running;
};

/* Whether an output that the stage reads is another one than when it ran last. */
static bool is_triggered(const struct run *run, guint stage)
{
	const GArray *needs = run->graph.needs[stage];

	for (guint i = 0; i < needs->len; i++) {
		guint needed = g_array_index(needs, guint, i);

		g_assert_cmpint(schedule_state(run->schedule, needed), >=, SCHEDULE_SAME);
		if (run->ran[needed] && run->fates[needed].differs)
			return true;
	}
	return false;
}

static void start(struct run *run)
{
	static const char *const fails[] = {"exit 1", NULL}, *const works[] = {"true", NULL};
	guint room = fake_exec.room(run->exec), stages[16];
	guint count = schedule_take(run->schedule, room, stages);

	for (guint i = 0; i < count; i++) {
		struct exec_job *job = &run->jobs[stages[i]];

		*job = (struct exec_job){.title = "x", .commands = run->fates[stages[i]].fails ? fails : works};
		job->tag = GUINT_TO_POINTER(stages[i]);
		g_assert_true(fake_exec.start(run->exec, &job, 1, NULL));
	}
	run->running += count;
	g_assert_cmpuint(run->running, <=, 8);
}

static void finish(struct run *run)
{
	struct exec_result result;
	guint stage;

	if (!fake_exec.wait(run->exec, 0, &result, NULL))
		return;
	stage = GPOINTER_TO_UINT(result.job->tag);
	run->ran[stage] = !result.status;
	run->running--;
	schedule_set(run->schedule, stage, result.status ? SCHEDULE_FAILED : SCHEDULE_DONE);
}

/* What must become of each stage, by the plain rules. */
static void check(const struct run *run)
{
	g_autofree bool *broken = g_new0(bool, run->graph.count), *ran = g_new0(bool, run->graph.count);

	for (guint i = 0; i < run->graph.count; i++) {
		bool stale = run->fates[i].stale, left_out = false;

		for (guint k = 0; k < run->graph.needs[i]->len; k++) {
			guint needed = g_array_index(run->graph.needs[i], guint, k);

			stale |= ran[needed] && run->fates[needed].differs;
			left_out |= broken[needed];
		}
		broken[i] = left_out || (stale && run->fates[i].fails);
		ran[i] = stale && !broken[i];
		g_assert_cmpint(schedule_state(run->schedule, i), ==,
				left_out    ? SCHEDULE_SKIPPED
				: broken[i] ? SCHEDULE_FAILED
				: ran[i]    ? SCHEDULE_DONE
					    : SCHEDULE_SAME);
	}
}

static void random_graphs(void)
{
	for (int round = 0; round < 200; round++) {
		const struct exec_options exec_options = {.jobs = (unsigned)g_test_rand_int_range(1, 9)};
		const struct schedule_options options = {.keep_going = true, .in_order = g_test_rand_bit()};
		struct run run = {.graph = graph_of((guint)g_test_rand_int_range(1, 200))};
		guint stage;

		run.fates = g_new0(struct fate, run.graph.count);
		run.ran = g_new0(bool, run.graph.count);
		run.jobs = g_new0(struct exec_job, run.graph.count);
		for (guint i = 0; i < run.graph.count; i++) {
			run.fates[i] = (struct fate){.stale = !g_test_rand_int_range(0, 5),
						     .fails = !g_test_rand_int_range(0, 20),
						     .differs = g_test_rand_bit()};
			for (guint k = 0; k < i; k++) {
				if (!g_test_rand_int_range(0, 40))
					edge(&run.graph, i, k);
			}
		}
		run.exec = fake_exec.open(&exec_options, NULL);
		run.schedule = begin(&run.graph, &options);
		while (!schedule_is_over(run.schedule)) {
			while (schedule_look(run.schedule, &stage))
				schedule_set(run.schedule, stage,
					     run.fates[stage].stale || is_triggered(&run, stage) ? SCHEDULE_STALE
												 : SCHEDULE_SAME);
			start(&run);
			finish(&run);
		}
		check(&run);
		fake_exec.close(run.exec);
		schedule_free(run.schedule);
		g_free(run.fates);
		g_free(run.ran);
		g_free(run.jobs);
		graph_clear(&run.graph);
	}
}

int main(int argc, char **argv)
{
	tap_init(argc, argv);
	g_test_add_func("/schedule/in-order", in_order);
	g_test_add_func("/schedule/at-once", at_once);
	g_test_add_func("/schedule/a-failure-stops", a_failure_stops);
	g_test_add_func("/schedule/keep-going", keep_going);
	g_test_add_func("/schedule/ignore-errors", ignore_errors);
	g_test_add_func("/schedule/forced", forced);
	g_test_add_func("/schedule/blocked", blocked);
	g_test_add_func("/schedule/some", some);
	g_test_add_func("/schedule/long-chain", long_chain);
	g_test_add_func("/schedule/random-graphs", random_graphs);
	return g_test_run();
}
