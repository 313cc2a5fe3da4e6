/*
 * path: pure algebra on path text; nothing here asks the file system.
 *
 * Paths are byte strings, '/'-separated. "Relative" paths of the program's own (in manifests, the index, plans) are
 * normal: no leading or trailing '/', no empty, "." or ".." components. "" names the root of the tree itself.
 */
#ifndef BASE_PATH_H
#define BASE_PATH_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

/* The longest path accepted from outside, in bytes, without the NUL (Linux's PATH_MAX - 1). */
#define PATH_LIMIT 4095

/* a + "/" + b as a new string; b alone if a is "" or b is absolute, a alone if b is "". */
char *path_join(const char *a, const char *b);

/*
 * The path with empty and "." components dropped and ".." resolved against the text before it. A relative path keeps
 * leading ".."s that it cannot resolve; an absolute path swallows them. "" for a path that comes to nothing. New
 * string.
 */
char *path_normal(const char *path);

/* Everything before the last '/', "" if there is none ("/" for "/x"). New string. */
char *path_parent(const char *path);

/* What follows the last '/', all of it if there is none. Points into path. */
const char *path_base(const char *path);

/* Whether path equals dir or lies below it; both normal. Every path lies below "". */
bool path_is_inside(const char *path, const char *dir);

/* What is left of path below dir, pointing into path ("" if equal); NULL if path is not inside dir. */
const char *path_below(const char *path, const char *dir);

/* How to get from directory `from` to `to`, both absolute and normal: "../x". "." if equal. New string. */
char *path_relative(const char *to, const char *from);

/*
 * Whether a relative path that came from outside may be created below a project: not empty, at most PATH_LIMIT bytes,
 * not absolute, no empty, "." or ".." component, no component that some file system takes for ".git" (case folded,
 * trailing dots, blanks or an NTFS stream, "git~1", with code points that HFS+ ignores). Sets ERROR_UNSAFE naming the
 * path (quoted) and the reason. Rules after Git's verify_path() and its documentation of core.protectHFS/NTFS.
 */
bool path_check(const char *path, GError **error);

/* Whether the text is no path but says how to go there: "scheme://…", or "word::…" as Git has it. */
bool path_is_url(const char *text);

/* Whether the bytes are valid UTF-8 (no overlong forms, no surrogates). */
bool path_is_utf8(const char *path);

#endif
