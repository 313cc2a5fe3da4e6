/*
 * DVC's encoding. What DVC wrote has one exact layout, which is read here in one pass without a tree: a manifest may have millions
 * of entries. Any other JSON of the same meaning goes through the JSON library.
 */
#include "base/error.h"
#include "base/hex.h"
#include "base/path.h"
#include "doc/json.h"
#include "store/manifest-int.h"

#include <string.h>

/* Digits of an md5. */
#define MD5_BYTES 16

/* The text as DVC's json.dumps() makes it. */
struct reader {
	const char *p, *end;
	GString *path;  /* of the entry that is being read */
	bool disguised; /* it has bytes that Python found to be no UTF-8 */
};

/* Step over exactly this text. */
static bool skip(struct reader *r, const char *text)
{
	size_t length = strlen(text);

	if ((size_t)(r->end - r->p) < length || memcmp(r->p, text, length) != 0)
		return false;
	r->p += length;
	return true;
}

/* Four hexadecimal digits; -1 if they are not there. */
static int32_t read_hex4(struct reader *r)
{
	uint8_t bytes[2];

	if (r->end - r->p < 4 || !hex_decode(bytes, r->p, 2))
		return -1;
	r->p += 4;
	return bytes[0] << 8 | bytes[1];
}

/* What follows "\u" onto the path: a code point, maybe of two halves, or a byte that is no UTF-8 in Python's disguise. */
static bool read_unicode(struct reader *r)
{
	int32_t c = read_hex4(r), low;

	if (c <= 0)
		return false;
	if (c >= 0xdc80 && c <= 0xdcff) {
		g_string_append_c(r->path, (char)(c - 0xdc00));
		r->disguised = true;
		return true;
	}
	if (c >= 0xd800 && c <= 0xdbff) {
		low = skip(r, "\\u") ? read_hex4(r) : -1;
		if (low < 0xdc00 || low > 0xdfff)
			return false;
		c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
	} else if (c >= 0xdc00 && c <= 0xdfff) {
		return false;
	}
	g_string_append_unichar(r->path, (gunichar)c);
	return true;
}

static bool read_escape(struct reader *r)
{
	static const char letters[] = "\"\\/bfnrt", values[] = "\"\\/\b\f\n\r\t";
	const char *letter;

	r->p++;
	if (r->p == r->end || !*r->p)
		return false;
	if (*r->p == 'u') {
		r->p++;
		return read_unicode(r);
	}
	letter = strchr(letters, *r->p++);
	if (letter)
		g_string_append_c(r->path, values[letter - letters]);
	return letter;
}

/* The rest of a string of plain ASCII and escapes, with its closing quote. */
static bool read_string(struct reader *r)
{
	g_string_truncate(r->path, 0);
	r->disguised = false;
	for (;;) {
		const char *start = r->p;

		while (r->p < r->end && *r->p >= 0x20 && *r->p < 0x7f && *r->p != '"' && *r->p != '\\')
			r->p++;
		g_string_append_len(r->path, start, r->p - start);
		if (r->p < r->end && *r->p == '\\') {
			if (!read_escape(r))
				return false;
			continue;
		}
		/* Together they must not come to what could have been written plainly: one path, two texts. */
		return skip(r, "\"") && !(r->disguised && path_is_utf8(r->path->str));
	}
}

/* Append an entry after checking its path. */
static bool add_entry(struct manifest *manifest, const struct oid *oid, const char *path, size_t length, GError **error)
{
	const struct manifest_entry rest = {.oid = *oid, .mode = MANIFEST_FILE, .size = MANIFEST_NO_SIZE};

	if (manifest->count >= MANIFEST_ENTRY_LIMIT) {
		error_set(error, ERROR_UNSAFE, "more than %zu entries", MANIFEST_ENTRY_LIMIT);
		return false;
	}
	if (!manifest_path_check(path, length, error)) {
		g_prefix_error(error, "entry %zu: ", manifest->count + 1);
		return false;
	}
	manifest_append(manifest, path, length, &rest);
	return true;
}

/* One entry in DVC's layout. false with no error: another layout. */
static bool read_entry(struct manifest *manifest, struct reader *r, GError **error)
{
	struct oid oid = {.algo = (uint8_t)manifest->format.algo};

	if (!skip(r, "{\"md5\": \"") || r->end - r->p < 2 * MD5_BYTES || !hex_decode(oid.digest, r->p, MD5_BYTES))
		return false;
	r->p += 2 * MD5_BYTES;
	return skip(r, "\", \"relpath\": \"") && read_string(r) && skip(r, "}") &&
	       add_entry(manifest, &oid, r->path->str, r->path->len, error);
}

/* All of it in DVC's layout. false with no error: another layout. */
static bool read_exact(struct manifest *manifest, const char *data, size_t length, GError **error)
{
	g_autoptr(GString) path = g_string_sized_new(PATH_LIMIT);
	struct reader r = {.p = data, .end = data + length, .path = path};

	if (!skip(&r, "["))
		return false;
	if (!skip(&r, "]")) {
		do
			if (!read_entry(manifest, &r, error))
				return false;
		while (skip(&r, ", "));
		if (!skip(&r, "]"))
			return false;
	}
	return r.p == r.end;
}

/* One entry of a tree: the two keys that matter, and any others. */
static bool take_node(struct manifest *manifest, const struct doc *doc, const struct node *node, GError **error)
{
	const char *md5 = node_get_string(node, "md5"), *path = node_get_string(node, "relpath");
	struct oid oid;

	if (!md5 || !path) {
		node_error(error, doc, node, "an entry has no md5 or no relpath");
		return false;
	}
	if (!oid_parse(&oid, manifest->format.algo, md5, error))
		return false;
	if (oid.dir) {
		node_error(error, doc, node, "an entry is a directory manifest");
		return false;
	}
	return add_entry(manifest, &oid, path, strlen(path), error);
}

static bool read_tree(struct manifest *manifest, const char *data, size_t length, GError **error)
{
	autoptr(doc) doc = json_read(data, length, "manifest", error);

	if (!doc)
		return false;
	if (doc->root->kind != NODE_LIST) {
		node_error(error, doc, doc->root, "a list is due, not %s", node_kind_name(doc->root->kind));
		return false;
	}
	for (size_t i = 0; i < doc->root->count; i++)
		if (!take_node(manifest, doc, doc->root->items[i], error))
			return false;
	return true;
}

/* An entry has one brace; a path may have more, which costs a little memory. */
static size_t count_braces(const char *data, size_t length)
{
	const char *end = data + length;
	size_t braces = 0;

	for (const char *p = data; p < end && (p = memchr(p, '{', (size_t)(end - p))); p++)
		braces++;
	return braces;
}

bool manifest_read_json(struct manifest *manifest, const char *data, size_t length, GError **error)
{
	/* No entry is shorter than its hash, so that a text of braces alone claims no memory. */
	size_t expected = MIN(count_braces(data, length), length / (2 * MD5_BYTES));
	GError *local = NULL;

	manifest_reserve(manifest, MIN(expected, MANIFEST_ENTRY_LIMIT));
	if (read_exact(manifest, data, length, &local))
		return true;
	manifest->count = 0;
	manifest->sorted = true;
	if (!local && read_tree(manifest, data, length, &local))
		return true;
	g_propagate_error(error, local);
	return false;
}

/* Whether JSON writes the path as it is. */
static bool is_bare(const char *path)
{
	for (; *path; path++)
		if (*path < 0x20 || *path >= 0x7f || *path == '"' || *path == '\\')
			return false;
	return true;
}

void manifest_write_json(const struct manifest *manifest, GString *out)
{
	const char *separator = "";

	g_string_append_c(out, '[');
	for (size_t i = 0; i < manifest->count; i++) {
		const struct manifest_entry *entry = &manifest->entries[i];
		char hash[OID_TEXT_MAX];

		/* DVC knows no empty directories. */
		if (entry->mode == MANIFEST_EMPTY_DIR)
			continue;
		hex_encode(hash, entry->oid.digest, MD5_BYTES);
		g_string_append(out, separator);
		g_string_append(out, "{\"md5\": \"");
		g_string_append(out, hash);
		g_string_append(out, "\", \"relpath\": ");
		if (is_bare(entry->path)) {
			g_string_append_c(out, '"');
			g_string_append(out, entry->path);
			g_string_append_c(out, '"');
		} else {
			json_append_string(out, entry->path, true);
		}
		g_string_append_c(out, '}');
		separator = ", ";
	}
	g_string_append_c(out, ']');
}
