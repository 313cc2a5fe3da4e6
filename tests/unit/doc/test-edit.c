#include "../tap.h"

#include "doc/edit.h"
#include "doc/yaml.h"

static struct doc *read_text(const char *text)
{
	g_autoptr(GError) error = NULL;
	struct doc *doc = yaml_read(text, strlen(text), "x.dvc", &error);

	g_assert_no_error(error);
	return doc;
}

/* Lay the tree of `wanted` over `have` and compare the text that comes out. */
static void assert_merge(const char *have, const char *wanted, const char *expected)
{
	autoptr(doc) doc = read_text(have);
	autoptr(doc) target = read_text(wanted);
	autoptr(edit) edit = edit_new(doc);
	g_autoptr(GError) error = NULL;
	g_autofree char *text = NULL;
	size_t length;

	edit_merge(edit, doc->root, target->root);
	text = edit_apply(edit, &length, &error);
	g_assert_no_error(error);
	g_assert_cmpstr(text, ==, expected);
	g_assert_cmpuint(strlen(text), ==, length);
}

static void only_values_change(void)
{
	assert_merge("# top\nouts:\n- md5: 'aa'   # was\n\n  size: 2\n  path: \"x\" # name\n# end\n",
		     "outs:\n- md5: '11'\n  size: 3\n  path: x\n",
		     "# top\nouts:\n- md5: '11'   # was\n\n  size: 3\n  path: \"x\" # name\n# end\n");
	assert_merge("outs:\r\n- md5: a\r\n  path: x\r\n", "outs:\n- {md5: b, path: x}\n", "outs:\r\n- md5: b\r\n  path: x\r\n");
	assert_merge("\xef\xbb\xbf" "d: \xc3\xa9 # \xc3\xa9\nm: 1\n", "d: e\nm: 2\n", "\xef\xbb\xbf" "d: e # \xc3\xa9\nm: 2\n");
}

static void nothing_changes(void)
{
	const char *text = "a:   [1,  2]\nb: {x : y}  # c\n\n\nc:\n    - 1\n    -   2\n";

	assert_merge(text, "a: [1, 2]\nb: {x: y}\nc: [1, 2]\n", text);
}

static void new_keys_come_last(void)
{
	assert_merge("outs:\n- md5: a\n  path: x # c\n", "outs:\n- {md5: b, path: x, hash: md5}\n",
		     "outs:\n- md5: b\n  path: x # c\n  hash: md5\n");
	assert_merge("outs:\n- path: x", "outs:\n- {path: x, size: 1, cloud: {a: 1}}\nmd5: q\n",
		     "outs:\n- path: x\n  size: 1\n  cloud:\n    a: 1\nmd5: q\n");
	assert_merge("a:\n    b: 1\n", "a: {b: 1, c: [1, 2]}\n", "a:\n    b: 1\n    c:\n    - 1\n    - 2\n");
	assert_merge("# nothing yet\n", "a: 1\n", "# nothing yet\na: 1\n");
}

static void brackets(void)
{
	assert_merge("outs:\n- {md5: a, size: 1}   # flow\n", "outs:\n- {md5: b, size: 2, hash: md5}\n",
		     "outs:\n- {md5: b, size: 2, hash: md5} # flow\n");
	assert_merge("l: [a, 'b',]\n", "l: [a, b, 'c, d']\n", "l: [a, b, 'c, d']\n");
	assert_merge("m: {}\nn: {a: 1, b: 2, c: 3}\n", "m: {x: 1}\nn: {b: 2}\n", "m: {x: 1}\nn: {b: 2}\n");
	assert_merge("{a: 1, b: }\n", "{a: 1, b: x}\n", "{a: 1, b: x }\n");
}

static void keys_vanish(void)
{
	assert_merge("a: 1\nb: 2 # gone\n# kept\nc: 3\n", "a: 1\nc: 3\n", "a: 1\n# kept\nc: 3\n");
	assert_merge("- md5: a\n  size: 1\n  path: x\n", "- path: x\n", "- path: x\n");
	assert_merge("- md5: a\n  size: 1\n  path: x\n", "- md5: a\n", "- md5: a\n");
	assert_merge("- md5: a\n  path: x\n", "- md5: a\n  new: 1\n", "- md5: a\n  new: 1\n");
	assert_merge("o:\n  files:\n  - a: 1\n  hash: md5\n", "o:\n  hash: md5\n  md5: x\n", "o:\n  hash: md5\n  md5: x\n");
}

static void kinds_change(void)
{
	assert_merge("a: 1 # c\nb: 2\n", "a: {x: 1}\nb: 2\n", "a:\n  x: 1 # c\nb: 2\n");
	assert_merge("a:\n  x: 1\n  y: 2\nb: 2\n", "a: text\nb: 2\n", "a: text\nb: 2\n");
	assert_merge("a:\n- 1\n- 2\nb: 2\n", "a: [1]\nb: 2\n", "a:\n- 1\nb: 2\n");
	assert_merge("a:\nb: 2\n", "a: 'x: y'\nb:\n", "a: 'x: y'\nb:\n");
	assert_merge("a: |\n  one\n  two\n\nb: 1\n", "a: three\nb: 1\n", "a: three\n\nb: 1\n");
	assert_merge("- 1\n-\n- a: 1\n", "- 1\n- x\n- [1]\n", "- 1\n- x\n- - 1\n");
}

/* What is put below an empty key leaves the comment behind the colon; new lines end as the old ones do. */
static void gaps_are_filled(void)
{
	assert_merge("a: # c\nb: 1\n", "a: {x: [1]}\nb: 1\n", "a: # c\n  x:\n  - 1\nb: 1\n");
	assert_merge("a:", "a: [1]\n", "a:\n- 1\n");
	assert_merge("a:\r\nb: 1\r\n", "a: {x: 1}\nb: 1\nc: [1]\n", "a:\r\n  x: 1\r\nb: 1\r\nc:\r\n- 1\r\n");
}

static void single_steps(void)
{
	autoptr(doc) doc = read_text("l:\n- a # c\nf: [1]\nm:\n  x: 1\n");
	autoptr(doc) values = doc_new();
	autoptr(edit) edit = edit_new(doc);
	g_autofree char *text = NULL;
	struct node *item = node_map(values);
	size_t length;

	node_set(values, item, "p", node_null(values));
	node_set(values, item, "q", node_bool(values, false));
	edit_append(edit, node_get(doc->root, "l"), item);
	edit_append(edit, node_get(doc->root, "f"), item);
	edit_unset(edit, node_get(doc->root, "m"), "x");
	edit_unset(edit, node_get(doc->root, "m"), "absent");
	edit_set(edit, doc->root, "n", node_float(values, 1.0));
	text = edit_apply(edit, &length, NULL);
	g_assert_cmpstr(text, ==, "l:\n- a # c\n- p:\n  q: false\nf: [1, {p: null, q: false}]\nm:\n  {}\nn: 1.0\n");
}

static void assert_requoted(const char *have, const char *wanted, const char *expected)
{
	autoptr(doc) doc = read_text(have);
	autoptr(doc) target = read_text(wanted);
	autoptr(edit) edit = edit_new(doc);
	g_autoptr(GError) error = NULL;
	g_autofree char *text = NULL;
	size_t length;

	edit_merge(edit, doc->root, target->root);
	edit_requote(edit);
	text = edit_apply(edit, &length, &error);
	g_assert_no_error(error);
	g_assert_cmpstr(text, ==, expected);
}

/* Quotes go where the emitter would have none; comments stay in their column, or one blank behind what reaches it. */
static void quotes_change(void)
{
	assert_requoted("a: \"x\"   # c\n'b': [1, 'y', \"it's\"] # d\nc: 'true'\nd: 1\n",
			"a: x\nb: [1, y, \"it's\"]\nc: 'true'\nd: 2\n",
			"a: x     # c\nb: [1, y, it's]       # d\nc: 'true'\nd: 2\n");
	assert_requoted("a: 'x' # c\nb: 'z'\n", "a: longer\nb: z\n", "a: longer # c\nb: z\n");
	/* What goes, or is replaced as a whole, is not touched twice; what an anchor serves is changed once. */
	assert_requoted("a: 'x'\nb: ['1', 'q']\nc: &y 'v'\nd: *y\n", "b: [s]\nc: v\nd: v\n",
			"b: [s]\nc: &y v\nd: *y\n");
	assert_requoted("a: |\n  'text'\nb: 'x'\n", "a: \"'text'\\n\"\nb: x\n", "a: |\n  'text'\nb: x\n");
}

/* An anchor's text serves two values: changing one in place would change both. */
static void refuses_what_it_would_break(void)
{
	autoptr(doc) doc = read_text("a: &x {k: 1}\nb: *x\n");
	autoptr(doc) values = doc_new();
	autoptr(edit) edit = edit_new(doc);
	g_autoptr(GError) error = NULL;
	size_t length;

	edit_set(edit, node_get(doc->root, "a"), "k", node_int(values, 2));
	g_assert_null(edit_apply(edit, &length, &error));
	g_assert_nonnull(error);
}

int main(int argc, char **argv)
{
	tap_init(argc, argv);
	g_test_add_func("/edit/only_values_change", only_values_change);
	g_test_add_func("/edit/nothing_changes", nothing_changes);
	g_test_add_func("/edit/new_keys_come_last", new_keys_come_last);
	g_test_add_func("/edit/brackets", brackets);
	g_test_add_func("/edit/keys_vanish", keys_vanish);
	g_test_add_func("/edit/kinds_change", kinds_change);
	g_test_add_func("/edit/gaps_are_filled", gaps_are_filled);
	g_test_add_func("/edit/single_steps", single_steps);
	g_test_add_func("/edit/quotes_change", quotes_change);
	g_test_add_func("/edit/refuses_what_it_would_break", refuses_what_it_would_break);
	return g_test_run();
}
