#include "../tap.h"

#include "doc/python.h"

#define READ python_read
#define NAME "x.py"
#include "reader.h"

static void assignments(void)
{
	assert_json("", "{}");
	assert_json("#!/usr/bin/python3\n\"\"\"About\nx = 1\n\"\"\"\nimport os\nA = 1\nB: float = 2.5; C = 'c' # d = 1\r\nD=\\\n  4\n",
		    "{\"A\": 1, \"B\": 2.5, \"C\": \"c\", \"D\": 4}");
	assert_json("a = 1\nb = 2\na = 3", "{\"a\": 3, \"b\": 2}");
	assert_json("self.x = 1\nself . y = 2\n\xC3\xA9 = 3", "{\"x\": 1, \"y\": 2, \"\\u00e9\": 3}");
	assert_json("a = b = 1\nc, d = 1, 2\ne[0] = 1\nf.g = 1\nself.h.i = 1\nj += 1\nk == 1\nl: int\nm: int; n = 1\n*o = 1\np(1)", "{\"n\": 1}");
	assert_json("a = 1 + 2\nb = f(1)\nc = x\nd = 1 if x else 2\ne = [i for i in x]\nf = [1 for i in x]\ng = lambda: 1\nh = -x\n"
		    "i = 1 if (2) else 3\nj = {**x}\nk = [*x]\nl = 'a' % 1\nm = not 1\nn = 'a'.b\no = 1 == 1\n",
		    "{}");
}

static void literals(void)
{
	assert_json("a = [1, -2, +3, - 4, 1_000, 0xFF, 0o17, 0B11, 00, 123456789012345678901234567890]",
		    "{\"a\": [1, -2, 3, -4, 1000, 255, 15, 3, 0, 123456789012345678901234567890]}");
	assert_json("a = [1., .5, 1e5, 1.5E-7, .5e3, 01.5, -0.0, 1e999]",
		    "{\"a\": [1.0, 0.5, 100000.0, 1.5e-07, 500.0, 1.5, -0.0, Infinity]}");
	assert_json("a = True\nb = False\nc = None\nd = (1)\ne = ((2))", "{\"a\": true, \"b\": false, \"c\": null, \"d\": 1, \"e\": 2}");
	assert_json("a = 1j\nb = 1 + 2j\nc = 007\nd = 1__0\ne = ...\nf = b'x'\ng = f'x'\nh = rb'x'\ni = -True\nj = 1.real\nk = 0x\nl = --1\n", "{}");
	assert_json("a = [\n  1, # one ]\n\n  2,\n]\nb = {'x': 1, 2: [], **{}}\nc = {'x': 1, \"y\": {'z': None},}\nd = {}\n",
		    "{\"a\": [1, 2], \"c\": {\"x\": 1, \"y\": {\"z\": null}}, \"d\": {}}");
	assert_json("a = {'x': 1, 'y': 2, 'x': 3}\nb = {[1]: 2}\nc = {(1, 2): 3}", "{\"a\": {\"x\": 3, \"y\": 2}}");
}

static void strings(void)
{
	assert_json("a = 'it\\'s' \"\\\"x\\\"\"\nb = ('one '\n  # c\n  'two')", "{\"a\": \"it's\\\"x\\\"\", \"b\": \"one two\"}");
	assert_json("a = '''x\n'y' \\\nz'''\nb = r'\\d\\''\nc = u'\\u00e9\\U0001F600\\x41\\101\\q'\nd = ''\ne = \"\"\"\"\"\"",
		    "{\"a\": \"x\\n'y' z\", \"b\": \"\\\\d\\\\'\", \"c\": \"\\u00e9\\ud83d\\ude00AA\\\\q\", \"d\": \"\", \"e\": \"\"}");
	assert_json("a = 'x\\\r\ny'\nb = '''x\r\ny'''\nc = '\\0'\nd = '\\N{DASH}'\ne = '\\ud800'\nf = '\\x4'\ng = 'a' b'b'\n",
		    "{\"a\": \"xy\", \"b\": \"x\\ny\"}");
}

static void sequences(void)
{
	static const enum node_sequence wanted[] = {NODE_SEQUENCE_LIST, NODE_SEQUENCE_TUPLE, NODE_SEQUENCE_TUPLE,
						    NODE_SEQUENCE_SET,  NODE_SEQUENCE_TUPLE, NODE_SEQUENCE_SET,
						    NODE_SEQUENCE_TUPLE, NODE_SEQUENCE_TUPLE};
	autoptr(doc) doc = read_text("a = [1]\nb = (1,)\nc = 1, 2\nd = {1, 2,}\ne = ()\nf = set()\ng = 1,\nh = (1, 2)\n");
	autoptr(doc) other = doc_new();
	const struct node *copy = node_copy(other, doc->root);

	g_assert_cmpuint(doc->root->count, ==, G_N_ELEMENTS(wanted));
	for (gsize i = 0; i < G_N_ELEMENTS(wanted); i++) {
		g_assert_cmpint(doc->root->items[i]->kind, ==, NODE_LIST);
		g_assert_cmpint(doc->root->items[i]->sequence, ==, (int)wanted[i]);
		g_assert_cmpint(copy->items[i]->sequence, ==, (int)wanted[i]);
	}
	assert_json("c = 1, (2, 3), [4]\nd = {1, 2, 3}", "{\"c\": [1, [2, 3], [4]], \"d\": [1, 2, 3]}");
}

static void classes(void)
{
	assert_json("class Train(Base, x=1):\n    '''x = 1'''\n    LR = 0.5\n\n    @property\n    def f(self): return 1\n"
		    "    class Inner: A = 1; B = 2\n    def __init__(self, a={'x': 1}) -> None:\n        x = 1\n        self.y = 2\n"
		    "        if x:\n            self.z = 3\n        self.w: int = 4\n    Z = 5\nafter = 6\n",
		    "{\"Train\": {\"LR\": 0.5, \"Inner\": {\"A\": 1, \"B\": 2}, \"y\": 2, \"w\": 4, \"Z\": 5}, \"after\": 6}");
	assert_json("class A:\n\tx = 1\n        y = 2\n\n# c\n\nclass B: pass\nclass A:\n z = 1\n", "{\"A\": {\"z\": 1}, \"B\": {}}");
	assert_json("if x:\n    a = 1\nelse: b = 2\nfor i in y:\n  c = 1\nwith x: d = 1\ntry: e = 1\nexcept: f = 1\nfinally: g = 1\n"
		    "while x: h = 1\ndef f():\n    i = 1\nasync def __init__(self): self.j = 1\nk = 1\n",
		    "{\"k\": 1}");
	assert_json("def __init__(self): self.a = 1; b = 2", "{\"a\": 1}");
	assert_json("class A: # c\n\n  # d\n  x = '''\ny = 1\n'''\n  z = [\n1]\n", "{\"A\": {\"x\": \"\\ny = 1\\n\", \"z\": [1]}}");
}

static void places(void)
{
	autoptr(doc) doc = read_text("x = 1\nclass A:\n    y = [1,\n  (2, 3)]\n");
	const struct node *list = node_get(node_get(doc->root, "A"), "y");

	g_assert_cmpuint(list->place.line, ==, 3);
	g_assert_cmpuint(list->place.column, ==, 9);
	g_assert_cmpuint(list->items[1]->place.line, ==, 4);
	g_assert_cmpuint(list->items[1]->place.column, ==, 3);
	g_assert_cmpuint(list->items[1]->place.end - list->items[1]->place.start, ==, 6);
}

static void refused(void)
{
	static const struct {
		const char *text, *place;
	} cases[] = {
		{"a = 'x\nb = 1", "1:5: this string has no end"},
		{"a = 1\nb = '''x\n''", "2:5: this string has no end"},
		{"f('\\", "1:3: this string has no end"},
		{"a = [1,\n (2,\n", "2:2: this '(' is never closed"},
		{"a = (1]", "1:7: this ']' closes nothing"},
		{"a = 1)", "1:6: this ')' closes nothing"},
		{"class A\n  x = 1", "1:8: a ':' is expected here"},
		{"class A:\nx = 1", "1:9: indented lines are expected after this"},
		{"class A:", "1:9: indented lines are expected after this"},
		{"class : pass", "1:7: the name of a class is expected here"},
		{"x = 1\n\xFF", "2:1: this is not UTF-8"},
	};
	GString *text = g_string_new("a = ");

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++)
		assert_error(cases[i].text, cases[i].place);
	for (int i = 0; i <= PYTHON_DEPTH_LIMIT; i++)
		g_string_append_c(text, '[');
	assert_error(text->str, "1:205: nested more than 200 deep");
	g_string_truncate(text, 0);
	for (int i = 0; i <= PYTHON_DEPTH_LIMIT; i++)
		g_string_append_printf(text, "%*sclass A:\n", i, "");
	assert_error(text->str, "200:207: nested more than 200 deep");
	g_string_free(text, TRUE);
}

int main(int argc, char **argv)
{
	tap_init(argc, argv);
	g_test_add_func("/doc/python/assignments", assignments);
	g_test_add_func("/doc/python/literals", literals);
	g_test_add_func("/doc/python/strings", strings);
	g_test_add_func("/doc/python/sequences", sequences);
	g_test_add_func("/doc/python/classes", classes);
	g_test_add_func("/doc/python/places", places);
	g_test_add_func("/doc/python/refused", refused);
	return g_test_run();
}
