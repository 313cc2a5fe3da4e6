#include "repo/exclude.h"
#include "repo/worktree-int.h"

#include "base/error.h"
#include "base/file.h"
#include "base/path.h"
#include "base/quote.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define EXCLUDE_FILE ".gitignore"

/* The most that a .gitignore may hold. */
#define EXCLUDE_LIMIT ((size_t)64 << 20)

/* What DVC escapes, and the backslash, which it forgets. */
#define SPECIAL "[]!*#?\\"

/* Matches one control character: a newline, or a CR at the end, cannot be written in a .gitignore. */
#define ANY_CONTROL "[[:cntrl:]]"

/* The line, without its end, that ignores `name` in its own directory. New string. */
static char *pattern_for(const char *name)
{
	GString *pattern = g_string_new("/");

	for (const char *c = name; *c; c++) {
		bool is_last = c[1] == '\0';

		if (*c == '\n' || (*c == '\r' && is_last)) {
			g_string_append(pattern, ANY_CONTROL);
			continue;
		}
		if (strchr(SPECIAL, *c) || (*c == ' ' && is_last))
			g_string_append_c(pattern, '\\');
		g_string_append_c(pattern, *c);
	}
	return g_string_free(pattern, FALSE);
}

/* How much of a line counts for Git: not its end, nor blanks before it unless escaped. */
static size_t significant_length(const char *line, size_t length)
{
	size_t kept = 0;

	if (length > 0 && line[length - 1] == '\n')
		length--;
	if (length > 0 && line[length - 1] == '\r')
		length--;
	for (size_t i = 0; i < length; i++) {
		if (line[i] == '\\' && i + 1 < length)
			kept = ++i + 1;
		else if (line[i] != ' ')
			kept = i + 1;
	}
	return kept;
}

/* Whether a line stands for `name`: as pattern_for() or DVC writes it, or not escaped at all. */
static bool is_line_for(const char *line, size_t length, const char *name)
{
	g_autofree char *text = g_strndup(line, significant_length(line, length)), *ours = pattern_for(name);
	g_autoptr(GString) plain = g_string_new(NULL);

	if (*text != '/')
		return false;
	for (const char *c = text + 1; *c; c++) {
		if (*c == '\\' && c[1])
			c++;
		g_string_append_c(plain, *c);
	}
	return strcmp(text, ours) == 0 || strcmp(text + 1, name) == 0 || strcmp(plain->str, name) == 0;
}

/* Read the .gitignore at `path` below the work tree, never through a link; absent is empty, with *exists false. */
static bool read_exclude(const struct repo *repo, const char *path, GString *text, bool *exists, GError **error)
{
	g_autofree char *absolute = path_join(repo->work_tree, path), *data = NULL;
	g_autoptr(GError) failure = NULL;
	auto_fd int top = open(repo->work_tree, O_PATH | O_DIRECTORY | O_CLOEXEC), fd = -1;
	size_t length;

	*exists = false;
	if (top < 0) {
		error_set_errno(error, errno, "open '%s'", repo->work_tree);
		return false;
	}
	fd = file_open_beneath(top, path, O_RDONLY | O_NONBLOCK, 0, &failure);
	if (fd < 0 && error_is(failure, ERROR_NOT_FOUND))
		return true;
	if (fd < 0) {
		if (error_is(failure, ERROR_UNSAFE))
			error_hint(&failure, "replace the symbolic link by a file: Git does not read it");
		g_propagate_error(error, g_steal_pointer(&failure));
		return false;
	}
	if (!file_read(absolute, EXCLUDE_LIMIT, &data, &length, error))
		return false;
	g_string_append_len(text, data, length);
	*exists = true;
	return true;
}

/* Make the directory that is to hold the .gitignore at `path`. */
static bool make_parent(const struct repo *repo, const char *path, GError **error)
{
	g_autofree char *parent = path_parent(path);
	auto_fd int top = open(repo->work_tree, O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (top >= 0)
		return file_make_dirs_beneath(top, parent, error);
	error_set_errno(error, errno, "open '%s'", repo->work_tree);
	return false;
}

static bool write_exclude(const struct repo *repo, const char *path, const GString *text, GError **error)
{
	g_autofree char *absolute = path_join(repo->work_tree, path);

	return file_replace(absolute, text->str, text->len, 0666, error);
}

/* Append the lines for names (of files beside it) to the .gitignore at `path`. */
static bool add_lines(const struct repo *repo, const char *path, GPtrArray *names, GError **error)
{
	g_autoptr(GString) text = g_string_new(NULL);
	const char *line_end;
	bool exists;

	if (!make_parent(repo, path, error) || !read_exclude(repo, path, text, &exists, error))
		return false;
	line_end = strstr(text->str, "\r\n") ? "\r\n" : "\n";
	if (text->len > 0 && text->str[text->len - 1] != '\n')
		g_string_append(text, line_end);
	for (guint i = 0; i < names->len; i++) {
		g_autofree char *pattern = pattern_for(names->pdata[i]);

		g_string_append(text, pattern);
		g_string_append(text, line_end);
	}
	return write_exclude(repo, path, text, error);
}

/* The path of the .gitignore beside path. New string. */
static char *exclude_beside(const char *path)
{
	g_autofree char *parent = path_parent(path);

	return path_join(parent, EXCLUDE_FILE);
}

/* The paths that no rule ignores, each once, by the .gitignore that is to name them: path of the .gitignore -> names.
 */
static GHashTable *group_by_file(GPtrArray *paths, GHashTable *ignored)
{
	GHashTable *groups = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, (GDestroyNotify)g_ptr_array_unref);
	g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);

	for (guint i = 0; i < paths->len; i++) {
		const char *path = paths->pdata[i];
		char *file;
		GPtrArray *names;

		if (g_hash_table_contains(ignored, path) || !g_hash_table_add(seen, (gpointer)path))
			continue;
		file = exclude_beside(path);
		names = g_hash_table_lookup(groups, file);
		if (names) {
			g_free(file);
		} else {
			names = g_ptr_array_new();
			g_hash_table_insert(groups, file, names);
		}
		g_ptr_array_add(names, (gpointer)path_base(path));
	}
	return groups;
}

bool exclude_add_all(struct repo *repo, GPtrArray *paths, GPtrArray **touched, GError **error)
{
	g_autoptr(GPtrArray) written = g_ptr_array_new_with_free_func(g_free);
	g_autoptr(GHashTable) ignored = NULL, groups = NULL;
	GHashTableIter iter;
	gpointer file, names;

	if (touched)
		*touched = NULL;
	/* The rules alone are asked: a path that Git still tracks gets its line once only, too. */
	ignored = worktree_check_ignore(repo, paths, false, error);
	if (!ignored)
		return false;
	groups = group_by_file(paths, ignored);
	g_hash_table_iter_init(&iter, groups);
	while (g_hash_table_iter_next(&iter, &file, &names)) {
		if (!add_lines(repo, file, names, error))
			return false;
		g_ptr_array_add(written, g_strdup(file));
	}
	if (touched)
		*touched = g_steal_pointer(&written);
	return true;
}

bool exclude_add(struct repo *repo, const char *path, char **touched, GError **error)
{
	g_autoptr(GPtrArray) paths = g_ptr_array_new(), files = NULL;

	if (touched)
		*touched = NULL;
	g_ptr_array_add(paths, (gpointer)path);
	if (!exclude_add_all(repo, paths, &files, error))
		return false;
	if (touched && files->len > 0)
		*touched = g_strdup(files->pdata[0]);
	return true;
}

/* Copy all lines of text but those for `name`. New string. */
static GString *without_lines(const GString *text, const char *name)
{
	GString *rest = g_string_sized_new(text->len);
	const char *end = text->str + text->len;

	for (const char *line = text->str; line < end;) {
		const char *newline = memchr(line, '\n', end - line);
		size_t length = newline ? (size_t)(newline + 1 - line) : (size_t)(end - line);

		if (!is_line_for(line, length, name))
			g_string_append_len(rest, line, length);
		line += length;
	}
	return rest;
}

static bool delete_exclude(const struct repo *repo, const char *path, GError **error)
{
	g_autofree char *absolute = path_join(repo->work_tree, path), *shown = NULL;

	if (unlink(absolute) == 0 || errno == ENOENT)
		return true;
	shown = quote_path(absolute);
	error_set_errno(error, errno, "delete '%s'", shown);
	return false;
}

bool exclude_remove(struct repo *repo, const char *path, char **touched, GError **error)
{
	g_autofree char *file = exclude_beside(path);
	g_autoptr(GString) text = g_string_new(NULL), rest = NULL;
	bool exists;

	if (touched)
		*touched = NULL;
	if (!repo->work_tree)
		return true;
	if (!read_exclude(repo, file, text, &exists, error))
		return false;
	rest = without_lines(text, path_base(path));
	if (!exists || rest->len == text->len)
		return true;
	if (!(rest->len > 0 ? write_exclude(repo, file, rest, error) : delete_exclude(repo, file, error)))
		return false;
	if (touched)
		*touched = g_steal_pointer(&file);
	return true;
}
