#include "index/record.h"
#include "hash/digest.h"

#include <string.h>

/* Stands for "", which LMDB takes for no key; no path of ours has the name. */
#define ROOT_KEY "."

void record_key(struct record_key *key, const char *path)
{
	struct oid oid;

	key->data = *path ? path : ROOT_KEY;
	key->length = strlen(key->data);
	key->hashed = key->length > RECORD_KEY_MAX;
	if (!key->hashed)
		return;
	digest_bytes(path, key->length, OID_SHA256, &oid);
	memcpy(key->own, path, RECORD_KEY_HEAD);
	key->own[RECORD_KEY_HEAD] = '\0';
	memcpy(key->own + RECORD_KEY_HEAD + 1, oid.digest, sizeof(oid.digest));
	key->data = key->own;
	key->length = sizeof(key->own);
}

/* Values are unaligned, and read only on the machine that wrote them: LMDB's own pages are as little portable. */
static unsigned char *append(unsigned char *p, const void *data, size_t length)
{
	memcpy(p, data, length);
	return p + length;
}

static const unsigned char *take(const unsigned char *p, void *data, size_t length)
{
	memcpy(data, p, length);
	return p + length;
}

static unsigned char *append_oid(unsigned char *p, const struct oid *oid)
{
	*p++ = oid->algo;
	*p++ = oid->dir;
	return append(p, oid->digest, oid_digest_length((enum oid_algo)oid->algo));
}

/* The id that the bytes from p to end begin with; what follows it, NULL if there is none. */
static const unsigned char *take_oid(const unsigned char *p, const unsigned char *end, struct oid *oid)
{
	size_t length;

	*oid = (struct oid){0};
	if (end - p < 2 || p[0] == OID_NONE || p[0] > OID_MD5_2X || p[1] > 1)
		return NULL;
	length = oid_digest_length((enum oid_algo)p[0]);
	if ((size_t)(end - p) < 2 + length)
		return NULL;
	oid->algo = p[0];
	oid->dir = p[1];
	return take(p + 2, oid->digest, length);
}

size_t record_file(unsigned char value[RECORD_FILE_MAX], const struct stamp *stamp, const struct oid *oid)
{
	unsigned char *p = value;

	p = append(p, &stamp->dev, sizeof(stamp->dev));
	p = append(p, &stamp->ino, sizeof(stamp->ino));
	p = append(p, &stamp->size, sizeof(stamp->size));
	p = append(p, &stamp->mtime_ns, sizeof(stamp->mtime_ns));
	p = append(p, &stamp->ctime_ns, sizeof(stamp->ctime_ns));
	p = append(p, &stamp->mode, sizeof(stamp->mode));
	return (size_t)(append_oid(p, oid) - value);
}

bool record_read_file(const void *value, size_t length, struct stamp *stamp, struct oid *oid)
{
	const unsigned char *p = value, *end = p + length;

	*stamp = (struct stamp){0};
	if (length < RECORD_FILE_MAX - OID_DIGEST_MAX)
		return false;
	p = take(p, &stamp->dev, sizeof(stamp->dev));
	p = take(p, &stamp->ino, sizeof(stamp->ino));
	p = take(p, &stamp->size, sizeof(stamp->size));
	p = take(p, &stamp->mtime_ns, sizeof(stamp->mtime_ns));
	p = take(p, &stamp->ctime_ns, sizeof(stamp->ctime_ns));
	p = take(p, &stamp->mode, sizeof(stamp->mode));
	return take_oid(p, end, oid) == end;
}

size_t record_out(unsigned char value[RECORD_OUT_MAX], const struct oid *oid)
{
	return (size_t)(append_oid(value, oid) - value);
}

bool record_read_out(const void *value, size_t length, struct oid *oid, const char **path, size_t *path_length)
{
	const unsigned char *p = value, *end = p + length, *rest = take_oid(p, end, oid);

	*path = (const char *)rest;
	*path_length = rest ? (size_t)(end - rest) : 0;
	return rest;
}
