/* tree_next() ends, stays inside of the tree, and gives only names that a file can have. */
#include "fuzz.h"
#include "repo/tree-int.h"

#include <glib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	g_autofree char *copy = g_strndup("", size); /* ends in a NUL, as an object that was read does */
	struct tree_entry entry;
	const char *next = copy;

	memcpy(copy, data, size);
	while (tree_next(&next, copy + size, 20, &entry) == TREE_ENTRY)
		if (!*entry.name || strchr(entry.name, '/') || (const char *)entry.id + 20 != next ||
		    next > copy + size)
			fuzz_fail("entry '%s' is none", entry.name);
	return 0;
}
