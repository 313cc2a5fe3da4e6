/*
 * glob: shell patterns on paths, the matching half of ignore. Pure functions, any thread, nothing allocated.
 *
 * The work is bounded by the product of both lengths: a failed match goes back to the last star only, never further.
 */
#ifndef FORMAT_GLOB_INT_H
#define FORMAT_GLOB_INT_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Whether text, one component of a path, matches pattern as a whole: `*` any characters, `?` one, `[a-z]`, `[!a]` and
 * `[[:digit:]]` one of a class, `\` quotes. A `[` that is never closed stands for itself; a pattern that ends in a lone
 * backslash matches nothing. A character is one of UTF-8, or a byte where the bytes are not UTF-8.
 */
bool glob_component(const char *pattern, size_t pattern_length, const char *text, size_t length);

/*
 * Whether a path matches pattern, component by component. A component `**` stands for any number of components, and at
 * the end of a pattern for at least one.
 */
bool glob_path(const char *pattern, size_t pattern_length, const char *path, size_t length);

#endif
