#include "../tap.h"

#include "base/error.h"
#include "doc/json.h"
#include "doc/yaml.h"

static struct doc *read_text(const char *text)
{
	g_autoptr(GError) error = NULL;
	struct doc *doc = yaml_read(text, strlen(text), "x.yaml", &error);

	g_assert_no_error(error);
	return doc;
}

/* The text as JSON. */
static char *as_json(const char *text)
{
	autoptr(doc) doc = read_text(text);

	return g_string_free(json_write(doc->root, JSON_COMPACT_PYTHON), FALSE);
}

struct pair {
	const char *yaml, *json;
};

static void check_pairs(const struct pair *pairs, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		g_autofree char *json = as_json(pairs[i].yaml);

		g_assert_cmpstr(json, ==, pairs[i].json);
	}
}

static void types(void)
{
	static const struct pair pairs[] = {
		{"[true, True, TRUE, false, yes, no, on, y]", "[true, true, true, false, \"yes\", \"no\", \"on\", \"y\"]"},
		{"[~, null, NULL, '', nUll]", "[null, null, null, \"\", \"nUll\"]"},
		{"[0, 0123, +5, -0, 0o17, 0x1F, 0b11, 1_000]", "[0, 123, 5, 0, 15, 31, 3, 1000]"},
		{"[1., .5, 1e5, 1E-5, 1.5e+3, -.5]", "[1.0, 0.5, 100000.0, 1e-05, 1500.0, -0.5]"},
		{"[.inf, -.INF, .nan, 1:30, 1e, 0x, -_, 0o8]",
		 "[Infinity, -Infinity, NaN, \"1:30\", \"1e\", \"0x\", \"-_\", \"0o8\"]"},
		{"[9223372036854775807, 9223372036854775808, -9223372036854775808]",
		 "[9223372036854775807, 9223372036854775808, -9223372036854775808]"},
		{"[0xffffffffffffffffffff, -0b1]", "[1208925819614629174706175, -1]"},
		{"[!!str 12, !!int '7', !!float 1, ! x]", "[\"12\", 7, 1.0, \"x\"]"},
		{"[! 12, !<tag:yaml.org,2002:str> 1, !!str , ! [1], \"1\", '~']",
		 "[\"12\", \"1\", \"\", [1], \"1\", \"~\"]"},
		{"12345678e90123456789012345678901: x", "{\"Infinity\": \"x\"}"},
	};

	check_pairs(pairs, G_N_ELEMENTS(pairs));
}

static void dates(void)
{
	autoptr(doc) doc = read_text("[2020-01-02, 2020-1-2 3:04:05.6 +01:00, 2020-01-02T03:04:05Z, 2020-1-2]");

	g_assert_cmpint(doc->root->items[0]->kind, ==, NODE_DATE);
	g_assert_cmpint(doc->root->items[1]->kind, ==, NODE_DATE);
	g_assert_cmpint(doc->root->items[2]->kind, ==, NODE_DATE);
	g_assert_cmpint(doc->root->items[3]->kind, ==, NODE_STRING);
}

static void styles(void)
{
	static const struct pair pairs[] = {
		{"", "{}"},
		{"# only a comment\n", "{}"},
		{"---\n", "{}"},
		{"\xef\xbb\xbf" "a: 1\r\nb: 2\r\n", "{\"a\": 1, \"b\": 2}"},
		{"a: word\n  word  # c\nb: 'it''s\n  x'\n", "{\"a\": \"word word\", \"b\": \"it's x\"}"},
		{"a: \"x\\\n  \\ y\\\\\\\n  z\\u00e9\\x41\\t\n\n  n\"\n", "{\"a\": \"x y\\\\z\\u00e9A\\t\\nn\"}"},
		{"a: |\n  one\n   two\n\nb: >-\n  x\n  y\n", "{\"a\": \"one\\n two\\n\", \"b\": \"x y\"}"},
		{"? a b\n: 1\n? \"c\\nd\"\n:\n", "{\"a b\": 1, \"c\\nd\": null}"},
		{"{a: [1, {b: }], c}", "{\"a\": [1, {\"b\": null}], \"c\": null}"},
		{"[a: 1, {\"b\":2}, http://c?d=e]", "[{\"a\": 1}, {\"b\": 2}, \"http://c?d=e\"]"},
		{"%YAML 1.1\n%TAG !y! tag:yaml.org,2002:\n---\na: [!y!str 1, yes]\n...\n", "{\"a\": [\"1\", \"yes\"]}"},
		/* Line ends of YAML 1.1, as DVC writes and reads them. */
		{"a: 'x\xe2\x80\xa8          y'\nb: 'x\xc2\x85          y'\n",
		 "{\"a\": \"x\\u2028y\", \"b\": \"x y\"}"},
	};

	check_pairs(pairs, G_N_ELEMENTS(pairs));
}

/* DVC writes nulls in lists like this. */
static void empty_items(void)
{
	static const struct pair pairs[] = {
		{"l:\n- \n", "{\"l\": [null]}"},
		{"l:\n- a\n-\n-   # c\n\n# d\n- b\nm: 1\n", "{\"l\": [\"a\", null, null, \"b\"], \"m\": 1}"},
		{"l:\n- - 1\n  -\n- x:\n  -\n  - \"-\"\n", "{\"l\": [[1, null], {\"x\": [null, \"-\"]}]}"},
	};

	check_pairs(pairs, G_N_ELEMENTS(pairs));
}

static void aliases_and_merges(void)
{
	static const struct pair pairs[] = {
		{"a: &x [1]\nb: *x\nc: {k: *x}\n", "{\"a\": [1], \"b\": [1], \"c\": {\"k\": [1]}}"},
		{"a: &a 1\nb: &a 2\nc: *a\n", "{\"a\": 1, \"b\": 2, \"c\": 2}"},
		{"x: &x {a: 1, b: 2}\ny:\n  b: 3\n  <<: *x\n  c: 4\n",
		 "{\"x\": {\"a\": 1, \"b\": 2}, \"y\": {\"a\": 1, \"b\": 3, \"c\": 4}}"},
		{"p: &p {a: 1}\nq: &q {a: 2, b: 2}\nr: {<<: [*p, *q]}\n",
		 "{\"p\": {\"a\": 1}, \"q\": {\"a\": 2, \"b\": 2}, \"r\": {\"a\": 1, \"b\": 2}}"},
		{"'<<': 1\n", "{\"<<\": 1}"},
	};

	check_pairs(pairs, G_N_ELEMENTS(pairs));
}

static void refused(void)
{
	static const struct {
		const char *text, *message;
	} cases[] = {
		{"a: 1\nb: 2\na: 3\n", "x.yaml:3:1: the key 'a' is there twice"},
		{"a: 1\n---\nb: 2\n", "x.yaml:2:1: a second document"},
		{"a: [1\n",
		 "x.yaml:2:1: did not find expected ',' or ']' (while parsing a flow sequence that begins in line 1)\n"
		 "    \n    ^"},
		{"a: {b,\n  c: d]\n", "x.yaml:2:7: did not find expected ',' or '}'"},
		{"a: 1\n\xc3\xa9" "b\nc: 1\n", "x.yaml:2:1: no ':' follows this key"},
		{"a:\n  b: \"x\n  c: 1\n",
		 "x.yaml:2:6: the quote that opens here is never closed\n      b: \"x\n         ^"},
		{"a: \"\n--- \n", "x.yaml:1:4: the quote that opens here is never closed"},
		{"a: b: c\n", "x.yaml:1:5: a ':' cannot stand here\n    a: b: c\n        ^"},
		{"a:\n\t- b\n", "x.yaml:2:1: no value can start with this character"},
		{"a: @b\n", "x.yaml:1:4: no value can start with this character"},
		{"a: - b\n", "x.yaml:1:4: a '-' cannot stand here"},
		{"a:\n  b: 1\n c: 2\n", "x.yaml:3:2: a key was expected here"},
		{"a:\n  - 1\n  b: 2\n", "x.yaml:3:3: a '-' was expected here"},
		{"a: [b, , c]\n", "x.yaml:1:8: a value was expected here"},
		{"{a: 1}\nb: 2\n", "x.yaml:2:1: nothing may follow the end of the document"},
		{"a: \"\\$\"\n", "x.yaml:1:5: found unknown escape character"},
		{"a: \"\\ud83d\"\n", "x.yaml:1:7: found invalid Unicode character escape code"},
		{"a: !x!y z\n", "x.yaml:1:4: no %TAG line says"},
		{"%YAML 2.0\n---\na: 1\n", "x.yaml:1:1: this version of YAML"},
		{"\xef\xbb\xbf" "a: b: c\n", "x.yaml:1:5: a ':'"},
		{"? 0a:\t :1\r:", "x.yaml:1:3: a map cannot be a key"},
		{"a: \xff\n", "x.yaml:1:4: this byte (0xff) is not UTF-8"},
		{"a: \x07\n", "x.yaml:1:4: the character U+0007"},
		{"a: \"\\0\"\n", "a NUL character"},
		{"a: *x\n", "x.yaml:1:4: the alias '*x' names nothing"},
		{"a: &x [*x]\n", "the alias '*x' names nothing"},
		{"[a]: 1\n", "a list cannot be a key"},
		{"a: !foo 1\n", "the tag '!foo' is not known"},
		{"a: !!int x\n", "this is not an integer"},
		{"a: {<<: 1}\n", "'<<' wants a map"},
		{"a: {<<: [{}, 1]}\n", "'<<' wants a map"},
		{"a: 1\n<<<<<<< HEAD\nb: 1\n=======\nb: 2\n>>>>>>> x\n", "x.yaml:2:1: a merge left both sides here\n    <<<<<<< HEAD\n    ^"},
		{"<<<<<<< HEAD\nb: 1\n", "x.yaml:2:2: a ':' cannot"},
		{"a: x <<<<<<< y\n b: c >>>>>>> d\n", "x.yaml:2:3: a ':' cannot"},
	};

	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(GError) error = NULL;

		g_assert_null(yaml_read(cases[i].text, strlen(cases[i].text), "x.yaml", &error));
		g_assert_true(error_is(error, ERROR_CORRUPT));
		if (!strstr(error->message, cases[i].message))
			g_error("%s: not in: %s", cases[i].message, error->message);
	}
}

static void duplicates_in_large_maps(void)
{
	g_autoptr(GString) text = g_string_new(NULL);

	for (int i = 0; i < 1000; i++)
		g_string_append_printf(text, "key%d: %d\n", i, i);
	autoptr(doc) doc = read_text(text->str);
	g_assert_cmpuint(doc->root->count, ==, 1000);
	g_string_append(text, "key700: 1\n");
	g_assert_null(yaml_read(text->str, text->len, "x.yaml", NULL));
}

static void bombs(void)
{
	g_autoptr(GString) text = g_string_new("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
	g_autoptr(GError) error = NULL;

	for (int i = 1; i < 10; i++) {
		g_string_append_printf(text, "a%d: &a%d [", i, i);
		for (int k = 0; k < 10; k++)
			g_string_append_printf(text, "*a%d,", i - 1);
		g_string_append(text, "]\n");
	}
	g_assert_null(yaml_read(text->str, text->len, "x.yaml", &error));
	g_assert_nonnull(strstr(error->message, "aliases expand"));
}

/* Nesting is refused as it is met, whatever it is made of and however much of it follows. */
static void depth(void)
{
	static const char *const nests[] = {"- ", "? ", "[", "{", "[? ", "[{"};

	for (size_t i = 0; i < G_N_ELEMENTS(nests); i++) {
		g_autoptr(GString) deep = g_string_new(NULL);
		g_autoptr(GError) error = NULL;

		for (int k = 0; k < 100000; k++)
			g_string_append(deep, nests[i]);
		g_assert_null(yaml_read(deep->str, deep->len, "x.yaml", &error));
		g_assert_true(error_is(error, ERROR_UNSAFE));
	}
}

/* What comes before a document is bounded, with every kind of line end. */
static void directives(void)
{
	static const char *const ends[] = {"\n", "\r", "\r\n", "\xc2\x85", "\xe2\x80\xa9"};

	for (size_t i = 0; i < G_N_ELEMENTS(ends); i++) {
		g_autoptr(GString) text = g_string_new(NULL);
		g_autoptr(GError) error = NULL;

		for (int k = 0; k < 50000; k++)
			g_string_append_printf(text, "%%TAG !a%d! b%s", k, ends[i]);
		g_assert_null(yaml_read(text->str, text->len, "x.yaml", &error));
		g_assert_nonnull(strstr(error->message, "more than 1000 lines begin with '%'"));
	}
}

/* The source text of a value. */
static void assert_place(const struct doc *doc, const struct node *node, const char *text)
{
	g_autofree char *found = g_strndup(doc->source + node->place.start, node->place.end - node->place.start);

	g_assert_cmpstr(found, ==, text);
}

static void places(void)
{
	autoptr(doc) doc = read_text("\xef\xbb\xbf# \xc3\xa9\nk: plain # c\nq: \"\xc3\xa9\\n\"\ns: 'it''s'\nn:  # none\n"
				     "l:\n- x\n-\n- m: 1\n  n: 2  # c\nf: {a: [1, 2] }\nb: &t !!str |-\n  text\n\n  more\n\n"
				     "z: end");
	const struct node *root = doc->root, *list = node_get(root, "l");

	assert_place(doc, root->keys[0], "k");
	assert_place(doc, node_get(root, "k"), "plain");
	assert_place(doc, node_get(root, "q"), "\"\xc3\xa9\\n\"");
	assert_place(doc, node_get(root, "s"), "'it''s'");
	assert_place(doc, node_get(root, "n"), "");
	g_assert_cmpint(doc->source[node_get(root, "n")->place.start - 1], ==, ':');
	assert_place(doc, list, "- x\n-\n- m: 1\n  n: 2");
	g_assert_cmpint(doc->source[list->items[1]->place.start - 1], ==, '-');
	assert_place(doc, list->items[2], "m: 1\n  n: 2");
	assert_place(doc, node_get(root, "f"), "{a: [1, 2] }");
	assert_place(doc, node_get(node_get(root, "f"), "a"), "[1, 2]");
	assert_place(doc, node_get(root, "b"), "|-\n  text\n\n  more");
	assert_place(doc, node_get(root, "z"), "end");
	g_assert_cmpuint(node_get(root, "q")->place.line, ==, 3);
	g_assert_cmpuint(node_get(root, "q")->place.column, ==, 4);
	g_assert_true(node_get(root, "f")->flow);
	g_assert_false(list->flow);
}

/* Anchors and tags are not a part of the value; a value that is not there stands behind them. */
static void places_of_properties(void)
{
	autoptr(doc) doc = read_text("m: &m  # why\n  # more\n  &k k: !!str 5\nl: !!seq &l\n- &e\n- ! 12\n"
				     "- !<tag:yaml.org,2002:str> x\nf: [&a [b], !!str , &c d, *c ]\n&z z: !!map {}\n"
				     "y: &y?y\n");
	const struct node *root = doc->root, *map = node_get(root, "m"), *list = node_get(root, "l");
	const struct node *flow = node_get(root, "f");

	assert_place(doc, map, "&k k: !!str 5");
	assert_place(doc, map->keys[0], "k");
	assert_place(doc, map->items[0], "5");
	g_assert_cmpuint(map->place.line, ==, 3);
	g_assert_cmpuint(map->place.column, ==, 3);
	assert_place(doc, list, "- &e\n- ! 12\n- !<tag:yaml.org,2002:str> x");
	assert_place(doc, list->items[0], "");
	g_assert_cmpint(doc->source[list->items[0]->place.start - 1], ==, 'e');
	assert_place(doc, list->items[1], "12");
	assert_place(doc, list->items[2], "x");
	assert_place(doc, flow->items[0], "[b]");
	assert_place(doc, flow->items[1], "");
	assert_place(doc, flow->items[2], "d");
	assert_place(doc, flow->items[3], "*c");
	assert_place(doc, root->keys[3], "z");
	assert_place(doc, root->items[3], "{}");
	assert_place(doc, node_get(root, "y"), "?y");
}

/* Pairs without a value, and pairs that are maps without brackets, end where their last text does. */
static void places_without_marks(void)
{
	autoptr(doc) doc = read_text("a:\n  ? x  # c\n\n  ? |\n   y\n\nb: [c: 1 , ? d , {e: , f}]\nz: >+\n");
	const struct node *root = doc->root, *map = node_get(root, "a"), *list = node_get(root, "b");

	assert_place(doc, map, "? x  # c\n\n  ? |\n   y");
	assert_place(doc, map->items[0], "");
	g_assert_cmpuint(map->items[0]->place.start, ==, map->keys[0]->place.end);
	g_assert_cmpuint(map->items[0]->place.line, ==, 2);
	assert_place(doc, map->keys[1], "|\n   y");
	g_assert_cmpuint(map->items[1]->place.start, ==, map->keys[1]->place.end);
	assert_place(doc, list->items[0], "c: 1");
	g_assert_true(list->items[0]->flow);
	assert_place(doc, list->items[1], "? d");
	assert_place(doc, list->items[2], "{e: , f}");
	g_assert_cmpint(doc->source[list->items[2]->items[0]->place.start - 1], ==, ':');
	g_assert_cmpuint(list->items[2]->items[1]->place.start, ==, list->items[2]->keys[1]->place.end);
	assert_place(doc, node_get(root, "z"), ">+");
}

int main(int argc, char **argv)
{
	tap_init(argc, argv);
	g_test_add_func("/yaml-read/types", types);
	g_test_add_func("/yaml-read/dates", dates);
	g_test_add_func("/yaml-read/styles", styles);
	g_test_add_func("/yaml-read/empty_items", empty_items);
	g_test_add_func("/yaml-read/aliases_and_merges", aliases_and_merges);
	g_test_add_func("/yaml-read/refused", refused);
	g_test_add_func("/yaml-read/duplicates_in_large_maps", duplicates_in_large_maps);
	g_test_add_func("/yaml-read/bombs", bombs);
	g_test_add_func("/yaml-read/depth", depth);
	g_test_add_func("/yaml-read/directives", directives);
	g_test_add_func("/yaml-read/places", places);
	g_test_add_func("/yaml-read/places_of_properties", places_of_properties);
	g_test_add_func("/yaml-read/places_without_marks", places_without_marks);
	return g_test_run();
}
