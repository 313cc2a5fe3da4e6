/* What python_read() accepts can be written as JSON; what it refuses has an error. Places lie inside the text. */
#include "doc/json.h"
#include "doc/python.h"
#include "fuzz.h"

static void check(const struct doc *doc, const struct node *node)
{
	if (node->place.start > node->place.end || node->place.end > doc->source_length)
		g_error("a value from %zu to %zu of %zu bytes", node->place.start, node->place.end, doc->source_length);
	for (size_t i = 0; i < node->count; i++)
		check(doc, node->items[i]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	g_autoptr(GError) error = NULL;
	autoptr(doc) doc = python_read((const char *)data, size, "fuzz.py", &error);

	if (!doc && !error)
		g_error("refused without an error");
	if (doc) {
		check(doc, doc->root);
		g_string_free(json_write(doc->root, JSON_COMPACT_PYTHON), TRUE);
	}
	return 0;
}
