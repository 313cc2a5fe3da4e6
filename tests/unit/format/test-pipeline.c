#include "../tap.h"

#include "base/error.h"
#include "doc/yaml.h"
#include "format/pipeline.h"

#include <string.h>

/* The files that templates may name, as pairs of path and text, NULL-terminated. */
static char *load(const char *path, size_t *length, void *user, GError **error)
{
	if (g_str_equal(path, "broken/params.yaml")) {
		error_set(error, ERROR_IO, "read 'broken/params.yaml': disk on fire");
		return NULL;
	}
	for (const char *const *file = user; file && *file; file += 2)
		if (g_str_equal(*file, path)) {
			*length = strlen(file[1]);
			return g_strdup(file[1]);
		}
	return NULL;
}

static struct pipeline *read_with(const char *text, const char *const *files, const struct pipeline_options *options,
				  GError **error)
{
	const struct pipeline_files loader = {load, (void *)files};

	return pipeline_read(text, strlen(text), "sub/dvc.yaml", &dialect_dvc, &loader, options, error);
}

/* Read what must be good. */
static struct pipeline *read_good(const char *text, const char *const *files)
{
	g_autoptr(GError) error = NULL;
	struct pipeline *pipeline = read_with(text, files, NULL, &error);

	if (!pipeline)
		g_error("%s", error->message);
	return pipeline;
}

/* Read what must be bad; every one of the `|`-separated parts must be in the message, which is returned. */
static char *read_bad(const char *text, const char *const *files, const char *parts)
{
	g_autoptr(GError) error = NULL;
	g_auto(GStrv) wanted = g_strsplit(parts, "|", -1);

	g_assert_null(read_with(text, files, NULL, &error));
	g_assert_true(error_is(error, ERROR_CORRUPT));
	for (char **part = wanted; *part; part++)
		if (!strstr(error->message, *part))
			g_error("no '%s' in: %s", *part, error->message);
	return g_strdup(error->message);
}

/* "name=cmd" of every stage, one a line. */
static char *summary(const struct pipeline *pipeline)
{
	GString *text = g_string_new(NULL);

	for (guint i = 0; i < pipeline->stages->len; i++) {
		const struct pipeline_stage *stage = pipeline->stages->pdata[i];

		g_string_append_printf(text, "%s=%s\n", stage->name,
				       stage->cmd->kind == NODE_STRING ? stage->cmd->text : "(list)");
		g_assert_true(pipeline_find(pipeline, stage->name) == stage);
	}
	return g_string_free(text, FALSE);
}

static void check_summary(const char *text, const char *const *files, const char *expected)
{
	autoptr(pipeline) pipeline = read_good(text, files);
	g_autofree char *got = summary(pipeline);

	g_assert_cmpstr(got, ==, expected);
}

static void test_empty(void)
{
	check_summary("", NULL, "");
	check_summary("# nothing\n", NULL, "");
	check_summary("stages: {}\nvars: []\n", NULL, "");
}

static void test_stage(void)
{
	static const char text[] =
		"stages:\n"
		"  a:\n"
		"    cmd: [one, two]\n"
		"    wdir: in\n"
		"    desc: what\n"
		"    frozen: true\n"
		"    always_changed: true\n"
		"    deps: [x, ../y]\n"
		"    outs:\n"
		"    - o1\n"
		"    - o2: {cache: false, persist: true, push: false, remote: r, desc: d, checkpoint: true}\n"
		"    - o1: {type: model}\n"
		"    metrics:\n"
		"    - m.json: {cache: false}\n"
		"    plots:\n"
		"    - p.csv: {x: a, header: false}\n";
	autoptr(pipeline) pipeline = read_good(text, NULL);
	const struct pipeline_stage *stage = pipeline_find(pipeline, "a");
	const struct entry *out;

	g_assert_nonnull(stage);
	g_assert_null(pipeline_find(pipeline, "b"));
	g_assert_cmpuint(stage->cmd->count, ==, 2);
	g_assert_cmpstr(stage->wdir, ==, "in");
	g_assert_cmpstr(stage->desc, ==, "what");
	g_assert_true(stage->frozen && stage->always_changed);
	g_assert_cmpstr(stage->deps[0], ==, "x");
	g_assert_cmpstr(stage->deps[1], ==, "../y");
	g_assert_null(stage->deps[2]);
	g_assert_cmpuint(stage->outs->len, ==, 4);
	out = stage->outs->pdata[0];
	g_assert_cmpstr(out->path, ==, "o1");
	g_assert_true(oid_is_none(&out->oid));
	g_assert_false(out->no_cache || out->no_push || out->persist);
	g_assert_cmpstr(node_get_string(stage->out_info[0].flags, "type"), ==, "model");
	out = stage->outs->pdata[1];
	g_assert_true(out->no_cache && out->no_push && out->persist);
	g_assert_cmpstr(out->remote, ==, "r");
	g_assert_cmpstr(node_get_string(stage->out_info[1].flags, "desc"), ==, "d");
	out = stage->outs->pdata[2];
	g_assert_true(out->no_cache);
	g_assert_cmpint(stage->out_info[2].kind, ==, PIPELINE_METRIC);
	out = stage->outs->pdata[3];
	g_assert_false(out->no_cache);
	g_assert_cmpint(stage->out_info[3].kind, ==, PIPELINE_PLOT);
}

static void test_params(void)
{
	static const char text[] =
		"stages:\n"
		"  a:\n"
		"    cmd: x\n"
		"    params: [k, {f.json: [a.b, c]}, l, k, {g.toml: }, {f.json: [d]}, {h.py: [q]}, {h.py: []}]\n";
	autoptr(pipeline) pipeline = read_good(text, NULL);
	const struct pipeline_stage *stage = pipeline_find(pipeline, "a");
	g_autoptr(GString) got = g_string_new(NULL);

	for (guint i = 0; i < stage->params->len; i++) {
		const struct pipeline_params *params = stage->params->pdata[i];
		g_autofree char *keys = params->keys ? g_strjoinv(",", params->keys) : g_strdup("*");

		g_string_append_printf(got, "%s:%s ", params->file, keys);
	}
	g_assert_cmpstr(got->str, ==, "params.yaml:k,l f.json:a.b,c,d g.toml:* h.py:* ");
}

static void test_defaults(void)
{
	autoptr(pipeline) pipeline = read_good("stages: {a: {cmd: x}}", NULL);
	const struct pipeline_stage *stage = pipeline_find(pipeline, "a");

	g_assert_cmpstr(stage->wdir, ==, ".");
	g_assert_null(stage->deps[0]);
	g_assert_cmpuint(stage->outs->len, ==, 0);
	g_assert_cmpuint(stage->params->len, ==, 0);
	g_assert_null(stage->desc);
	g_assert_false(stage->frozen || stage->always_changed);
}

static void test_sections(void)
{
	static const char text[] = "vars: [{w: one, axes: {x: a}}]\n"
				   "metrics: ['${w}.json']\n"
				   "params: [p.yaml]\n"
				   "plots: [a.csv, {'n-${w}': {y: {'${w}.csv': b}}}, {m: null}]\n"
				   "artifacts: {'art-${w}': {path: 'm/${w}', type: model, labels: ['${w}']}}\n"
				   "datasets: [{name: '${w}', type: url, url: u}]\n";
	autoptr(pipeline) pipeline = read_good(text, NULL);

	g_assert_cmpstr(pipeline->metrics->items[0]->text, ==, "one.json");
	g_assert_cmpstr(pipeline->params->items[0]->text, ==, "p.yaml");
	g_assert_nonnull(node_get(node_get(node_get(pipeline->plots->items[1], "n-one"), "y"), "one.csv"));
	g_assert_cmpstr(node_get_string(node_get(pipeline->artifacts, "art-one"), "path"), ==, "m/one");
	g_assert_cmpstr(node_get_string(pipeline->datasets->items[0], "name"), ==, "one");
}

static const char *const values[] = {
	"params.yaml",
	"s: text\ni: 3\nf: 1e-7\nbig: 1e16\nt: true\nn: null\nlist: [a, [b, c]]\nm: {k: {d: v}}\n"
	"esc: 'x \\${y}'\nhuge: 123456789012345678901234567890\n",
	NULL,
};

static void check_cmd(const char *cmd, const char *expected)
{
	g_autofree char *text = g_strdup_printf("stages:\n  a:\n    cmd: |-\n      %s\n", cmd);
	autoptr(pipeline) pipeline = read_good(text, values);
	const struct pipeline_stage *stage = pipeline_find(pipeline, "a");

	g_assert_cmpstr(stage->cmd->text, ==, expected);
}

static void test_interpolate(void)
{
	check_cmd("${s}", "text");
	check_cmd("${s}${i}", "text3");
	check_cmd("e ${f} ${big} ${t} ${n} ${i} ${huge}", "e 1e-07 1e+16 true None 3 123456789012345678901234567890");
	check_cmd("e ${list[0]} ${ list[1][0] } ${list.1.1} ${list[-2]}", "e a b c a");
	check_cmd("e ${m.k.d} ${m[k][d]} ${ m . k . d }", "e v v v");
	check_cmd("e \\${s} $s ${s", "e ${s} $s ${s");
	check_cmd("e \\\\${s}", "e \\${s}");
	check_cmd("\\${s}", "${s}");
	check_cmd("e ${esc}", "e x ${y}"); /* DVC unquotes after it replaced */
	check_cmd("${s} ${m} .", "text --k.d v .");
}

static void test_undefined(void)
{
	static const char *const bad[] = {"${no}",
					  "${s.x}",
					  "${list[2]}",
					  "${list[-3]}",
					  "${list[x]}",
					  "${list[]}",
					  "${}",
					  "${.s}",
					  "${s.}",
					  "${list[0}",
					  "${list]0[}",
					  "${list[0]x}",
					  "x ${list}",
					  "${list}",
					  "${m}",
					  "x ${m.no.d}",
					  "${list[99999999999999999999]}"};

	for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
		g_autofree char *text = g_strdup_printf("stages:\n  a:\n    cmd: '%s'\n", bad[i]);
		g_autofree char *message = read_bad(text, values, "sub/dvc.yaml:3:10: ");

		g_assert_null(strstr(message, "in stage"));
	}
}

/* A list that ends up where text must be. */
static void test_kinds_after(void)
{
	g_free(read_bad("stages:\n  a:\n    cmd: ${i}\n", values, ":3:10: a command must be a string, not an integer"));
	g_free(read_bad("stages:\n  a:\n    cmd: [x, '${t}']\n", values, ":3:14: a command must be"));
	g_free(read_bad("stages:\n  a:\n    cmd: x\n    deps: ['${i}']\n", values, ":4:12: a path must be a string"));
	g_free(read_bad("stages:\n  a:\n    cmd: x\n    outs: ['']\n", values, ":4:12: a path is empty"));
	g_free(read_bad("stages:\n  a:\n    cmd: x\n    outs: [{o: {remote: '${i}'}}]\n", values,
			"'remote' must be a string"));
	g_free(read_bad("stages:\n  a:\n    cmd: x\n    params: [{f: 1}, {g: [2]}]\n", values,
			":4:18: the parameters of a file must be a list|:4:27: a parameter must be a string"));
}

static void check_args(const char *map, const struct pipeline_options *options, const char *expected)
{
	g_autofree char *text = g_strdup_printf("vars:\n- m: %s\nstages:\n  a:\n    cmd: x ${m} y\n", map);
	g_autoptr(GError) error = NULL;
	autoptr(pipeline) pipeline = read_with(text, NULL, options, &error);

	g_assert_no_error(error);
	g_assert_cmpstr(pipeline_find(pipeline, "a")->cmd->text, ==, expected);
}

static void test_cmd_args(void)
{
	static const struct pipeline_options other = {.bool_optional = true, .list_append = true};

	check_args("{lr: 0.1, l: [1, 2], use: true, skip: false, name: a b}", NULL,
		   "x --lr 0.1 --l 1 2 --use --name 'a b' y");
	check_args("{l: [1, x y, true, null], skip: false, use: true}", &other,
		   "x --l 1 --l 'x y' --l True --l None --no-skip --use y");
	check_args("{e: '', q: \"it's\", p: x/y, n: null, d: {z: 1.50, w: {v: u}}, none: {}}", NULL,
		   "x --e '' --q 'it'\"'\"'s' --p x/y --n None --d.z 1.5 --d.w.v u y");
	check_args("{}", NULL, "x  y");
	check_args("{l: []}", NULL, "x  y");
	check_args("{1: a, b: c}", NULL, "x --b c y");
	g_free(read_bad("vars:\n- m: {l: [[1]]}\nstages:\n  a:\n    cmd: x ${m}\n", NULL, "'l' holds a list"));
}

static void test_foreach(void)
{
	check_summary("stages: {a: {foreach: [1, 2.50, true, x y, null, x y], do: {cmd: 'e ${item}'}}}", NULL,
		      "a@1=e 1\na@2.5=e 2.5\na@true=e true\na@x y=e x y\na@None=e None\n");
	check_summary("stages: {a: {foreach: [{n: 1}, z], do: {cmd: e}}}", NULL, "a@0=e\na@1=e\n");
	check_summary("stages: {a: {foreach: {p: {v: 1}, 7: {v: 2}}, do: {cmd: 'e ${key}=${item.v}'}}}", NULL,
		      "a@p=e p=1\na@7=e 7=2\n");
	check_summary("stages: {a: {foreach: '${m}', do: {cmd: 'e ${key} ${item.d}'}}}", values, "a@k=e k v\n");
	check_summary("stages: {a: {foreach: ['${s}', 'x${i}'], do: {cmd: 'e ${item}'}}}", values,
		      "a@text=e text\na@x3=e x3\n");
	check_summary("stages: {a: {foreach: [], do: {cmd: e}}, b: {cmd: f}}", NULL, "b=f\n");
	/* item hides a variable of that name, and is gone afterwards */
	check_summary("vars: [{item: v}]\nstages: {a: {foreach: [1], do: {cmd: 'e ${item}'}}, b: {cmd: 'f ${item}'}}",
		      NULL, "a@1=e 1\nb=f v\n");
}

static void test_foreach_bad(void)
{
	g_free(read_bad("stages: {a: {foreach: '${i}', do: {cmd: e}}}", values,
			"foreach needs a list or a map, not an"));
	g_free(read_bad("stages: {a: {foreach: [1], do: {cmd: 'e ${key}'}}}", NULL,
			"'key' is not defined (in stage 'a@1')"));
	g_free(read_bad("stages: {a: {foreach: [1]}}", NULL, "'do' is missing"));
	g_free(read_bad("stages: {a: {do: {cmd: x}}}", NULL, "'foreach' is missing"));
	g_free(read_bad("stages: {a: {foreach: [1], do: {cmd: x}, cmd: y}}", NULL, "'cmd' is not known here"));
	g_free(read_bad("stages: {a: {foreach: [1], do: {cmd: x, vars: [{item: 2}]}}}", NULL,
			"vars[0] defines 'item'"));
}

static void test_matrix(void)
{
	check_summary("stages: {a: {matrix: {m: [x, y], d: [{n: 1}, 2.50], s: '${list}'},"
		      " cmd: 'e ${item.m} ${item.s} ${key}'}}",
		      (const char *const[]){"params.yaml", "list: [8]", NULL},
		      "a@x-d0-8=e x 8 x-d0-8\na@x-2.5-8=e x 8 x-2.5-8\n"
		      "a@y-d0-8=e y 8 y-d0-8\na@y-2.5-8=e y 8 y-2.5-8\n");
	check_summary("stages: {a: {matrix: {m: '${m}'}, cmd: 'e ${item.m}'}}", values, "a@k=e k\n");
	check_summary("stages: {a: {matrix: {m: [x], n: []}, cmd: e}}", NULL, "");
	g_free(read_bad("stages: {a: {matrix: {m: '${s}'}, cmd: e}}", values, "axis 'm' of a matrix needs a list"));
	g_free(read_bad("stages: {a: {matrix: [1], cmd: e}}", NULL, "'matrix' needs a map, not a list"));
	g_free(read_bad("stages: {a: {matrix: {m: [1]}, foreach: [1], do: {cmd: x}}}", NULL, "'matrix' is not known"));
}

static void test_vars(void)
{
	static const char *const files[] = {
		"params.yaml", "a: {b: 1}\n", "conf/v.json", "{\"j\": {\"k\": 5}, \"l\": 6}",
		"in/w.yaml",   "w: 7\n",      NULL,
	};

	check_summary("vars: [conf/v.json, conf/../conf/v.json, params.yaml, {a: {c: 2}}]\n"
		      "stages: {a: {cmd: '${a.b} ${a.c} ${j.k} ${l}'}}",
		      files, "a=1 2 5 6\n");
	check_summary("vars: ['conf/v.json:j', 'conf/v.json:l,']\nstages: {a: {cmd: '${j.k} ${l}'}}", files, "a=5 6\n");
	check_summary("vars: [{d: in}]\n"
		      "stages: {a: {wdir: '${d}', vars: [w.yaml, {a: {z: 8}}], cmd: 'e ${w} ${a.b}${a.z}'},"
		      " b: {cmd: 'e ${a.b}'}}",
		      files, "a=e 7 18\nb=e 1\n");
}

static void test_vars_bad(void)
{
	static const char *const files[] = {
		"params.yaml", "a: {b: 1}\nc: 1\n",  "v.yaml", "x: 1\ny: 2\n", "list.yaml", "[1]", "bad.yaml", "a: [",
		"date.yaml",   "when: 2020-01-02\n", "c.yaml", "a: {b: 2}\n",  NULL,
	};

	g_free(read_bad("vars:\n- c: 2\n", files,
			"sub/dvc.yaml:2:3: vars[0] redefines 'c', which comes from sub/params.yaml"));
	g_free(read_bad("vars: [c.yaml]\n", files,
			"sub/c.yaml:1:5: sub/c.yaml redefines 'a.b', which comes from sub/params"));
	g_free(read_bad("vars: [{q: {r: 1}}, {q: {s: 1}}, {q: {s: 2}}]\n", files,
			"vars[2] redefines 'q.s'|from vars[1]"));
	g_free(read_bad("vars: [no.yaml]\n", files, "sub/dvc.yaml:1:8: there is no file 'sub/no.yaml'"));
	g_free(read_bad("vars: ['v.yaml:z']\n", files, "there is no 'z' in 'sub/v.yaml'"));
	g_free(read_bad("vars: [v.yaml, 'v.yaml:x']\n", files, "'v.yaml' is already loaded"));
	g_free(read_bad("vars: ['v.yaml:x', v.yaml]\n", files, "'v.yaml' is already loaded in part"));
	g_free(read_bad("vars: ['v.yaml:x', 'v.yaml:x,y']\n", files, "'v.yaml' is already loaded in part"));
	g_free(read_bad("vars: [list.yaml]\n", files, "sub/list.yaml:1:1: a file of variables must hold a map"));
	g_free(read_bad("vars: [bad.yaml]\n", files, "sub/bad.yaml:"));
	g_free(read_bad("vars: [date.yaml]\n", files, "sub/date.yaml:1:7: templates cannot use a date"));
	g_free(read_bad("vars: ['${c}']\n", files, "vars cannot use ${} themselves"));
	g_free(read_bad("vars: [1]\n", files, "needs a map or a string, not an integer"));
	g_free(read_bad("stages: {a: {cmd: x, vars: [{a: {b: 2}}]}}", files,
			"redefines 'a.b', which comes from sub/params"));
	g_free(read_bad("vars: [broken/params.yaml]\n", files, "disk on fire"));
}

static void test_schema(void)
{
	static const char text[] = "stagez: {}\n"
				   "metrics: x\n"
				   "stages: []\n";
	static const char stages[] = "stages:\n"
				     "  a: {cmd: x, depz: [a]}\n"
				     "  b: {deps: [a]}\n"
				     "  c: {cmd: 1}\n"
				     "  d: {cmd: x, outs: [{o: {cache: '${t}'}}]}\n"
				     "  e: {cmd: x, frozen: '${t}'}\n"
				     "  f: x\n"
				     "  5: {cmd: x}\n"
				     "  g@h: {cmd: x}\n"
				     "  i: {cmd: x, deps: }\n"
				     "  j: {cmd: x, plots: [{p: {x: [a]}}], outs: [{o: {7: x}}]}\n"
				     "  k: {cmd: '${no} ${t}'}\n";

	g_free(read_bad(text, NULL, ":1:1: the key 'stagez' is not known here|:2:10: 'metrics' needs a list|:3:9: "));
	g_free(read_bad(
		stages, values,
		":2:15: the key 'depz'|:3:3: 'cmd' is missing|:4:12: 'cmd' needs a list or a string, not an integer|"
		":5:34: 'cache' needs true or false, not a string|:6:23: 'frozen' needs|:7:6: 'f' needs a map|"
		":8:3: the name of a stage must be a string|:9:3: 'g@h' cannot be the name|"
		"'deps' needs a list, not nothing|'x' needs a string, not a list|a key must be a string|"
		":12:12: 'no' is not defined"));
	g_free(read_bad("[]", NULL, "this needs a map, not a list"));
	g_free(read_bad("stages: {a: {cmd: x}, a: {cmd: y}}", NULL, "sub/dvc.yaml:1:"));
	g_free(read_bad("stages: [", NULL, "sub/dvc.yaml:"));
}

/* One template with an error is one error, not one a stage; and no more are listed than anybody reads. */
static void test_many_errors(void)
{
	g_autoptr(GString) text = g_string_new("stages:\n");
	g_autofree char *once = NULL, *many = NULL;
	g_auto(GStrv) parts = NULL;

	once = read_bad("stages: {a: {matrix: {m: [1, 2, 3]}, cmd: '${no}'}}", NULL,
			"'no' is not defined (in stage 'a@1')");
	parts = g_strsplit(once, "'no' is not defined", -1);
	g_assert_cmpuint(g_strv_length(parts), ==, 2);
	for (int i = 0; i < 30; i++)
		g_string_append_printf(text, "  s%d: {cmd: '${n%d}'}\n", i, i);
	many = read_bad(text->str, NULL, "'n19' is not defined|10 more errors");
	g_assert_null(strstr(many, "'n20' is not defined"));
}

/* A few lines that ask for billions of stages, or for gigabytes of text. */
static void test_hostile(void)
{
	g_autoptr(GString) axes = g_string_new(NULL), text = g_string_new(NULL), braces = g_string_new(NULL);

	for (int i = 0; i < 12; i++)
		g_string_append_printf(axes, "%sx%d: [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]", i ? ", " : "", i);
	g_string_printf(text, "stages: {a: {matrix: {%s}, cmd: x}}", axes->str);
	g_free(read_bad(text->str, NULL, "more than 100000 stages"));

	g_string_assign(text, "vars: [{v: ");
	for (int i = 0; i < 1 << 20; i++)
		g_string_append_c(text, 'x');
	g_string_append(text, "}]\nstages: {a: {cmd: '");
	for (int i = 0; i < 2000; i++)
		g_string_append(text, "${v}");
	g_string_append(text, "'}}\n");
	g_free(read_bad(text->str, NULL, "make more than 256 MiB"));

	for (int i = 0; i < 100000; i++)
		g_string_append(braces, "${");
	g_string_printf(text, "stages: {a: {cmd: '%s'}}", braces->str);
	check_summary("stages: {a: {cmd: '${${'}}", NULL, "a=${${\n");
	pipeline_free(read_good(text->str, NULL));
}

int main(int argc, char **argv)
{
	tap_init(argc, argv);
	g_test_add_func("/pipeline/empty", test_empty);
	g_test_add_func("/pipeline/stage", test_stage);
	g_test_add_func("/pipeline/params", test_params);
	g_test_add_func("/pipeline/defaults", test_defaults);
	g_test_add_func("/pipeline/sections", test_sections);
	g_test_add_func("/pipeline/interpolate", test_interpolate);
	g_test_add_func("/pipeline/undefined", test_undefined);
	g_test_add_func("/pipeline/kinds-after", test_kinds_after);
	g_test_add_func("/pipeline/cmd-args", test_cmd_args);
	g_test_add_func("/pipeline/foreach", test_foreach);
	g_test_add_func("/pipeline/foreach-bad", test_foreach_bad);
	g_test_add_func("/pipeline/matrix", test_matrix);
	g_test_add_func("/pipeline/vars", test_vars);
	g_test_add_func("/pipeline/vars-bad", test_vars_bad);
	g_test_add_func("/pipeline/schema", test_schema);
	g_test_add_func("/pipeline/many-errors", test_many_errors);
	g_test_add_func("/pipeline/hostile", test_hostile);
	return g_test_run();
}
