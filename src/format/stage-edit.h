/*
 * stage-edit: changes of pipeline files as commands make them - add, replace, freeze, remove a stage - in place: every
 * other byte, comment and blank line stays as it was. Pure text; any thread.
 *
 * Where a document cannot be changed without harm (an anchor that serves two stages, a stage that is a template), the
 * answer is an error that says so, never a document that is written anew.
 */
#ifndef FORMAT_STAGE_EDIT_H
#define FORMAT_STAGE_EDIT_H

#include "doc/node.h"
#include "format/pipeline-stage.h"

/* One output of a new stage. */
struct stage_edit_out {
	const char *path; /* as it shall stand in the file */
	enum pipeline_out_kind kind;
	bool no_cache, persist;
};

/* A new stage. Strings are borrowed; paths are as they shall stand in the file: relative to wdir. */
struct stage_edit_spec {
	const char *name, *cmd;
	const char *desc, *wdir;    /* NULL: none */
	const char *const *deps;    /* NULL-terminated, or NULL */
	const char *const *params;  /* as `stage add -p` takes them: "key,key", "file:key,key", "file:"; or NULL */
	const GArray *outs;         /* of struct stage_edit_out */
	bool always_changed;
};

/* Whether a stage may be called so: as DVC, no punctuation but '-' and '_'. ERROR_USAGE. */
bool stage_edit_check_name(const char *name, GError **error);

/* Whether the stage makes sense in itself: no path twice, none both read and written. ERROR_USAGE. */
bool stage_edit_check(const struct stage_edit_spec *spec, GError **error);

/* The body of the stage in doc's arena, with keys and lists in the order in which DVC writes them. */
struct node *stage_edit_body(struct doc *doc, const struct stage_edit_spec *spec);

/*
 * The text of a pipeline file with the stage put in at the end of `stages`, or in place of the one of that name, which
 * must not be a template. New string. ERROR_USAGE, ERROR_CORRUPT.
 */
char *stage_edit_put(const struct doc *doc, const char *name, const struct node *body, size_t *length, GError **error);

/*
 * The text of a pipeline file with that stage frozen or not. New string. ERROR_NOT_FOUND if it has no such stage;
 * ERROR_USAGE for one that foreach or matrix makes.
 */
char *stage_edit_freeze(const struct doc *doc, const char *name, bool frozen, size_t *length, GError **error);

/*
 * The text of a pipeline or lock file without that stage; without the whole section if it was the last one. New string.
 * ERROR_NOT_FOUND if it has no such stage.
 */
char *stage_edit_remove(const struct doc *doc, const char *name, size_t *length, GError **error);

/* Whether foreach or matrix made this stage: no text of its own stands in the file. */
bool stage_edit_is_generated(const char *name);

#endif
