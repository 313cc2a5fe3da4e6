#include "hash/oid.h"
#include "base/error.h"
#include "base/hex.h"
#include "base/quote.h"

#include <string.h>

#define DIR_SUFFIX ".dir"

/* How much of a text that is no id is shown. */
#define SHOWN_MAX (2 * OID_TEXT_MAX)

static const struct {
	const char *name;
	size_t length;
} algos[] = {
	[OID_NONE] = {NULL, 0},
	[OID_MD5] = {"md5", 16},
	[OID_SHA256] = {"sha256", 32},
	[OID_MD5_2X] = {"md5-dos2unix", 16},
};

size_t oid_digest_length(enum oid_algo algo)
{
	return algos[algo].length;
}

const char *oid_algo_name(enum oid_algo algo)
{
	return algos[algo].name;
}

enum oid_algo oid_algo_named(const char *name)
{
	for (size_t i = 0; i < G_N_ELEMENTS(algos); i++)
		if (g_strcmp0(algos[i].name, name) == 0)
			return (enum oid_algo)i;
	return OID_NONE;
}

bool oid_parse(struct oid *oid, enum oid_algo algo, const char *text, GError **error)
{
	size_t length = oid_digest_length(algo);
	g_autofree char *start = NULL;
	g_autofree char *shown = NULL;

	*oid = (struct oid){.algo = (uint8_t)algo};
	if (length && hex_decode(oid->digest, text, length)) {
		const char *rest = text + 2 * length;

		oid->dir = strcmp(rest, DIR_SUFFIX) == 0;
		if (oid->dir || !*rest)
			return true;
	}
	*oid = (struct oid){0};
	start = g_strndup(text, SHOWN_MAX);
	shown = quote_path(start);
	error_set(error, ERROR_CORRUPT, "'%s' is not a %s hash", shown, length ? oid_algo_name(algo) : "known");
	return false;
}

char *oid_text(const struct oid *oid, char buffer[OID_TEXT_MAX])
{
	size_t length = oid_digest_length(oid->algo);

	hex_encode(buffer, oid->digest, length);
	if (oid->dir)
		memcpy(buffer + 2 * length, DIR_SUFFIX, sizeof(DIR_SUFFIX));
	return buffer;
}

bool oid_equal(const struct oid *a, const struct oid *b)
{
	return oid_compare(a, b) == 0;
}

int oid_compare(const struct oid *a, const struct oid *b)
{
	int order = (int)a->algo - (int)b->algo;

	if (order == 0)
		order = memcmp(a->digest, b->digest, OID_DIGEST_MAX);
	return order ? order : (int)a->dir - (int)b->dir;
}

guint oid_hash(gconstpointer oid)
{
	const struct oid *id = oid;
	guint bits;

	/* A digest is as random as a hash table can wish. */
	memcpy(&bits, id->digest, sizeof(bits));
	return bits ^ id->dir;
}

gboolean oid_equal_key(gconstpointer a, gconstpointer b)
{
	return oid_equal(a, b);
}
