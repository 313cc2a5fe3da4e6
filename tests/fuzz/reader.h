/*
 * reader: the fuzz target of a reader of documents. What it accepts can be written as JSON, and places lie inside the text; what it
 * refuses has an error. The target defines READ, the function, and NAME, the name of what it reads.
 */
#ifndef FUZZ_READER_H
#define FUZZ_READER_H

#include "doc/json.h"
#include "fuzz.h"

/* Check the places of a node and of all below it. */
static void check(const struct doc *doc, const struct node *node)
{
	if (node->place.start > node->place.end || node->place.end > doc->source_length)
		fuzz_fail("a value from %zu to %zu of %zu bytes", node->place.start, node->place.end, doc->source_length);
	for (size_t i = 0; i < node->count; i++)
		check(doc, node->items[i]);
}

/* See fuzz.h. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	g_autoptr(GError) error = NULL;
	autoptr(doc) doc = READ((const char *)data, size, NAME, &error);

	if (!doc && !error)
		fuzz_fail("refused without an error");
	if (doc) {
		check(doc, doc->root);
		g_string_free(json_write(doc->root, JSON_COMPACT_PYTHON), TRUE);
	}
	return 0;
}

#endif
