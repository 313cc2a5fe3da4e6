/*
 * Input: rules, a NUL, a path. A walk from the root, which asks about one level at a time, must come to the same end as
 * asking about the path at once.
 */
#include "base/path.h"
#include "format/ignore.h"
#include "fuzz.h"

#include <string.h>

/* Whether a walk would leave out the path or a directory above it. */
static bool walk_leaves_out(const struct ignore *ignore, const char *path)
{
	for (const char *slash = strchr(path, '/'); slash; slash = strchr(slash + 1, '/')) {
		g_autofree char *dir = g_strndup(path, slash - path);

		if (ignore_match_leaf(ignore, dir, true))
			return true;
	}
	return ignore_match_leaf(ignore, path, false);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *rules = (const char *)data;
	size_t length = strnlen(rules, size);
	g_autofree char *raw = g_strndup(rules + length + (length < size), size - length - (length < size));
	g_autofree char *path = path_normal(raw), *dir = path_parent(path);
	const struct ignore_rule *rule = NULL;
	autoptr(ignore) ignore = ignore_new();
	bool ignored;

	ignore_add(ignore, "", ".mlvignore", rules, length);
	ignore_add(ignore, dir, "nested/.mlvignore", rules, length);
	ignored = ignore_match(ignore, path, false, &rule);
	if (ignored != walk_leaves_out(ignore, path))
		fuzz_fail("'%s' is judged in two ways", path);
	if (ignored && (!rule || rule->negated))
		fuzz_fail("'%s' is ignored by no rule", path);
	return 0;
}
