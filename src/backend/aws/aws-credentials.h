/*
 * aws-credentials: who we are to S3, and where, found the way that AWS's own tools find it.
 *
 * In this order: the remote's options (access_key_id, …); the environment, unless an option names a profile; the
 * profile in AWS's shared files, by role, web identity, single sign-on, keys or credential_process; the container's and
 * the machine's metadata. What was found is kept in memory until it expires; written is only the token of a sign-on
 * that was renewed, where AWS's command line keeps it. No secret gets into an error or a trace.
 *
 *	autoptr(aws_chain) chain = aws_chain_new(spec, &error);
 *	struct aws_credentials who;
 *	if (aws_chain_get(chain, false, &who, &error)) { …; aws_credentials_clear(&who); }
 */
#ifndef BACKEND_AWS_AWS_CREDENTIALS_H
#define BACKEND_AWS_AWS_CREDENTIALS_H

#include "base/auto.h"
#include "remote/spec.h"

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

struct aws_credentials {
	bool anonymous; /* sign nothing; both keys are NULL then, else neither is */
	char *access_key, *secret_key;
	char *session_token; /* NULL: none */
	int64_t expires_us;  /* microseconds since the epoch; 0: never */
	char *source; /* for messages: "the environment (AWS_ACCESS_KEY_ID)", "profile 'x' in ~/.aws/credentials" */
};

/* Free what it holds (not the struct), wiping secrets first, and zero it. */
void aws_credentials_clear(struct aws_credentials *credentials);

struct aws_chain;

/*
 * Read options, environment and shared files; nothing is asked for yet. `spec` is borrowed until aws_chain_free().
 * ERROR_CORRUPT names a shared file and the line in it, ERROR_UNSAFE an option that would have us take settings, and
 * with them commands, out of the repository, ERROR_USAGE a region that is none. Main thread.
 */
struct aws_chain *aws_chain_new(const struct remote_spec *spec, GError **error);

/*
 * The region that is set by the option `region`, AWS_REGION, AWS_DEFAULT_REGION or the profile. Only letters, digits,
 * '.', '_' and '-': a host name may be made of it. New string; NULL if none is set.
 */
char *aws_chain_region(const struct aws_chain *chain);

/*
 * The endpoint for S3 by AWS_ENDPOINT_URL_S3, AWS_ENDPOINT_URL, or the profile (its `services` section or
 * endpoint_url); none with AWS_IGNORE_CONFIGURED_ENDPOINT_URLS. The remote's own option `endpointurl` goes before it
 * and is the caller's. New string; NULL if none is set.
 */
char *aws_chain_endpoint(const struct aws_chain *chain);

/* A setting of the profile's `s3` block, such as "addressing_style". New string; NULL if it is not set. */
char *aws_chain_s3_setting(const struct aws_chain *chain, const char *key);

/*
 * [any] The credentials to sign with now. Those in hand, unless they expire within five minutes or `renew` asks for
 * other ones because the server refused these; then the sources are gone through again, which may wait for the network
 * or a process. Threads that ask at the same time get the outcome of one search. ERROR_DENIED if there are none (names
 * what was looked at) or a source refuses; ERROR_TRANSIENT if it may answer later.
 */
bool aws_chain_get(struct aws_chain *chain, bool renew, struct aws_credentials *out, GError **error);

/* Forget all of it. */
void aws_chain_free(struct aws_chain *chain);

AUTO_DEFINE(aws_chain, aws_chain_free);

#endif
