/*
 * scalar-text: scalars as DVC writes them into text, which is how Python does: 2.5, 1e-07, None, but true and false.
 */
#ifndef FORMAT_SCALAR_TEXT_INT_H
#define FORMAT_SCALAR_TEXT_INT_H

#include "doc/node.h"

/* Append it; scalar is no list and no map. */
void scalar_text_append(GString *out, const struct node *scalar);

#endif
