/* graph: random pipelines, whose edges, circles, orders and selections are also found the slow and plain way */
#include "pipeline-kit.h"

#define STAGES 24
#define ROUNDS 120

/* What the plain way finds. */
struct oracle {
	guint count;
	bool needs[STAGES][STAGES];   /* directly */
	bool reaches[STAGES][STAGES]; /* over any number of edges */
	bool frozen[STAGES];
};

static bool meet(const char *a, const char *b)
{
	return path_is_inside(a, b) || path_is_inside(b, a);
}

static bool reads_from(const struct stage *reader, const struct stage *writer)
{
	for (guint i = 0; i < reader->deps->len; i++) {
		for (guint j = 0; j < writer->outs->len; j++) {
			if (meet(g_array_index(reader->deps, struct stage_dep, i).path,
				 g_array_index(writer->outs, struct stage_out, j).output->path))
				return true;
		}
	}
	return false;
}

static void close_over(struct oracle *oracle)
{
	for (guint k = 0; k < oracle->count; k++) {
		for (guint i = 0; i < oracle->count; i++) {
			for (guint j = 0; j < oracle->count; j++)
				oracle->reaches[i][j] |= oracle->reaches[i][k] && oracle->reaches[k][j];
		}
	}
}

static void ask(struct oracle *oracle, const struct stages *stages)
{
	oracle->count = stages->list->len;
	for (guint i = 0; i < oracle->count; i++) {
		const struct stage *reader = stages->list->pdata[i];

		oracle->frozen[i] = reader->frozen;
		for (guint j = 0; j < oracle->count; j++) {
			oracle->needs[i][j] = reads_from(reader, stages->list->pdata[j]);
			oracle->reaches[i][j] = oracle->needs[i][j];
		}
	}
	close_over(oracle);
}

static bool has_circle(const struct oracle *oracle)
{
	for (guint i = 0; i < oracle->count; i++) {
		if (oracle->reaches[i][i])
			return true;
	}
	return false;
}

/* A path that the stage writes: a file in a folder that several share, a path of its own, or one like the beginning of others. */
static char *random_out(guint stage)
{
	static const char *const forms[] = {"shared%u/s%u", "own%u-%u", "deep%u/a/b/s%u", "own%u-%u.txt"};

	return g_strdup_printf(forms[stage % G_N_ELEMENTS(forms)], stage % 3, stage);
}

/* A path that meets what a stage writes, or the folder that it lies in, or (seldom) nothing. */
static char *random_dep(guint stage)
{
	g_autofree char *out = random_out(stage);

	switch (g_test_rand_int_range(0, 8)) {
	case 0:
		return path_parent(out);
	case 1:
		return g_strconcat(out, "/in/side", NULL);
	case 2:
		return g_strconcat(out, "x", NULL);
	default:
		return g_steal_pointer(&out);
	}
}

/* Stages that mostly read from earlier ones, so that about half of the pipelines have no circle. */
static char *random_pipeline(void)
{
	GString *text = g_string_new("stages:\n");
	guint count = (guint)g_test_rand_int_range(1, STAGES + 1);

	for (guint i = 0; i < count; i++) {
		g_autofree char *out = random_out(i);

		g_string_append_printf(text, "  s%u:\n    cmd: x\n    frozen: %s\n    outs: ['%s']\n    deps: [", i,
				       g_test_rand_int_range(0, 8) ? "false" : "true", out);
		for (gint32 deps = g_test_rand_int_range(0, 4); deps > 0; deps--) {
			bool any = !g_test_rand_int_range(0, 40);
			guint from = (guint)g_test_rand_int_range(0, (gint32)(any ? count : i ? i : 1));
			g_autofree char *dep = random_dep(from);

			if (*dep && (any || i))
				g_string_append_printf(text, "'%s', ", dep);
		}
		g_string_append(text, "]\n");
	}
	return g_string_free(text, false);
}

static void check_edges(const struct graph *graph, const struct oracle *oracle)
{
	for (guint i = 0; i < graph->count; i++) {
		guint expected = 0, feeding = 0;

		for (guint j = 0; j < graph->count; j++) {
			expected += oracle->needs[i][j];
			feeding += oracle->needs[j][i];
		}
		g_assert_cmpuint(graph->needs[i]->len, ==, expected);
		g_assert_cmpuint(graph->feeds[i]->len, ==, feeding);
		for (guint j = 0; j < expected; j++)
			g_assert_true(oracle->needs[i][g_array_index(graph->needs[i], guint, j)]);
	}
}

/* That each of the stages comes once, and after those of them that it needs. */
static void check_order(const guint *order, guint count, const struct oracle *oracle)
{
	for (guint i = 0; i < count; i++) {
		for (guint j = i; j < count; j++)
			g_assert_false(oracle->reaches[order[i]][order[j]] || (i != j && order[i] == order[j]));
	}
}

/* That these stages are those that the oracle would take. */
static void check_set(const GArray *order, const bool *expected, const struct oracle *oracle)
{
	guint count = 0;

	for (guint i = 0; i < oracle->count; i++)
		count += expected[i];
	g_assert_cmpuint(order->len, ==, count);
	for (guint i = 0; i < order->len; i++)
		g_assert_true(expected[g_array_index(order, guint, i)]);
	check_order((const guint *)(const void *)order->data, order->len, oracle);
}

static void check_closures(const struct graph *graph, const struct oracle *oracle)
{
	for (guint i = 0; i < graph->count; i++) {
		g_autoptr(GArray) needs = graph_closure(graph, i, false), feeds = graph_closure(graph, i, true);
		bool reached_by[STAGES];

		check_set(needs, oracle->reaches[i], oracle);
		for (guint j = 0; j < graph->count; j++)
			reached_by[j] = oracle->reaches[j][i];
		check_set(feeds, reached_by, oracle);
	}
}

/* Mark what a selection adds, by going round until nothing changes. */
static void widen(const struct oracle *oracle, const struct graph_options *options, bool *wanted)
{
	bool up = !options->single && !options->downstream, down = options->downstream || options->pipeline;

	for (bool changed = true; changed;) {
		changed = false;
		for (guint i = 0; i < oracle->count; i++) {
			for (guint j = 0; j < oracle->count; j++) {
				bool follow = oracle->needs[i][j] && (options->past_frozen || !oracle->frozen[i]);

				if (follow && up && wanted[i] && !wanted[j])
					changed = wanted[j] = true;
				if (follow && down && wanted[j] && !wanted[i])
					changed = wanted[i] = true;
			}
		}
	}
}

static void check_selections(const struct graph *graph, const struct oracle *oracle)
{
	static const struct graph_options options[] = {
		{0}, {.past_frozen = true}, {.single = true}, {.downstream = true}, {.pipeline = true},
	};

	for (guint i = 0; i < G_N_ELEMENTS(options); i++) {
		guint stage = (guint)g_test_rand_int_range(0, (gint32)graph->count);
		const struct stage *target = graph->stages->list->pdata[stage];
		char *arguments[] = {target->address, NULL};
		bool wanted[STAGES] = {false};
		g_autoptr(GError) error = NULL;
		g_autoptr(GArray) order = graph_select(graph, arguments, &options[i], &error);

		g_assert_no_error(error);
		wanted[stage] = true;
		widen(oracle, &options[i], wanted);
		check_set(order, wanted, oracle);
	}
}

static void random_graphs_are_what_they_should_be(struct project *project, gconstpointer dialect)
{
	guint circles = 0;

	(void)dialect;
	for (guint round = 0; round < ROUNDS; round++) {
		g_autofree char *text = random_pipeline();
		struct oracle oracle = {0};
		struct loaded loaded;

		project_write(project, "dvc.yaml", text);
		kit_load(&loaded, project);
		ask(&oracle, loaded.stages);
		g_assert_true(has_circle(&oracle) == !loaded.graph);
		if (loaded.graph) {
			check_edges(loaded.graph, &oracle);
			check_order(loaded.graph->order, loaded.graph->count, &oracle);
			check_closures(loaded.graph, &oracle);
			check_selections(loaded.graph, &oracle);
		} else {
			circles++;
		}
		kit_unload(&loaded);
	}
	/* Both kinds must have been tried. */
	g_assert_cmpuint(circles, >, 0);
	g_assert_cmpuint(circles, <, ROUNDS);
}

int main(int argc, char **argv)
{
	kit_init(argc, argv);
	g_test_add("/graph/random_graphs_are_what_they_should_be", struct project, &dialect_dvc, project_set_up,
		   random_graphs_are_what_they_should_be, project_tear_down);
	return g_test_run();
}
