#include "remote/layout.h"

#include <string.h>

#define LENGTH(literal) (sizeof(literal) - 1)

/* Where the objects of an algorithm begin: "files/md5/", or "" for DVC 2.x. New string. */
static char *algo_root(enum oid_algo algo)
{
	return algo == OID_MD5_2X ? g_strdup("") : g_strdup_printf("files/%s/", oid_algo_name(algo));
}

char *layout_key(const struct oid *oid)
{
	g_autofree char *root = algo_root(oid->algo);
	char text[OID_TEXT_MAX];
	oid_text(oid, text);
	return g_strdup_printf("%s%.2s/%s", root, text, text + 2);
}

/* Read "ab/cdef…"; only what oid_text() would write again, so that no two keys are one object. */
static bool parse_tail(const char *tail, enum oid_algo algo, struct oid *oid)
{
	size_t length = strlen(tail);
	if (length < 4 || length > OID_TEXT_MAX || tail[2] != '/')
		return false;
	g_autofree char *text = g_strdup_printf("%.2s%s", tail, tail + 3);
	char again[OID_TEXT_MAX];
	return oid_parse(oid, algo, text, NULL) && strcmp(oid_text(oid, again), text) == 0;
}

bool layout_parse(const char *key, struct oid *oid)
{
	if (!g_str_has_prefix(key, "files/"))
		return parse_tail(key, OID_MD5_2X, oid);
	const char *name = key + LENGTH("files/");
	const char *slash = strchr(name, '/');
	if (!slash)
		return false;
	g_autofree char *algo_name = g_strndup(name, (gsize)(slash - name));
	enum oid_algo algo = oid_algo_named(algo_name);
	if (algo != OID_MD5 && algo != OID_SHA256)
		return false;
	return parse_tail(slash + 1, algo, oid);
}

char *layout_prefix(enum oid_algo algo, unsigned i)
{
	g_autofree char *root = algo_root(algo);
	return g_strdup_printf("%s%02x/", root, i);
}

char *layout_trash_key(const char *key, const char *day)
{
	return g_strdup_printf(LAYOUT_TRASH "%s/%s", day, key);
}

/* "2024-01-31" */
static bool is_day(const char *text)
{
	const char *shape = "dddd-dd-dd";
	for (; *shape; shape++, text++)
		if (*shape == 'd' ? !g_ascii_isdigit(*text) : *text != *shape)
			return false;
	return true;
}

const char *layout_trash_parse(const char *trash_key, char day[11])
{
	if (!g_str_has_prefix(trash_key, LAYOUT_TRASH))
		return NULL;
	const char *text = trash_key + LENGTH(LAYOUT_TRASH);
	if (!is_day(text) || text[10] != '/' || text[11] == '\0')
		return NULL;
	memcpy(day, text, 10);
	day[10] = '\0';
	return text + 11;
}
