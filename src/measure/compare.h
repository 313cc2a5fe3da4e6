/*
 * compare: parameters or metrics as flat names with one value each, and what changed between two revisions.
 *
 * Names of values in nested maps are joined by dots; a list becomes its text, as Python writes it, so that it is one value.
 */
#ifndef MEASURE_COMPARE_H
#define MEASURE_COMPARE_H

#include "measure/measure.h"

/* One named value. */
struct compare_value {
	const char *name;
	const struct node *value;
};

/*
 * The values of a tree, sorted by name, in an array of struct compare_value. What is no map is one value without a name.
 * Texts and nodes belong to doc's arena or to the tree.
 */
GArray *compare_flatten(struct doc *doc, const struct node *tree);

/* One difference. */
struct compare_change {
	const char *name;
	const struct node *before, *after; /* NULL: not there */
	const struct node *change;         /* after - before where both are numbers, else NULL */
};

/* The differences in one file. */
struct compare_file {
	const char *path;
	GArray *changes; /* of struct compare_change, sorted by name; owned */
};

struct comparison {
	struct doc *doc;  /* arena */
	GPtrArray *files; /* of struct compare_file, owned: those that changed, sorted by path */
};

/*
 * What changed from `before` to `after`, which must outlive the result; with `all`, values that did not change, too. Files
 * and revisions that could not be read hold nothing.
 */
struct comparison *compare(const struct measure *before, const struct measure *after, bool all);

/* Free it. */
void comparison_free(struct comparison *comparison);

AUTO_DEFINE(comparison, comparison_free);

/*
 * Append a value as a table shows it: as Python's str() does; a number with a fraction rounded to `precision` places, unless
 * that is negative.
 */
void compare_append_text(GString *out, const struct node *value, int precision);

#endif
