/*
 * interpolate: `${}` in strings: what an expression is, and putting values in its place.
 *
 * A string that is exactly one `${name}` becomes the value with its type; in longer text the value becomes text as
 * Python writes it.
 * `\${` stands for the two characters themselves.
 */
#ifndef FORMAT_INTERPOLATE_INT_H
#define FORMAT_INTERPOLATE_INT_H

#include "format/context-int.h"

/* What may become of a list or a map that an expression names. */
enum interpolate_mode {
	INTERPOLATE_SCALARS, /* an error */
	INTERPOLATE_ANY,     /* a string that is one expression may become it */
	INTERPOLATE_CMD,     /* a map becomes command-line options */
};

/*
 * The node with every expression in it resolved, keys too. What has no expression is not copied, so the result shares
 * nodes with `node` and the context. NULL after noting every error.
 */
struct node *interpolate(struct reading *reading, const struct context *context, struct node *node,
			 enum interpolate_mode mode);

#endif
