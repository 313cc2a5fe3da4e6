/*
 * context: the values that `${}` can name: params.yaml, what `vars` adds, and `item` and `key` in a generated stage.
 */
#ifndef FORMAT_CONTEXT_INT_H
#define FORMAT_CONTEXT_INT_H

#include "format/reading-int.h"

/* An empty context. */
struct context *context_new(void);

/* A copy that can take the `vars` of one stage. */
struct context *context_clone(const struct context *context);

/* Load params.yaml, which need not exist. Errors are noted in reading. */
void context_load_default(struct context *context, struct reading *reading);

/*
 * Add the entries of a `vars` list of the file: maps, and parameter files relative to wdir. What is there already may
 * be extended, not redefined. Errors are noted in reading.
 */
void context_load_vars(struct context *context, struct reading *reading, const struct node *vars, const char *wdir);

/* Make `${item}` and `${key}` stand for these (borrowed); NULL takes them away. They hide variables of the same name.
 */
void context_set_item(struct context *context, const struct node *item, const struct node *key);

/*
 * The value that an expression such as `a.b[0].c` names, NULL if there is none. Owned by the context. A list is counted
 * from its end by negative numbers.
 */
const struct node *context_find(const struct context *context, const char *expression, size_t length);

/*
 * The file, relative to the pipeline file, that the value of an expression comes from; NULL if it is none from a file. *name
 * becomes its dotted name there, a new string.
 */
const char *context_source(const struct context *context, const char *expression, size_t length, char **name);

/* Free it. */
void context_free(struct context *context);

AUTO_DEFINE(context, context_free);

#endif
