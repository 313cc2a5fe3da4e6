/*
 * ignore: rules in .gitignore syntax as .mlvignore and .dvcignore hold them (dvc-formats 15).
 *
 * The syntax is Git's: blank lines and lines that start with '#' say nothing; '!' takes back; '\' quotes; a '/' at the
 * start or in the middle ties a rule to the directory of its file; one at the end means directories only; `**` spans
 * directories. Two things are DVC's, so that one file means the same to both programs: a rule that names a directory
 * holds for all below it, even one with '!' (so `*` and `!data` keep data/x), and `data` followed by a slash and two
 * stars also ignores the directory `data` itself, so that nothing below it can be taken back.
 *
 * Rules of a nested file win over those of its parents, whatever the order in which they are added; within one
 * directory the last match wins. Nothing below an ignored directory can be taken back. Building is single-threaded;
 * matching afterwards may be done from several threads.
 */
#ifndef FORMAT_IGNORE_H
#define FORMAT_IGNORE_H

#include "base/auto.h"

#include <glib.h>
#include <stdbool.h>

/* The longest line that can be a rule, in bytes; longer ones match nothing. */
#define IGNORE_LINE_LIMIT 8192

struct ignore;

/* One rule, for check-ignore. */
struct ignore_rule {
	const char *source;  /* the file, relative to the project root; "" for a built-in rule */
	unsigned line;       /* in that file, from 1 */
	const char *pattern; /* as written, without blanks around it */
	bool negated;
};

/* A set with the built-in rules only: .hg/, .git/, .git, .dvc/ (and the native marker is no rule: it is a file). */
struct ignore *ignore_new(void);

/*
 * Add the lines of the file `source` that stands in directory `dir` (relative to the root, normal, "" for it). There
 * are no errors: a line that makes no sense (`!`, a lone backslash at the end) matches nothing, as in Git.
 */
void ignore_add(struct ignore *ignore, const char *dir, const char *source, const char *text, size_t length);

/*
 * Whether path (relative to the root, normal) is ignored, itself or through a directory above it. *rule (may be NULL)
 * becomes the rule that decided, NULL if none matched; owned by the set.
 */
bool ignore_match(const struct ignore *ignore, const char *path, bool is_dir, const struct ignore_rule **rule);

/* As ignore_match(), for walks that already left out ignored directories: no directory above path may be ignored. */
bool ignore_match_leaf(const struct ignore *ignore, const char *path, bool is_dir);

/*
 * Whether `path` matches one shell pattern with gitignore's rules: `*` and `?` stop at '/', `**` does not, [..]
 * classes, '\\' quotes. Also used for --glob.
 */
bool ignore_glob(const char *pattern, const char *path);

/* Free it. */
void ignore_free(struct ignore *ignore);

AUTO_DEFINE(ignore, ignore_free);

#endif
