/*
 * Whatever yaml_read() accepts, yaml_write() and json_write() can write, and the YAML reads back as the same tree,
 * unless aliases that are now spelled out made it too deep. Every value has its place in the text.
 */
#include "base/error.h"
#include "doc/json.h"
#include "doc/yaml.h"
#include "fuzz.h"

static void check_places(const struct doc *doc, const struct node *node)
{
	if (node->place.start > node->place.end || node->place.end > doc->source_length)
		fuzz_fail("a value stands at [%zu, %zu)", node->place.start, node->place.end);
	for (size_t i = 0; i < node->count; i++) {
		if (node->kind == NODE_MAP)
			check_places(doc, node->keys[i]);
		check_places(doc, node->items[i]);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	autoptr(doc) doc = yaml_read((const char *)data, size, "fuzz.yaml", NULL);
	autoptr(doc) again = NULL;
	g_autoptr(GError) error = NULL;
	g_autoptr(GString) text = NULL;

	if (!doc)
		return 0;
	check_places(doc, doc->root);
	g_string_free(json_write(doc->root, JSON_SORTED_PYTHON), TRUE);
	text = yaml_write(doc->root);
	again = yaml_read(text->str, text->len, "again.yaml", &error);
	if (!again && !error_is(error, ERROR_UNSAFE))
		fuzz_fail("written, it cannot be read: %s\n%s", error->message, text->str);
	if (again && !node_equal(doc->root, again->root))
		fuzz_fail("written and read back, the tree differs:\n%s", text->str);
	return 0;
}
