#include "base/nearest.h"

#include <glib.h>
#include <string.h>

/* Longer names are no typing errors, and need no quadratic work. */
#define LONGEST 40

/* The edits from a to b: insert, delete, replace, swap neighbours (Damerau and Levenshtein, without edits of edits). */
static unsigned distance(const char *a, const char *b)
{
	unsigned rows[3][LONGEST + 1], *before = rows[0], *last = rows[1], *row = rows[2];
	size_t length = strlen(b);

	for (size_t j = 0; j <= length; j++)
		last[j] = j;
	for (size_t i = 0; a[i]; i++) {
		unsigned *reused = before;

		row[0] = i + 1;
		for (size_t j = 0; j < length; j++) {
			row[j + 1] = MIN(MIN(last[j + 1], row[j]) + 1, last[j] + (a[i] != b[j]));
			if (i > 0 && j > 0 && a[i] == b[j - 1] && a[i - 1] == b[j])
				row[j + 1] = MIN(row[j + 1], before[j - 1] + 1);
		}
		before = last;
		last = row;
		row = reused;
	}
	return last[length];
}

const char *nearest_name(const char *const *names, const char *typed)
{
	size_t length = strlen(typed);
	unsigned best = 1 + length / 4;
	const char *nearest = NULL;

	if (length == 0 || length > LONGEST)
		return NULL;
	for (; *names; names++) {
		if (length > 1 && g_str_has_prefix(*names, typed))
			return *names;
		if (strlen(*names) <= LONGEST) {
			unsigned edits = distance(typed, *names);

			if (edits < best || (edits == best && !nearest)) {
				best = edits;
				nearest = *names;
			}
		}
	}
	return nearest;
}
