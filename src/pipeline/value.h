/*
 * value: values of parameters, compared as DVC compares them and shown to people. Pure functions.
 */
#ifndef PIPELINE_VALUE_H
#define PIPELINE_VALUE_H

#include "doc/node.h"

/*
 * Whether two values are the same as Python sees it: 1, 1.0 and true are, the order of a map's keys does not matter. NaN is the
 * same as NaN, though: a stage would never be up to date otherwise.
 */
bool value_equal(const struct node *a, const struct node *b);

/* The value of a map whose key reads so, be it a string or a number; NULL if there is none. */
const struct node *value_member(const struct node *map, const char *key);

/* A key as value_member() takes it. New string. */
char *value_key(const struct node *key);

/* The value on one line, as JSON has it, but UTF-8; a long one is cut short. New string. */
char *value_text(const struct node *value);

#endif
