#include "../tap.h"

#include "pipeline/undeclared.h"

#include <string.h>

/* A stage that is made by hand. */
struct sample {
	struct stage stage;
	GPtrArray *outputs; /* of struct output, owned */
	struct trace_report *report;
	const char *absent; /* a path that is not there; NULL: none */
	const char *there;  /* blank-separated marks of environments and sources that are there */
};

static void output_free_own(void *data)
{
	struct output *output = data;

	g_free(output->path);
	g_free(output);
}

static void add_dep(struct sample *sample, const char *path)
{
	struct stage_dep dep = {.path = (char *)path};

	g_array_append_val(sample->stage.deps, dep);
}

static void add_out(struct sample *sample, const char *path)
{
	struct output *output = g_new0(struct output, 1);
	struct stage_out out = {.output = output};

	output->path = g_strdup(path);
	g_ptr_array_add(sample->outputs, output);
	g_array_append_val(sample->stage.outs, out);
}

static struct sample *sample_new(const char *wdir)
{
	struct sample *sample = g_new0(struct sample, 1);

	sample->stage.name = (char *)"train@a";
	sample->stage.file = "mlv.yaml";
	sample->stage.wdir = (char *)wdir;
	sample->stage.deps = g_array_new(FALSE, FALSE, sizeof(struct stage_dep));
	sample->stage.params = g_array_new(FALSE, FALSE, sizeof(struct stage_params));
	sample->stage.outs = g_array_new(FALSE, FALSE, sizeof(struct stage_out));
	sample->outputs = g_ptr_array_new_with_free_func(output_free_own);
	sample->report = trace_report_new();
	sample->there = "";
	return sample;
}

static void sample_free(struct sample *sample)
{
	g_array_unref(sample->stage.deps);
	g_array_unref(sample->stage.params);
	g_array_unref(sample->stage.outs);
	g_ptr_array_unref(sample->outputs);
	trace_report_free(sample->report);
	g_free(sample);
}

AUTO_DEFINE(sample, sample_free);

static bool exists(const char *path, void *user)
{
	const struct sample *sample = user;
	g_auto(GStrv) there = g_strsplit(sample->there, " ", -1);
	const char *name = path_base(path);

	if (strcmp(name, "pyvenv.cfg") == 0 || strcmp(name, "conda-meta") == 0 || g_str_has_suffix(name, ".py"))
		return g_strv_contains((const char *const *)there, path);
	return g_strcmp0(path, sample->absent) != 0;
}

static void assert_found(struct sample *sample, const char *expected)
{
	const struct undeclared_world world = {.exists = exists, .user = sample};
	g_autoptr(GPtrArray) found = undeclared_find(&sample->stage, sample->report, &world);
	g_autoptr(GString) text = g_string_new(NULL);

	for (guint i = 0; i < found->len; i++) {
		g_autofree char *line = undeclared_text(&sample->stage, g_ptr_array_index(found, i));

		g_string_append_printf(text, "%s\n", line);
	}
	g_assert_cmpstr(text->str, ==, expected);
}

static void what_is_declared_is_fine(void)
{
	autoptr(sample) sample = sample_new("");
	struct stage_params params = {.path = (char *)"params.yaml"};

	add_dep(sample, "data");
	add_dep(sample, "src/train.py");
	add_out(sample, "model");
	add_out(sample, "plots");
	g_array_append_val(sample->stage.params, params);
	trace_report_read(sample->report, "data/a/b", NULL);
	trace_report_listed(sample->report, "data/a");
	trace_report_read(sample->report, "src/train.py", NULL);
	trace_report_listed(sample->report, "src");
	trace_report_read(sample->report, "params.yaml", NULL);
	trace_report_wrote(sample->report, "model", NULL);
	trace_report_wrote(sample->report, "plots/1.svg", NULL);
	/* By another name. */
	trace_report_read(sample->report, "link/b", "data/b");
	assert_found(sample, "");
}

static void names_the_line_to_add(void)
{
	autoptr(sample) sample = sample_new("sub");

	add_dep(sample, "sub/data");
	trace_report_read(sample->report, "sub/util.c", NULL);
	trace_report_read(sample->report, "lib/a b: c", NULL);
	trace_report_read(sample->report, "params.yaml", NULL);
	trace_report_wrote(sample->report, "sub/out", NULL);
	trace_report_wrote(sample->report, "sub/data/x", NULL);
	assert_found(sample, "reads 'lib/a b: c' undeclared: add '- '../lib/a b: c'' to deps of 'train' in mlv.yaml\n"
			     "reads 'params.yaml' undeclared: add '- ../params.yaml:' to params of 'train' in mlv.yaml\n"
			     "reads 'sub/util.c' undeclared: add '- util.c' to deps of 'train' in mlv.yaml\n"
			     "changes its own input 'sub/data/x'\n"
			     "writes 'sub/out' undeclared: add '- out' to outs of 'train' in mlv.yaml\n");
}

static void temporaries_and_tools_are_no_fault(void)
{
	autoptr(sample) sample = sample_new("");

	sample->absent = "gone";
	sample->there = "venv/pyvenv.cfg src/util.py";
	trace_report_wrote(sample->report, "gone", NULL);
	trace_report_read(sample->report, ".git/HEAD", NULL);
	trace_report_read(sample->report, "sub/.gitignore", NULL);
	trace_report_read(sample->report, "venv/lib/x.so", NULL);
	trace_report_read(sample->report, "mlv.yaml", NULL);
	trace_report_read(sample->report, "src/__pycache__/util.cpython-311.pyc", NULL);
	trace_report_read(sample->report, "src/__pycache__/other.cpython-311.pyc", NULL);
	trace_report_wrote(sample->report, "src/__pycache__/new.cpython-311.pyc", NULL);
	trace_report_wrote(sample->report, "src/__pycache__/newer.cpython-311.pyc", NULL);
	assert_found(sample, "reads 'src/util.py' undeclared: add '- src/util.py' to deps of 'train' in mlv.yaml\n"
			     "keeps a cache in 'src/__pycache__'\n");
}

static void folders_stand_for_their_files(void)
{
	autoptr(sample) sample = sample_new("");

	add_dep(sample, "partly/declared");
	trace_report_listed(sample->report, "data");
	trace_report_read(sample->report, "data/a", NULL);
	trace_report_read(sample->report, "data/sub/b", NULL);
	trace_report_read(sample->report, "data-x", NULL);
	trace_report_listed(sample->report, "only-names");
	trace_report_listed(sample->report, "partly");
	trace_report_read(sample->report, "partly/a", NULL);
	for (unsigned i = 0; i < 30; i++) {
		char name[32];

		g_snprintf(name, sizeof(name), "many/deep/%u", i);
		trace_report_wrote(sample->report, name, NULL);
	}
	assert_found(sample, "reads 'data' (2 files) undeclared: add '- data' to deps of 'train' in mlv.yaml\n"
			     "reads 'data-x' undeclared: add '- data-x' to deps of 'train' in mlv.yaml\n"
			     "reads 'only-names' undeclared: add '- only-names' to deps of 'train' in mlv.yaml\n"
			     "reads 'partly/a' undeclared: add '- partly/a' to deps of 'train' in mlv.yaml\n"
			     "writes 'many' (30 files) undeclared: add '- many' to outs of 'train' in mlv.yaml\n");
}

static void modules_stand_for_themselves(void)
{
	autoptr(sample) sample = sample_new("");

	trace_report_listed(sample->report, "pkg");
	trace_report_listed(sample->report, "pkg/sub");
	trace_report_read(sample->report, "pkg/__init__.py", NULL);
	trace_report_read(sample->report, "pkg/sub/a.py", NULL);
	assert_found(sample, "reads 'pkg/__init__.py' undeclared: add '- pkg/__init__.py' to deps of 'train' in mlv.yaml\n"
			     "reads 'pkg/sub/a.py' undeclared: add '- pkg/sub/a.py' to deps of 'train' in mlv.yaml\n");
}

static void a_walk_through_all_says_nothing(void)
{
	autoptr(sample) sample = sample_new("");

	trace_report_listed(sample->report, "");
	trace_report_listed(sample->report, "data");
	trace_report_listed(sample->report, "data/sub");
	assert_found(sample, "");
}

int main(int argc, char **argv)
{
	tap_init(argc, argv);
	g_test_add_func("/undeclared/declared", what_is_declared_is_fine);
	g_test_add_func("/undeclared/line", names_the_line_to_add);
	g_test_add_func("/undeclared/no-fault", temporaries_and_tools_are_no_fault);
	g_test_add_func("/undeclared/folders", folders_stand_for_their_files);
	g_test_add_func("/undeclared/modules", modules_stand_for_themselves);
	g_test_add_func("/undeclared/walk", a_walk_through_all_says_nothing);
	return g_test_run();
}
