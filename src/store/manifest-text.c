/*
 * The native encoding. Its bytes are what is hashed, so there is exactly one text for each content: the reader refuses every
 * other way to write the same.
 */
#include "base/error.h"
#include "base/hex.h"
#include "base/path.h"
#include "base/quote.h"
#include "store/manifest-int.h"

#include <string.h>

#define HEADER "mlv-manifest 1\n"

/* By enum manifest_mode. */
static const char mode_letters[] = "-xld";

/* What is being read: one line, from p to end, without its newline. */
struct line {
	const char *p, *end;
	struct manifest_entry entry;
	const char *fault; /* what is wrong with it */
};

static bool refuse(struct line *line, const char *fault)
{
	line->fault = fault;
	return false;
}

static bool skip_blank(struct line *line)
{
	if (line->p == line->end || *line->p != ' ')
		return refuse(line, "there is no blank where one is due");
	line->p++;
	return true;
}

/* Lower-case digits of a whole digest, or "-". */
static bool read_hash(struct line *line, enum oid_algo algo)
{
	size_t length = oid_digest_length(algo);

	if (line->p < line->end && *line->p == '-') {
		line->p++;
		return true;
	}
	if ((size_t)(line->end - line->p) < 2 * length || !hex_decode(line->entry.oid.digest, line->p, length))
		return refuse(line, "its hash is none");
	for (size_t i = 0; i < 2 * length; i++)
		if (line->p[i] < '0' || (line->p[i] > '9' && line->p[i] < 'a'))
			return refuse(line, "its hash has upper-case digits");
	line->entry.oid.algo = (uint8_t)algo;
	line->p += 2 * length;
	return true;
}

/* Decimal, no leading zero, and what an off_t can hold. */
static bool read_size(struct line *line)
{
	const char *start = line->p;
	uint64_t size = 0;

	for (; line->p < line->end && g_ascii_isdigit(*line->p); line->p++)
		if (__builtin_mul_overflow(size, 10, &size) || __builtin_add_overflow(size, *line->p - '0', &size))
			return refuse(line, "its size is too large");
	if (line->p == start || (*start == '0' && line->p > start + 1) || size > INT64_MAX)
		return refuse(line, "its size is no number");
	line->entry.size = size;
	return true;
}

static bool read_mode(struct line *line)
{
	const char *letter = line->p < line->end && *line->p ? strchr(mode_letters, *line->p) : NULL;

	if (!letter)
		return refuse(line, "its mode is none of - x l d");
	line->entry.mode = (uint8_t)(letter - mode_letters);
	line->p++;
	if (oid_is_none(&line->entry.oid) != (line->entry.mode == MANIFEST_EMPTY_DIR))
		return refuse(line, "its hash and its mode contradict each other");
	if (line->entry.mode == MANIFEST_EMPTY_DIR && line->entry.size)
		return refuse(line, "it is a directory with a size");
	if (line->entry.mode == MANIFEST_LINK && line->entry.size > PATH_LIMIT)
		return refuse(line, "it is a symbolic link with too long a target");
	return true;
}

/* The path in quotes that need be; the rest of the line. New string, or NULL. */
static char *read_quoted(struct line *line)
{
	size_t length = (size_t)(line->end - line->p);
	g_autofree char *path = quote_decode(line->p, length, NULL);
	g_autoptr(GString) back = g_string_sized_new(length);

	if (path)
		quote_append(back, path, false);
	if (!path || back->len != length || memcmp(back->str, line->p, length) != 0) {
		refuse(line, "its path is not quoted as it should be");
		return NULL;
	}
	return g_steal_pointer(&path);
}

/* Whether the rest of the line is a path that needs no quotes. */
static bool is_bare(const struct line *line)
{
	for (const char *p = line->p; p < line->end; p++)
		if ((unsigned char)*p < 0x20 || *p == 0x7f || *p == '"' || *p == '\\')
			return false;
	return true;
}

static bool read_path(struct manifest *manifest, struct line *line, GError **error)
{
	g_autofree char *own = NULL;
	char bare[PATH_LIMIT + 1];
	const char *path = bare;
	size_t length = (size_t)(line->end - line->p);

	if (length && *line->p == '"') {
		own = read_quoted(line);
		path = own;
		length = own ? strlen(own) : 0;
	} else if (length > PATH_LIMIT) {
		refuse(line, "its path is too long");
	} else if (!is_bare(line)) {
		refuse(line, "its path should be quoted");
	} else {
		memcpy(bare, line->p, length);
		bare[length] = '\0';
	}
	if (line->fault || !manifest_path_check(path, length, error))
		return false;
	manifest_append(manifest, path, length, &line->entry);
	return manifest->sorted || refuse(line, "its path does not follow the one before");
}

static bool read_line(struct manifest *manifest, struct line *line, GError **error)
{
	return read_hash(line, manifest->format.algo) && skip_blank(line) && read_size(line) && skip_blank(line) &&
	       read_mode(line) && skip_blank(line) && read_path(manifest, line, error);
}

static size_t count_lines(const char *data, size_t length)
{
	const char *end = data + length;
	size_t lines = 0;

	for (const char *p = data; p < end && (p = memchr(p, '\n', (size_t)(end - p))); p++)
		lines++;
	return lines;
}

bool manifest_read_text(struct manifest *manifest, const char *data, size_t length, GError **error)
{
	const char *end = data + length, *p = data + strlen(HEADER);
	size_t lines;

	if (length < strlen(HEADER) || memcmp(data, HEADER, strlen(HEADER)) != 0) {
		error_set(error, ERROR_CORRUPT, "its first line is not 'mlv-manifest 1'");
		return false;
	}
	lines = count_lines(p, (size_t)(end - p));
	if (lines > MANIFEST_ENTRY_LIMIT) {
		error_set(error, ERROR_UNSAFE, "more than %zu entries", MANIFEST_ENTRY_LIMIT);
		return false;
	}
	manifest_reserve(manifest, lines);
	for (size_t number = 2; p < end; number++) {
		const char *newline = memchr(p, '\n', (size_t)(end - p));
		struct line line = {.p = p, .end = newline ? newline : end};

		if (!newline)
			line.fault = "it does not end";
		if (line.fault || !read_line(manifest, &line, error)) {
			if (line.fault)
				error_set(error, ERROR_CORRUPT, "%s", line.fault);
			g_prefix_error(error, "line %zu: ", number);
			return false;
		}
		p = newline + 1;
	}
	return true;
}

/* Decimal digits, without the cost of printf for each of many lines. */
static void append_number(GString *out, uint64_t number)
{
	char digits[20];
	size_t i = sizeof(digits);

	do
		digits[--i] = (char)('0' + number % 10);
	while (number /= 10);
	g_string_append_len(out, digits + i, (gssize)(sizeof(digits) - i));
}

void manifest_write_text(const struct manifest *manifest, GString *out)
{
	g_string_append(out, HEADER);
	for (size_t i = 0; i < manifest->count; i++) {
		const struct manifest_entry *entry = &manifest->entries[i];
		char hash[OID_TEXT_MAX] = "-";

		if (!oid_is_none(&entry->oid))
			hex_encode(hash, entry->oid.digest, oid_digest_length((enum oid_algo)entry->oid.algo));
		g_string_append(out, hash);
		g_string_append_c(out, ' ');
		append_number(out, entry->size);
		g_string_append_c(out, ' ');
		g_string_append_c(out, mode_letters[entry->mode]);
		g_string_append_c(out, ' ');
		quote_append(out, entry->path, false);
		g_string_append_c(out, '\n');
	}
}
