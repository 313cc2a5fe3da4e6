/*
 * oid: the name of an object: the algorithm, the digest, and whether the object is a directory manifest.
 *
 * A value type: copy it freely, compare it with oid_equal(). Text form as in pointers and manifests: lower-case hex,
 * with
 * ".dir" behind it for a manifest.
 */
#ifndef HASH_OID_H
#define HASH_OID_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum oid_algo {
	OID_NONE,   /* no object: a zeroed struct oid */
	OID_MD5,    /* DVC 3.x */
	OID_SHA256, /* native */
	OID_MD5_2X, /* DVC 2.x "md5-dos2unix": md5 of text with CRLF turned to LF, dvc-formats 7.2 */
};

/* Bytes of the longest digest; characters of the longest text form with its NUL. */
#define OID_DIGEST_MAX 32
#define OID_TEXT_MAX   (2 * OID_DIGEST_MAX + 4 + 1)

struct oid {
	uint8_t algo;                   /* enum oid_algo */
	uint8_t dir;                    /* 1: a manifest */
	uint8_t digest[OID_DIGEST_MAX]; /* unused bytes are zero */
};

/* The digest length in bytes: 16 or 32; 0 for OID_NONE. */
size_t oid_digest_length(enum oid_algo algo);

/* The name used in documents and store paths: "md5", "sha256"; "md5-dos2unix" for OID_MD5_2X; NULL for OID_NONE. */
const char *oid_algo_name(enum oid_algo algo);

/* The algorithm of that name, OID_NONE if there is none. */
enum oid_algo oid_algo_named(const char *name);

/* Read the text form (upper-case digits are accepted); ERROR_CORRUPT quotes text that is not one. */
bool oid_parse(struct oid *oid, enum oid_algo algo, const char *text, GError **error);

/* Write the text form with its NUL into buffer and return buffer. */
char *oid_text(const struct oid *oid, char buffer[OID_TEXT_MAX]);

/* Whether two ids are the same in every part. */
bool oid_equal(const struct oid *a, const struct oid *b);

/* Order by algorithm, digest, dir: <0, 0, >0. */
int oid_compare(const struct oid *a, const struct oid *b);

/* Whether it names nothing. */
static inline bool oid_is_none(const struct oid *oid)
{
	return oid->algo == OID_NONE;
}

/* For g_hash_table_new(): keys are `const struct oid *`. */
guint oid_hash(gconstpointer oid);

/* For g_hash_table_new(): keys are `const struct oid *`. */
gboolean oid_equal_key(gconstpointer a, gconstpointer b);

#endif
