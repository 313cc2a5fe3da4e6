/*
 * edit: change some values of a YAML text and leave every other byte - comments, blank lines, quoting - as it was.
 *
 * Edits are collected against a document that yaml_read() made, then applied at once. Places are those of the document, so
 * edits do not disturb each other; two edits of one value are a programming error.
 */
#ifndef DOC_EDIT_H
#define DOC_EDIT_H

#include "base/auto.h"
#include "doc/node.h"

struct edit;

/* Begin editing doc (borrowed until edit_free()). */
struct edit *edit_new(const struct doc *doc);

/* Make map[key] = value: replaces the old value's text (its comment stays), or adds the pair at the end of the map. */
void edit_set(struct edit *edit, const struct node *map, const char *key, const struct node *value);

/* Take map[key] out with its line(s). Nothing if it is not there. */
void edit_unset(struct edit *edit, const struct node *map, const char *key);

/* Put an item at the end of a list. */
void edit_append(struct edit *edit, const struct node *list, const struct node *item);

/*
 * Merge `wanted` into `have` (a map, or a list of as many items; a node of the document) as DVC's apply_diff does: maps key by
 * key, vanished keys dropped, new ones at the end; lists of equal length item by item, others as a whole; equal values untouched.
 */
void edit_merge(struct edit *edit, const struct node *have, const struct node *wanted);

/*
 * Besides, give every quoted scalar the style that the emitter would choose, as a program does that reads a document and writes it
 * whole. Call it once.
 */
void edit_requote(struct edit *edit);

/* The new text. Comments behind changed values keep their column where they can. ERROR_CORRUPT if it does not read back as the wanted values (then the caller writes the document anew). */
char *edit_apply(struct edit *edit, size_t *length, GError **error);

/* Free it. */
void edit_free(struct edit *edit);

AUTO_DEFINE(edit, edit_free);

#endif
