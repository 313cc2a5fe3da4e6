#include "../tap.h"

#include "base/error.h"
#include "doc/yaml.h"
#include "format/stage-edit.h"

#include <string.h>

static struct doc *read_text(const char *text)
{
	g_autoptr(GError) error = NULL;
	struct doc *doc = yaml_read(text, strlen(text), "mlv.yaml", &error);

	g_assert_no_error(error);
	return doc;
}

/* A stage with a command alone. */
static struct stage_edit_spec small_spec(const GArray *outs)
{
	return (struct stage_edit_spec){.name = "new", .cmd = "true", .outs = outs};
}

/* Put the stage `new` (`cmd: true`) into a text and compare what comes out. */
static void assert_put(const char *have, const char *expected)
{
	autoptr(doc) doc = read_text(have);
	autoptr(doc) values = doc_new();
	g_autoptr(GArray) outs = g_array_new(FALSE, FALSE, sizeof(struct stage_edit_out));
	struct stage_edit_spec spec = small_spec(outs);
	g_autoptr(GError) error = NULL;
	g_autofree char *text = NULL;
	size_t length;

	text = stage_edit_put(doc, spec.name, stage_edit_body(values, &spec), &length, &error);
	g_assert_no_error(error);
	g_assert_cmpstr(text, ==, expected);
	g_assert_cmpuint(strlen(text), ==, length);
}

static void put_leaves_all_else(void)
{
	assert_put("# nothing yet\n", "# nothing yet\nstages:\n  new:\n    cmd: 'true'\n");
	assert_put("", "stages:\n  new:\n    cmd: 'true'\n");
	assert_put("stages:\n", "stages:\n  new:\n    cmd: 'true'\n");
	assert_put("stages: # none\nvars: [a]\n", "stages: # none\n  new:\n    cmd: 'true'\nvars: [a]\n");
	assert_put("stages: {}\n", "stages: {new: {cmd: 'true'}}\n");
	assert_put("vars:\n  - a: 1 # one\n", "vars:\n  - a: 1 # one\nstages:\n  new:\n    cmd: 'true'\n");
	assert_put("---\nstages:\n    a:\n        cmd: x   # what\n\n# behind\nparams:\n- p\n",
		   "---\nstages:\n    a:\n        cmd: x   # what\n    new:\n      cmd: 'true'\n\n# behind\nparams:\n- p\n");
	assert_put("stages:\n  a: {cmd: x}\n  # last words", "stages:\n  a: {cmd: x}\n  new:\n    cmd: 'true'\n  # last words");
	assert_put("stages:\n  a:\n    cmd: |\n      one\n      two\n\nmetrics: [m]",
		   "stages:\n  a:\n    cmd: |\n      one\n      two\n  new:\n    cmd: 'true'\n\nmetrics: [m]");
	assert_put("stages:\n  a:\n    cmd: |+\n      keep\n\n  b:\n    cmd: >-\n      folded\n      text",
		   "stages:\n  a:\n    cmd: |+\n      keep\n\n  b:\n    cmd: >-\n      folded\n      text\n"
		   "  new:\n    cmd: 'true'\n");
	assert_put("stages:\r\n  a:\r\n    cmd: x\r\n", "stages:\r\n  a:\r\n    cmd: x\r\n  new:\r\n    cmd: 'true'\r\n");
	assert_put("{stages: {a: {cmd: x}}}\n", "{stages: {a: {cmd: x}, new: {cmd: 'true'}}}\n");
	assert_put("stages:\n  a:\n    cmd: x\n...\n", "stages:\n  a:\n    cmd: x\n  new:\n    cmd: 'true'\n...\n");
	assert_put("stages:\n  a:\n    cmd: x\n    deps:\n",
		   "stages:\n  a:\n    cmd: x\n    deps:\n  new:\n    cmd: 'true'\n");
	assert_put("\"stages\":\n  a: &x\n    cmd: x\n  b: *x\n", "\"stages\":\n  a: &x\n    cmd: x\n  b: *x\n  new:\n    cmd: 'true'\n");
}

static void put_replaces(void)
{
	assert_put("stages:\n  a:\n    cmd: x\n  new:   # mine\n    desc: d\n    # why\n    cmd: y  # say\n    outs: [o]\n  b:\n    cmd: z\n",
		   "stages:\n  a:\n    cmd: x\n  new:   # mine\n    # why\n    cmd: 'true' # say\n  b:\n    cmd: z\n");
}

/* Keys and lists stand as DVC writes them. */
static void bodies_are_dvcs(void)
{
	const char *const deps[] = {"model.txt", "a", NULL};
	const char *const params[] = {"train.lr,prepare", "extra.json:drop", "consts.py:", "a.yaml:y", "a.yaml:x,y", NULL};
	const struct stage_edit_out all[] = {
		{"z.txt", PIPELINE_OUT, false, false},   {"y.txt", PIPELINE_OUT, true, false},
		{"x.txt", PIPELINE_OUT, false, true},    {"w", PIPELINE_OUT, true, true},
		{"m2.json", PIPELINE_METRIC, true, false}, {"p.csv", PIPELINE_PLOT, false, false},
	};
	g_autoptr(GArray) outs = g_array_new(FALSE, FALSE, sizeof(struct stage_edit_out));
	struct stage_edit_spec spec = {.name = "more", .cmd = "echo \"hi there\" > z.txt && cp z.txt y.txt", .outs = outs};
	autoptr(doc) doc = doc_new();
	g_autoptr(GString) text = NULL;

	g_array_append_vals(outs, all, G_N_ELEMENTS(all));
	spec.desc = "a desc";
	spec.wdir = "src";
	spec.deps = deps;
	spec.params = params;
	spec.always_changed = true;
	g_assert_true(stage_edit_check(&spec, NULL));
	text = yaml_write(stage_edit_body(doc, &spec));
	g_assert_cmpstr(text->str, ==,
			"desc: a desc\ncmd: echo \"hi there\" > z.txt && cp z.txt y.txt\nwdir: src\ndeps:\n- a\n- model.txt\n"
			"params:\n- prepare\n- train.lr\n- a.yaml:\n  - x\n  - y\n- consts.py:\n- extra.json:\n  - drop\n"
			"outs:\n- w:\n    cache: false\n    persist: true\n- x.txt:\n    persist: true\n- y.txt:\n"
			"    cache: false\n- z.txt\nmetrics:\n- m2.json:\n    cache: false\nplots:\n- p.csv\n"
			"always_changed: true\n");
}

static void whole_default_file(void)
{
	const char *const params[] = {"params.yaml:", "a.json:k", NULL};
	g_autoptr(GArray) outs = g_array_new(FALSE, FALSE, sizeof(struct stage_edit_out));
	struct stage_edit_spec spec = small_spec(outs);
	autoptr(doc) doc = doc_new();
	g_autoptr(GString) text = NULL;

	spec.params = params;
	text = yaml_write(stage_edit_body(doc, &spec));
	g_assert_cmpstr(text->str, ==, "cmd: 'true'\nparams:\n- a.json:\n  - k\n- params.yaml:\n");
}

static void nonsense_is_refused(void)
{
	const char *const twice[] = {"a", "a", NULL}, *const round[] = {"o", NULL};
	const struct stage_edit_out out = {.path = "o"};
	g_autoptr(GArray) outs = g_array_new(FALSE, FALSE, sizeof(struct stage_edit_out));
	struct stage_edit_spec spec = small_spec(outs);

	g_assert_true(stage_edit_check_name("train-2_naïve", NULL));
	g_assert_false(stage_edit_check_name("", NULL));
	g_assert_false(stage_edit_check_name("a@b", NULL));
	g_assert_false(stage_edit_check_name("a/b", NULL));
	g_assert_false(stage_edit_check_name("a\nb", NULL));
	g_assert_false(stage_edit_check_name("a\xff", NULL));
	g_array_append_val(outs, out);
	g_assert_true(stage_edit_check(&spec, NULL));
	spec.deps = round;
	g_assert_false(stage_edit_check(&spec, NULL));
	spec.deps = twice;
	g_assert_false(stage_edit_check(&spec, NULL));
	spec.deps = NULL;
	g_array_append_val(outs, out);
	g_assert_false(stage_edit_check(&spec, NULL));
}

static void assert_frozen(const char *have, bool frozen, const char *expected)
{
	autoptr(doc) doc = read_text(have);
	g_autoptr(GError) error = NULL;
	g_autofree char *text = NULL;
	size_t length;

	text = stage_edit_freeze(doc, "a", frozen, &length, &error);
	g_assert_no_error(error);
	g_assert_cmpstr(text, ==, expected);
}

static void freezing(void)
{
	const char *thawed = "stages:\n  a:\n    cmd: x # c\n\n  # b\n  b:\n    cmd: ${y}\n";
	const char *frozen = "stages:\n  a:\n    cmd: x # c\n    frozen: true\n\n  # b\n  b:\n    cmd: ${y}\n";

	assert_frozen(thawed, true, frozen);
	assert_frozen(frozen, true, frozen);
	assert_frozen(frozen, false, thawed);
	assert_frozen(thawed, false, thawed);
	assert_frozen("stages: {a: {frozen: false, cmd: x}}\n", true, "stages: {a: {frozen: true, cmd: x}}\n");
	/* A template keeps its text. */
	assert_frozen("stages:\n  a:\n    cmd: ${x}\n", true, "stages:\n  a:\n    cmd: ${x}\n    frozen: true\n");
}

static void assert_removed(const char *have, const char *expected)
{
	autoptr(doc) doc = read_text(have);
	g_autoptr(GError) error = NULL;
	g_autofree char *text = NULL;
	size_t length;

	text = stage_edit_remove(doc, "a", &length, &error);
	g_assert_no_error(error);
	g_assert_cmpstr(text, ==, expected);
}

static void removing(void)
{
	assert_removed("# top\nstages:\n  a:\n    cmd: x\n  # of b\n  b:\n    cmd: y\n", "# top\nstages:\n  # of b\n  b:\n    cmd: y\n");
	assert_removed("stages:\n  a:\n    cmd: x\nvars:\n- 1\n", "vars:\n- 1\n");
	assert_removed("stages: {b: {cmd: y}, a: {cmd: x}}\n", "stages: {b: {cmd: y}}\n");
}

/* Every change of what is no plain stage in the text is refused, with a reason. */
static void templates_are_refused(void)
{
	autoptr(doc) doc = read_text("stages:\n  loop:\n    foreach: [1, 2]\n    do: {cmd: x}\n"
				     "  grid:\n    matrix: {m: [1]}\n    cmd: x\n  new:\n    cmd: x\n    outs: ['${o}']\n"
				     "  one: &one\n    cmd: x\n  two: *one\n");
	autoptr(doc) list = read_text("stages: [a]\n");
	autoptr(doc) values = doc_new();
	g_autoptr(GArray) outs = g_array_new(FALSE, FALSE, sizeof(struct stage_edit_out));
	struct stage_edit_spec spec = small_spec(outs);
	struct node *body = stage_edit_body(values, &spec);
	const char *const unfrozen[] = {"loop", "loop@1", "grid", "grid@1"};
	size_t length;

	for (guint i = 0; i < G_N_ELEMENTS(unfrozen); i++) {
		g_autoptr(GError) error = NULL;

		g_assert_null(stage_edit_freeze(doc, unfrozen[i], true, &length, &error));
		g_assert_true(error_is(error, ERROR_USAGE));
		g_assert_cmpstr(error_get_hint(error), ==, "edit mlv.yaml");
	}
	g_assert_null(stage_edit_put(doc, "loop", body, &length, NULL));
	g_assert_null(stage_edit_put(doc, "grid", body, &length, NULL));
	g_assert_null(stage_edit_put(doc, "new", body, &length, NULL));
	g_assert_null(stage_edit_freeze(doc, "one", true, &length, NULL));
	g_assert_null(stage_edit_freeze(doc, "absent", true, &length, NULL));
	g_assert_null(stage_edit_remove(doc, "absent", &length, NULL));
	g_assert_null(stage_edit_put(list, "new", body, &length, NULL));
	g_assert_null(stage_edit_freeze(list, "a", true, &length, NULL));
	g_assert_null(stage_edit_remove(list, "a", &length, NULL));
}

int main(int argc, char **argv)
{
	tap_init(argc, argv);
	g_test_add_func("/stage-edit/put_leaves_all_else", put_leaves_all_else);
	g_test_add_func("/stage-edit/put_replaces", put_replaces);
	g_test_add_func("/stage-edit/bodies_are_dvcs", bodies_are_dvcs);
	g_test_add_func("/stage-edit/whole_default_file", whole_default_file);
	g_test_add_func("/stage-edit/nonsense_is_refused", nonsense_is_refused);
	g_test_add_func("/stage-edit/freezing", freezing);
	g_test_add_func("/stage-edit/removing", removing);
	g_test_add_func("/stage-edit/templates_are_refused", templates_are_refused);
	return g_test_run();
}
