/*
 * sigv4: signs a request the way AWS and those who speak its language ask for (Signature Version 4, in headers).
 *
 * A pure function of its arguments: no clock, no environment. It signs every header that the request has so far, its
 * path, query and host; so it comes last. Any thread.
 */
#ifndef BACKEND_S3_SIGV4_H
#define BACKEND_S3_SIGV4_H

#include "remote/request.h"

#include <glib.h>
#include <stdint.h>

/* With whose key, and for what. All borrowed. */
struct sigv4 {
	const char *access_key, *secret_key;
	const char *session_token; /* NULL: none */
	const char *region;
	const char *service; /* "s3", "sts" */
	int64_t time;        /* seconds since the epoch */
};

/* What stands for the hash of a body that is not signed, and the hash of an empty one. */
#define SIGV4_UNSIGNED   "UNSIGNED-PAYLOAD"
#define SIGV4_EMPTY_HASH "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

/*
 * Add x-amz-date, x-amz-security-token, for service s3 x-amz-content-sha256, and Authorization. `payload_hash` is the
 * body's sha256 in lower-case hex or SIGV4_UNSIGNED. The URL's path and query must be encoded as sigv4_encode() does.
 */
void sigv4_sign(const struct sigv4 *sigv4, struct request *request, const char *payload_hash);

/*
 * Append text percent-encoded: all bytes but letters, digits and "-._~", and with `keep_slash` "/", become %XX in upper
 * case. Any bytes will do.
 */
void sigv4_encode(GString *out, const char *text, bool keep_slash);

#endif
