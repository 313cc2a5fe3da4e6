#include "base/path.h"

#include <string.h>

char *path_join(const char *a, const char *b)
{
	if (!*a || *b == '/')
		return g_strdup(b);
	if (!*b)
		return g_strdup(a);
	return g_strconcat(a, g_str_has_suffix(a, "/") ? "" : "/", b, NULL);
}

/* Drop the last component of out, unless there is none or it is a ".." that had to stay; whether it did. */
static bool drop_last(GString *out, gsize root)
{
	const char *slash = strrchr(out->str + root, '/');
	gsize start = slash ? (gsize)(slash - out->str) + 1 : root;

	if (out->len == root || g_str_equal(out->str + start, ".."))
		return false;
	g_string_truncate(out, slash ? start - 1 : root);
	return true;
}

char *path_normal(const char *path)
{
	gsize root = *path == '/';
	GString *out = g_string_new_len("/", (gssize)root);

	while (*path) {
		size_t length = strcspn(path, "/");
		bool is_dot = length == 1 && path[0] == '.';
		bool is_up = length == 2 && path[0] == '.' && path[1] == '.';

		/* An absolute path swallows ".." at the root, a relative one keeps it. */
		if (length && !is_dot && !(is_up && (drop_last(out, root) || root))) {
			if (out->len > root)
				g_string_append_c(out, '/');
			g_string_append_len(out, path, (gssize)length);
		}
		path += length;
		path += *path == '/';
	}
	return g_string_free(out, FALSE);
}

char *path_parent(const char *path)
{
	const char *slash = strrchr(path, '/');

	if (!slash)
		return g_strdup("");
	return g_strndup(path, slash == path ? 1 : (gsize)(slash - path));
}

const char *path_base(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

bool path_is_inside(const char *path, const char *dir)
{
	return path_below(path, dir) != NULL;
}

const char *path_below(const char *path, const char *dir)
{
	size_t length = strlen(dir);

	if (length == 0)
		return path;
	if (strncmp(path, dir, length) != 0)
		return NULL;
	if (path[length] == '\0' || dir[length - 1] == '/')
		return path + length;
	return path[length] == '/' ? path + length + 1 : NULL;
}

char *path_relative(const char *to, const char *from)
{
	GString *out = g_string_new(NULL);
	g_autofree char *common = g_strdup(from);
	const char *rest;

	while (!(rest = path_below(to, common))) {
		char *parent = path_parent(common);

		g_string_append(out, "../");
		g_free(common);
		common = parent;
	}
	g_string_append(out, rest);
	if (out->len && out->str[out->len - 1] == '/')
		g_string_truncate(out, out->len - 1);
	if (!out->len)
		g_string_append_c(out, '.');
	return g_string_free(out, FALSE);
}

bool path_is_url(const char *text)
{
	size_t word = strspn(text, "abcdefghijklmnopqrstuvwxyz");
	return strstr(text, "://") || (word && strncmp(text + word, "::", 2) == 0);
}

bool path_is_utf8(const char *path)
{
	return g_utf8_validate(path, -1, NULL);
}
