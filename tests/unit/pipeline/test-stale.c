/* stale, reason, facts: whether a stage is up to date, every reason why not, and how people are told */
#include "pipeline-kit.h"

#include "pipeline/stale.h"

#include <string.h>

/* All reasons of the stage at this address, one a line. New string. */
static char *told(struct project *project, const char *address, const struct stale_options *options)
{
	GString *text = g_string_new(NULL);
	g_autoptr(GError) error = NULL;
	g_autoptr(GPtrArray) reasons = NULL;
	autoptr(facts) facts = NULL;
	const struct stage *stage;
	struct loaded loaded;

	project_reopen(project);
	facts = facts_new(project->ws);
	kit_load(&loaded, project);
	stage = kit_stage(&loaded, address);
	reasons = stale_reasons(stage, stage->lock, facts, options, &error);
	if (error)
		g_string_append(text, error->message);
	for (guint i = 0; reasons && i < reasons->len; i++) {
		const struct reason *reason = reasons->pdata[i];
		g_autofree char *line = reason_text(reason);

		g_string_append_printf(text, "%s\n", line);
		for (guint j = 0; reason->inside && j < reason->inside->len; j++)
			g_string_append_printf(text, "  %s\n", (char *)reason->inside->pdata[j]);
	}
	kit_unload(&loaded);
	return g_string_free(text, false);
}

static void assert_told(struct project *project, const char *address, const char *expected)
{
	const struct stale_options options = {.no_store = true};
	g_autofree char *now = told(project, address, &options);

	g_assert_cmpstr(now, ==, expected);
}

#define ONE "c4ca4238a0b923820dcc509a6f75849b"

/* A stage that is up to date: reads a and parameters, writes o, all of which hold "1". */
static void write_stage(struct project *project)
{
	project_write(project, "a", "1");
	project_write(project, "o", "1");
	project_write(project, "params.yaml", "lr: 0.1\nn: {k: [1, 2]}\nother: 3\n");
	project_write(project, "dvc.yaml",
		      "stages:\n  t:\n    cmd: train --lr 0.1 --fast\n    deps: [a]\n    params: [lr, n.k]\n    outs: [o]\n");
	project_write(project, "dvc.lock",
		      "schema: '2.0'\nstages:\n  t:\n    cmd: train --lr 0.1 --fast\n    deps:\n    - path: a\n      hash: md5\n"
		      "      md5: " ONE "\n      size: 1\n    params:\n      params.yaml:\n        lr: 0.1\n        n.k:\n"
		      "        - 1\n        - 2\n    outs:\n    - path: o\n      hash: md5\n      md5: " ONE "\n      size: 1\n");
}

static void nothing_changed(struct project *project, gconstpointer dialect)
{
	(void)dialect;
	write_stage(project);
	assert_told(project, "t", "");
	/* What is equal to Python, and what nobody asks for. */
	project_write(project, "params.yaml", "other: 4\nn: {k: [1.0, 2]}\nlr: 1e-1\n");
	assert_told(project, "t", "");
}

static void every_reason_is_told(struct project *project, gconstpointer dialect)
{
	(void)dialect;
	write_stage(project);
	project_write(project, "a", "2");
	project_write(project, "o", "22");
	project_write(project, "params.yaml", "lr: '0.1'\n");
	project_write(project, "dvc.yaml",
		      "stages:\n  t:\n    cmd: train --lr 0.2 --fast\n    deps: [a, b]\n    params: [lr, n.k, new]\n    outs: [o, p]\n"
		      "    always_changed: true\n");
	assert_told(project, "t",
		    "'a' changed: c4ca4238 -> c81e728d\n"
		    "'b' is missing\n"
		    "parameter lr of params.yaml changed: 0.1 -> \"0.1\"\n"
		    "parameter n.k of params.yaml is gone: it was [1, 2]\n"
		    "parameter new of params.yaml is missing\n"
		    "output 'o' changed: c4ca4238 -> b6d767d2\n"
		    "output 'p' is missing\n"
		    "the command changed: … --lr 0.1 … -> … --lr 0.2 …\n"
		    "it runs every time (always_changed)\n");
}

static void a_stage_that_never_ran(struct project *project, gconstpointer dialect)
{
	(void)dialect;
	write_stage(project);
	project_delete(project, "dvc.lock");
	assert_told(project, "t",
		    "no run of it is recorded\n"
		    "'a' is not recorded yet\n"
		    "the parameters of 'params.yaml' are not recorded yet\n"
		    "output 'o' is not recorded yet\n");
	project_write(project, "dvc.yaml", "stages:\n  t: {cmd: x}\n");
	assert_told(project, "t",
		    "no run of it is recorded\n"
		    "it runs every time: it has neither dependencies nor outputs\n");
}

static void a_frozen_stage_does_not_follow_its_inputs(struct project *project, gconstpointer dialect)
{
	(void)dialect;
	write_stage(project);
	project_write(project, "a", "2");
	project_write(project, "dvc.yaml",
		      "stages:\n  t: {cmd: train --lr 0.1 --fast, deps: [a], outs: [o], frozen: true}\n");
	assert_told(project, "t", "");
	project_write(project, "o", "2");
	assert_told(project, "t", "output 'o' changed: c4ca4238 -> c81e728d\n");
}

static void parameters_as_a_whole(struct project *project, gconstpointer dialect)
{
	(void)dialect;
	project_write(project, "p.json", "{\"a\": 1, \"b\": {\"x\": 1, \"y\": 2}, \"7\": true}");
	project_write(project, "dvc.yaml", "stages:\n  t: {cmd: x, params: [p.json: null]}\n");
	project_write(project, "dvc.lock",
		      "schema: '2.0'\nstages:\n  t:\n    cmd: x\n    params:\n      p.json:\n        '7': true\n        b:\n"
		      "          y: 2\n          x: 1\n        c: 5\n");
	assert_told(project, "t",
		    "parameter a of p.json is new: 1\n"
		    "parameter c of p.json is gone: it was 5\n");
	project_delete(project, "p.json");
	assert_told(project, "t", "'p.json' is missing\n");
	project_write(project, "p.json", "{\"a\": ");
	{
		const struct stale_options options = {.no_store = true};
		g_autofree char *now = told(project, "t", &options);

		g_assert_true(g_str_has_prefix(now, "p.json"));
	}
}

static void the_store_is_looked_into(struct project *project, gconstpointer dialect)
{
	const struct stale_options look = {0}, missing = {.allow_missing = true}, first = {.first_only = true};
	g_autofree char *all = NULL, *allowed = NULL, *one = NULL;

	(void)dialect;
	write_stage(project);
	all = told(project, "t", &look);
	g_assert_cmpstr(all, ==, "output 'o' is not in the store\n");
	project_delete(project, "a");
	project_delete(project, "o");
	allowed = told(project, "t", &missing);
	g_assert_cmpstr(allowed, ==, "");
	one = told(project, "t", &first);
	g_assert_cmpstr(one, ==, "'a' is missing\n");
}

static void files_inside_a_folder_are_told(struct project *project, gconstpointer dialect)
{
	const struct stale_options options = {.inside = true};
	g_autoptr(GString) lock = g_string_new(NULL);
	g_autofree char *now = NULL, *pointer = NULL;
	const char *md5;

	(void)dialect;
	project_write(project, "d/a", "1");
	project_write(project, "d/b", "2");
	project_write(project, "d/c", "3");
	project_add(project, "d");
	pointer = project_read(project, "d.dvc");
	md5 = strstr(pointer, "md5: ");
	g_assert_nonnull(md5);
	project_write(project, "dvc.yaml", "stages:\n  t: {cmd: x, deps: [d]}\n");
	g_string_printf(lock,
			"schema: '2.0'\nstages:\n  t:\n    cmd: x\n    deps:\n    - path: d\n      hash: md5\n      md5: %.36s\n",
			md5 + 5);
	project_write(project, "dvc.lock", lock->str);
	assert_told(project, "t", "");
	project_write(project, "d/a", "new");
	project_delete(project, "d/b");
	project_write(project, "d/e", "2");
	project_write(project, "d/f", "f");
	now = told(project, "t", &options);
	g_assert_nonnull(strstr(now, "\n  modified: a\n  renamed: b -> e\n  added: f\n"));
}

static void keys_are_looked_up_in_maps_and_lists(void)
{
	autoptr(doc) doc = doc_new();
	struct node *list = node_list(doc), *map = node_map(doc), *inner = node_map(doc);

	node_append(doc, list, node_int(doc, 5));
	node_set(doc, inner, "l", list);
	node_set(doc, map, "a", inner);
	g_assert_cmpint((int)facts_value(map, "a.l.0")->integer, ==, 5);
	g_assert_cmpint((int)facts_value(map, "a.l[0]")->integer, ==, 5);
	g_assert_null(facts_value(map, "a.l.1"));
	g_assert_null(facts_value(map, "a.l.x"));
	g_assert_null(facts_value(map, "a.l.99999999999999999999"));
	g_assert_null(facts_value(map, "a.m.0"));
	g_assert_null(facts_value(map, ""));
}

/* Make a symbolic link in the project. */
static void link_to(struct project *project, const char *target, const char *path)
{
	g_autofree char *full = path_join(project->root, path);

	unlink(full);
	g_assert_cmpint(symlink(target, full), ==, 0);
}

static void links_are_followed_to_what_a_stage_reads(struct project *project, gconstpointer dialect)
{
	g_autofree char *outside = path_join(g_getenv("HOME"), "outside"), *file = path_join(outside, "a");

	(void)dialect;
	write_stage(project);
	project_write(project, "real/a", "1");
	project_delete(project, "a");
	link_to(project, "real/a", "a");
	assert_told(project, "t", "");
	project_write(project, "real/a", "2");
	assert_told(project, "t", "'a' changed: c4ca4238 -> c81e728d\n");
	/* Out of the project, and through a folder. */
	kit_write(file, "1");
	link_to(project, file, "a");
	assert_told(project, "t", "");
	kit_write(file, "2");
	assert_told(project, "t", "'a' changed: c4ca4238 -> c81e728d\n");
	link_to(project, outside, "folder");
	project_write(project, "dvc.yaml", "stages:\n  f: {cmd: x, deps: [folder/a, folder/none]}\n");
	assert_told(project, "f",
		    "no run of it is recorded\n"
		    "'folder/a' is not recorded yet\n"
		    "'folder/none' is missing\n");
	link_to(project, "nowhere", "a");
	project_write(project, "dvc.yaml", "stages:\n  t: {cmd: train --lr 0.1 --fast, deps: [a], outs: [o]}\n");
	assert_told(project, "t", "'a' is missing\n");
}

static void what_is_forgotten_is_looked_at_again(struct project *project, gconstpointer dialect)
{
	autoptr(facts) facts = facts_new(project->ws);
	g_autoptr(GError) error = NULL;
	struct oid inner, other;

	(void)dialect;
	project_write(project, "d/x/f", "1");
	project_write(project, "d-other", "1");
	inner = facts_at(facts, "d/x/f", OID_MD5, &error)->oid;
	g_assert_cmpint(facts_at(facts, "d", OID_MD5, &error)->kind, ==, SCAN_DIR);
	other = facts_at(facts, "d-other", OID_MD5, &error)->oid;
	g_assert_no_error(error);
	project_write(project, "d/x/f", "22");
	project_write(project, "d-other", "22");
	facts_forget(facts, "d/x");
	g_assert_false(oid_equal(&facts_at(facts, "d/x/f", OID_MD5, &error)->oid, &inner));
	g_assert_cmpuint(facts_at(facts, "d", OID_MD5, &error)->size, ==, 2);
	g_assert_true(oid_equal(&facts_at(facts, "d-other", OID_MD5, &error)->oid, &other));
	g_assert_cmpint(facts_at(facts, "absent", OID_MD5, &error)->kind, ==, SCAN_ABSENT);
	g_assert_no_error(error);
}

#define ADD(test) g_test_add("/stale/" #test, struct project, &dialect_dvc, project_set_up, test, project_tear_down)

int main(int argc, char **argv)
{
	kit_init(argc, argv);
	ADD(nothing_changed);
	ADD(every_reason_is_told);
	ADD(a_stage_that_never_ran);
	ADD(a_frozen_stage_does_not_follow_its_inputs);
	ADD(parameters_as_a_whole);
	ADD(the_store_is_looked_into);
	ADD(files_inside_a_folder_are_told);
	g_test_add_func("/facts/keys_are_looked_up_in_maps_and_lists", keys_are_looked_up_in_maps_and_lists);
	ADD(links_are_followed_to_what_a_stage_reads);
	ADD(what_is_forgotten_is_looked_at_again);
	return g_test_run();
}
