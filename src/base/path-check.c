/*
 * What a hostile repository may call a file. Linux would take all of these names; but the tree may lie on a disk, or be
 * cloned to a machine, whose file system takes some of them for ".git", and whoever writes there runs code.
 */
#include "base/error.h"
#include "base/path.h"
#include "base/quote.h"

#include <string.h>

/*
 * The length of a UTF-8 code point at p that HFS+ ignores in names, 0 if it does not start one: U+200C..U+200F,
 * U+202A..U+202E, U+206A..U+206F, U+FEFF. All are three bytes long. Never reads beyond a NUL.
 */
static size_t ignorable_length(const char *p)
{
	const unsigned char *b = (const unsigned char *)p;

	if (b[0] == 0xef && b[1] == 0xbb && b[2] == 0xbf)
		return 3;
	if (b[0] != 0xe2)
		return 0;
	if (b[1] == 0x80 && ((b[2] >= 0x8c && b[2] <= 0x8f) || (b[2] >= 0xaa && b[2] <= 0xae)))
		return 3;
	if (b[1] == 0x81 && b[2] >= 0xaa && b[2] <= 0xaf)
		return 3;
	return 0;
}

/*
 * Copy the name at p, up to the end of its component, into name (at most size - 1 bytes), as the laxest file systems
 * read it: without ignorable code points, in lower case, and ended by '\\' (a separator on NTFS) too. Returns its end.
 */
static const char *fold_name(const char *p, char *name, size_t size)
{
	size_t length = 0;

	while (*p && *p != '/' && *p != '\\') {
		size_t ignorable = ignorable_length(p);

		if (ignorable) {
			p += ignorable;
			continue;
		}
		if (length < size - 1)
			name[length++] = g_ascii_tolower(*p);
		p++;
	}
	name[length] = '\0';
	return p;
}

/* Whether name, folded, is prefix and then only what NTFS drops: dots, blanks, and a ':' with the name of a stream. */
static bool is_name_or_stream(const char *name, const char *prefix)
{
	size_t length = strlen(prefix);

	if (strncmp(name, prefix, length) != 0)
		return false;
	name += length;
	name += strspn(name, ". ");
	return *name == '\0' || *name == ':';
}

/* Whether a name that begins with c is worth a closer look: few are, and all paths of large manifests come by here. */
static bool is_suspect(char c)
{
	return c == '.' || c == 'g' || c == 'G' || c == '\xe2' || c == '\xef';
}

/* Whether some file system takes a part of the path for ".git". */
static bool has_dot_git(const char *path)
{
	char name[PATH_LIMIT + 1];

	for (const char *p = path; *p; p += *p != '\0') {
		if (!is_suspect(*p)) {
			p += strcspn(p, "/\\");
			continue;
		}
		p = fold_name(p, name, sizeof(name));
		if (is_name_or_stream(name, ".git") || is_name_or_stream(name, "git~1"))
			return true;
	}
	return false;
}

/* Whether the path has an empty, "." or ".." component. */
static bool has_odd_component(const char *path)
{
	for (;;) {
		size_t length = strcspn(path, "/");

		if (length == 0 || (length == 1 && path[0] == '.') || (length == 2 && path[0] == '.' && path[1] == '.'))
			return true;
		if (!path[length])
			return false;
		path += length + 1;
	}
}

/* What is wrong with the path, NULL for nothing. */
static const char *fault_of(const char *path)
{
	if (!*path)
		return "is empty";
	if (strlen(path) > PATH_LIMIT)
		return "is too long";
	if (*path == '/')
		return "is absolute";
	if (has_odd_component(path))
		return "has an empty, '.' or '..' component";
	if (has_dot_git(path))
		return "has a component that stands for '.git'";
	return NULL;
}

bool path_check(const char *path, GError **error)
{
	const char *fault = fault_of(path);
	g_autofree char *start = NULL;
	g_autofree char *shown = NULL;

	if (!fault)
		return true;
	/* What is too long to be a path is too long for a message. */
	start = g_strndup(path, PATH_LIMIT);
	shown = quote_path(start);
	error_set(error, ERROR_UNSAFE, "unsafe path '%s': it %s", shown, fault);
	return false;
}
