/*
 * expand: which stages `foreach` and `matrix` make: a key for the name of each, and the values of `${item}` and
 * `${key}`.
 */
#ifndef FORMAT_EXPAND_INT_H
#define FORMAT_EXPAND_INT_H

#include "format/context-int.h"

/* One stage to be made. */
struct instance {
	const char *key;          /* what follows the '@' in its name */
	const struct node *item;  /* `${item}` */
	const struct node *named; /* `${key}`: a string node with key; NULL where a list leaves it undefined */
};

/*
 * The stages of a `foreach`: for a list of scalars one a value, for a list with lists or maps in it one an index, for a
 * map one a key. Of equal keys the last value counts, at the place of the first. A GArray of struct instance in order;
 * NULL after noting an error.
 */
GArray *expand_foreach(struct reading *reading, const struct context *context, struct node *data);

/*
 * The stages of a `matrix`, a map of axes: every combination of their values, the last axis fastest. The key joins the
 * values by '-'; a list or map stands there as axis and index, such as `d0`. Result as expand_foreach().
 */
GArray *expand_matrix(struct reading *reading, const struct context *context, struct node *axes);

#endif
