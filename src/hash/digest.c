#include "hash/digest.h"
#include "base/cancel.h"
#include "base/error.h"
#include "base/hex.h"
#include "hash/text-int.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <sys/stat.h>
#include <unistd.h>

/* The most that is read in one call, and the least that a buffer is made for. */
#define BUFFER_MAX ((size_t)1 << 20)
#define BUFFER_MIN ((size_t)16 << 10)

struct digest {
	enum oid_algo algo;
	EVP_MD *md;
	EVP_MD_CTX *ctx;
	struct text_filter filter; /* OID_MD5_2X only */
	struct meter *meter;       /* NULL: nobody counts */
	char *buffer;              /* for digest_read(), as large as the largest file so far has asked for */
	size_t buffer_size;
};

/* OpenSSL fails here for want of memory, or if an administrator took the algorithm away: nothing works without it. */
static void must(bool ok, const char *what)
{
	if (!ok)
		g_error("OpenSSL: %s failed", what);
}

static void start(struct digest *digest)
{
	must(EVP_DigestInit_ex2(digest->ctx, digest->md, NULL), "EVP_DigestInit");
}

static void hash(void *user, const void *data, size_t length)
{
	struct digest *digest = user;

	must(EVP_DigestUpdate(digest->ctx, data, length), "EVP_DigestUpdate");
}

void digest_setup(void)
{
	must(OPENSSL_init_crypto(OPENSSL_INIT_NO_ATEXIT, NULL), "OPENSSL_init_crypto");
}

struct digest *digest_new(enum oid_algo algo)
{
	struct digest *digest = g_new0(struct digest, 1);

	g_assert(algo != OID_NONE);
	digest->algo = algo;
	/* Fetched once: by name, every start would search OpenSSL's providers again, under a lock. */
	digest->md = EVP_MD_fetch(NULL, algo == OID_SHA256 ? "SHA256" : "MD5", NULL);
	digest->ctx = EVP_MD_CTX_new();
	must(digest->md && digest->ctx, "EVP_MD_fetch");
	digest->filter = (struct text_filter){.sink = hash, .user = digest};
	start(digest);
	return digest;
}

void digest_meter(struct digest *digest, struct meter *meter)
{
	digest->meter = meter;
}

void digest_update(struct digest *digest, const void *data, size_t length)
{
	meter_add(digest->meter, length);
	if (digest->algo == OID_MD5_2X)
		text_filter_update(&digest->filter, data, length);
	else
		hash(digest, data, length);
}

void digest_final(struct digest *digest, struct oid *oid)
{
	if (digest->algo == OID_MD5_2X)
		text_filter_finish(&digest->filter);
	*oid = (struct oid){.algo = (uint8_t)digest->algo};
	must(EVP_DigestFinal_ex(digest->ctx, oid->digest, NULL), "EVP_DigestFinal");
	start(digest);
}

void digest_free(struct digest *digest)
{
	if (!digest)
		return;
	EVP_MD_CTX_free(digest->ctx);
	EVP_MD_free(digest->md);
	free(digest->buffer);
	g_free(digest);
}

/* Have a buffer that suits fd: small for a small file, because fresh memory costs more than reading into it. */
static void fit_buffer(struct digest *digest, int fd)
{
	size_t size = BUFFER_MAX;
	struct stat st;

	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && (uint64_t)st.st_size < BUFFER_MAX)
		/* Room for one byte more, so that the first read already sees the end. */
		size = MAX((size_t)st.st_size + 1, BUFFER_MIN);
	else
		posix_fadvise(fd, 0, 0, POSIX_FADV_SEQUENTIAL);
	if (size <= digest->buffer_size)
		return;
	free(digest->buffer);
	/* Aligned, so that the kernel copies whole pages onto whole pages. */
	size = (size + BUFFER_MIN - 1) / BUFFER_MIN * BUFFER_MIN;
	digest->buffer = aligned_alloc(4096, size);
	must(digest->buffer, "buffer");
	digest->buffer_size = size;
}

bool digest_read(struct digest *digest, int fd, struct oid *oid, uint64_t *size, GError **error)
{
	uint64_t total = 0;
	ssize_t n;

	fit_buffer(digest, fd);
	for (;;) {
		if (!cancel_check(error))
			break;
		n = read(fd, digest->buffer, digest->buffer_size);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			error_set_errno(error, errno, "read");
		if (n < 0)
			break;
		if (n == 0) {
			digest_final(digest, oid);
			if (size)
				*size = total;
			return true;
		}
		digest_update(digest, digest->buffer, (size_t)n);
		total += (uint64_t)n;
	}
	/* Forget what was taken so far: the digest may be used for another file. */
	digest_final(digest, oid);
	*oid = (struct oid){0};
	return false;
}

bool digest_fd(int fd, enum oid_algo algo, struct oid *oid, uint64_t *size, GError **error)
{
	autoptr(digest) digest = digest_new(algo);

	return digest_read(digest, fd, oid, size, error);
}

void digest_bytes(const void *data, size_t length, enum oid_algo algo, struct oid *oid)
{
	autoptr(digest) digest = digest_new(algo);

	digest_update(digest, data, length);
	digest_final(digest, oid);
}

void digest_hmac_sha256(const void *key, size_t key_length, const void *data, size_t length, uint8_t out[32])
{
	g_assert(key_length <= INT_MAX);
	must(HMAC(EVP_sha256(), key, (int)key_length, data, length, out, NULL), "HMAC");
}

void digest_sha1(const void *data, size_t length, char out[DIGEST_SHA1_TEXT])
{
	uint8_t bytes[DIGEST_SHA1_TEXT / 2];

	must(EVP_Digest(data, length, bytes, NULL, EVP_sha1(), NULL), "EVP_Digest");
	hex_encode(out, bytes, sizeof(bytes));
}
