/*
 * ignore: rules in .gitignore syntax as .mlvignore and .dvcignore hold them (dvc-formats 15).
 *
 * Rules of a nested file are added after those of its parents, so deeper and later wins. Building is single-threaded; matching
 * afterwards may be done from several threads.
 */
#ifndef FORMAT_IGNORE_H
#define FORMAT_IGNORE_H

#include "base/auto.h"

#include <glib.h>
#include <stdbool.h>

struct ignore;

/* One rule, for check-ignore. */
struct ignore_rule {
	const char *source; /* the file, relative to the project root; "" for a built-in rule */
	unsigned line;      /* in that file, from 1 */
	const char *pattern; /* as written */
	bool negated;
};

/* A set with the built-in rules only: .hg/, .git/, .git, .dvc/ (and the native marker is no rule: it is a file). */
struct ignore *ignore_new(void);

/* Add the lines of the file `source` that stands in directory `dir` (relative to the root, "" for it). */
void ignore_add(struct ignore *ignore, const char *dir, const char *source, const char *text, size_t length);

/*
 * Whether path (relative to the root) is ignored, itself or through a directory above it. *rule (may be NULL) becomes the rule that
 * decided, NULL if none matched; owned by the set.
 */
bool ignore_match(const struct ignore *ignore, const char *path, bool is_dir, const struct ignore_rule **rule);

/* As ignore_match(), but looks at path itself only: for walks that already left out ignored directories. */
bool ignore_match_leaf(const struct ignore *ignore, const char *path, bool is_dir);

/*
 * Whether `path` matches one shell pattern with gitignore's rules: `*` and `?` stop at '/', `**` does not, [..] classes, '\\'
 * quotes. Also used for --glob.
 */
bool ignore_glob(const char *pattern, const char *path);

/* Free it. */
void ignore_free(struct ignore *ignore);

AUTO_DEFINE(ignore, ignore_free);

#endif
