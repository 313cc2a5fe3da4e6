/*
 * digest: one pass over bytes gives an object id. Over OpenSSL's EVP.
 *
 * A digest is used by one thread at a time; after digest_final() it is ready for the next bytes, so a worker keeps one.
 */
#ifndef HASH_DIGEST_H
#define HASH_DIGEST_H

#include "base/auto.h"
#include "base/meter.h"
#include "hash/oid.h"

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct digest;

/*
 * Set up OpenSSL, before anything else in the process does; once, from main(). It is told not to clean up at exit: that
 * races with threads that end just then, and frees what they free. Programs that do not call it get OpenSSL's defaults.
 */
void digest_setup(void);

/* A new digest; aborts if OpenSSL lacks the algorithm or memory. OID_MD5_2X applies its CRLF rule by 1 MiB chunks. */
struct digest *digest_new(enum oid_algo algo);

/* Take more bytes. */
void digest_update(struct digest *digest, const void *data, size_t length);

/* The id of all bytes since the start or the last digest_final(); oid->dir is 0. Starts over. */
void digest_final(struct digest *digest, struct oid *oid);

/* Have the bytes of all digest_update()s counted (NULL: no more); borrowed. */
void digest_meter(struct digest *digest, struct meter *meter);

/* Free it. */
void digest_free(struct digest *digest);

AUTO_DEFINE(digest, digest_free);

/*
 * Give it all bytes of fd from its position to its end, then digest_final(); it must be at its start. *size (may be
 * NULL) becomes the bytes read. False with ERROR_IO without a path (the caller prefixes it) or ERROR_CANCELLED on
 * Ctrl-C; the digest is ready for the next bytes then, too. For workers that hash many files: it keeps its read buffer.
 */
bool digest_read(struct digest *digest, int fd, struct oid *oid, uint64_t *size, GError **error);

/*
 * Hash fd from its position to its end; *size (may be NULL) becomes the bytes read. ERROR_IO without a path (the caller
 * prefixes it); ERROR_CANCELLED on Ctrl-C.
 */
bool digest_fd(int fd, enum oid_algo algo, struct oid *oid, uint64_t *size, GError **error);

/* The id of a buffer. */
void digest_bytes(const void *data, size_t length, enum oid_algo algo, struct oid *oid);

/* HMAC-SHA256 (RFC 2104) of `data` under `key` into out[32]. */
void digest_hmac_sha256(const void *key, size_t key_length, const void *data, size_t length, uint8_t out[32]);

/* What digest_sha1() writes, with the NUL. */
#define DIGEST_SHA1_TEXT 41

/* The SHA-1 of a text in lower-case hexadecimal. For names that others give to files; it protects nothing. */
void digest_sha1(const void *data, size_t length, char out[DIGEST_SHA1_TEXT]);

#endif
