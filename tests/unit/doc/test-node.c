#include "../tap.h"

#include "base/error.h"
#include "doc/node.h"
#include "doc/yaml.h"

static void maps_keep_order(void)
{
	autoptr(doc) doc = doc_new();
	struct node *map = node_map(doc);

	for (int i = 0; i < 100; i++) {
		g_autofree char *key = g_strdup_printf("k%d", i);

		node_set(doc, map, key, node_int(doc, i));
	}
	node_set(doc, map, "k3", node_string(doc, "three"));
	node_unset(map, "k4");
	node_unset(map, "absent");
	g_assert_cmpuint(map->count, ==, 99);
	g_assert_cmpstr(map->items[3]->text, ==, "three");
	g_assert_cmpstr(map->keys[4]->text, ==, "k5");
	g_assert_cmpstr(node_get_string(map, "k3"), ==, "three");
	g_assert_null(node_get_string(map, "k5"));
	g_assert_null(node_get(map, "k4"));
	g_assert_null(node_get(NULL, "k"));
	g_assert_null(node_get(map->items[0], "k"));
}

static void copies_are_deep(void)
{
	autoptr(doc) doc = doc_new();
	struct node *list = node_list(doc), *map = node_map(doc), *copy;

	node_append(doc, list, node_bool(doc, true));
	node_append(doc, list, node_null(doc));
	node_set(doc, map, "list", list);
	copy = node_copy(doc, map);
	g_assert_true(node_equal(map, copy));
	node_append(doc, list, node_float(doc, 0.5));
	g_assert_false(node_equal(map, copy));
	g_assert_cmpuint(node_get(copy, "list")->count, ==, 2);
}

static void equality_knows_kinds_and_order(void)
{
	static const char *const different[][2] = {
		{"a: 1", "a: 1.0"}, {"a: 1", "a: '1'"},	       {"a: 1", "a: true"}, {"{a: 1, b: 2}", "{b: 2, a: 1}"},
		{"[1]", "[1, 2]"},  {"a: 2020-01-01", "a: '2020-01-01'"}, {"a: ''", "a:"},	    {"[]", "{}"},
	};

	for (size_t i = 0; i < G_N_ELEMENTS(different); i++) {
		autoptr(doc) a = yaml_read(different[i][0], strlen(different[i][0]), "a", NULL);
		autoptr(doc) b = yaml_read(different[i][1], strlen(different[i][1]), "b", NULL);

		g_assert_true(node_equal(a->root, a->root));
		g_assert_false(node_equal(a->root, b->root));
	}
}

static void errors_show_the_place(void)
{
	const char *text = "a: 1\n\xc3\xa9: [x, \"tab\there\"]  # \x7e\n";
	g_autoptr(GError) error = NULL;
	autoptr(doc) doc = yaml_read(text, strlen(text), "data.dvc", NULL);

	node_error(&error, doc, node_get(doc->root, "\xc3\xa9")->items[1], "not %s\x1b", "good");
	g_assert_true(error_is(error, ERROR_CORRUPT));
	g_assert_cmpstr(error->message, ==,
			"data.dvc:2:8: not good?\n"
			"    \xc3\xa9: [x, \"tab here\"]  # ~\n"
			"           ^");
}

static void errors_without_a_place(void)
{
	autoptr(doc) doc = doc_new();
	g_autoptr(GError) error = NULL;

	node_error(&error, doc, node_null(doc), "bad");
	g_assert_cmpstr(error->message, ==, "document: bad");
}

int main(int argc, char **argv)
{
	tap_init(argc, argv);
	g_test_add_func("/node/maps_keep_order", maps_keep_order);
	g_test_add_func("/node/copies_are_deep", copies_are_deep);
	g_test_add_func("/node/equality_knows_kinds_and_order", equality_knows_kinds_and_order);
	g_test_add_func("/node/errors_show_the_place", errors_show_the_place);
	g_test_add_func("/node/errors_without_a_place", errors_without_a_place);
	return g_test_run();
}
