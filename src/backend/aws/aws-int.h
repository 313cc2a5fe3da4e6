/*
 * aws-int: where credentials may come from, one function a source, for aws-credentials.c. [any] thread, one search at a
 * time.
 *
 * A source gives AWS_FOUND with *out filled in (which was zero), AWS_NONE if it is not set up here, or AWS_FAILED with
 * the error set: it is set up, so the search must not go on to somebody else's credentials.
 */
#ifndef BACKEND_AWS_AWS_INT_H
#define BACKEND_AWS_AWS_INT_H

#include "backend/aws/aws-credentials.h"
#include "backend/aws/aws-files.h"
#include "remote/request.h"

#include <glib.h>
#include <stdbool.h>

enum aws_outcome { AWS_NONE, AWS_FOUND, AWS_FAILED };

/* One search for credentials. */
struct aws_search {
	const struct remote_spec *spec;
	const struct aws_files *files;
	const char *profile; /* that the search starts with */
};

/* --- keys that lie about --- */

/* AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN. */
enum aws_outcome aws_find_environment(struct aws_credentials *out, GError **error);

/* aws_access_key_id, … of a profile. */
enum aws_outcome aws_find_keys(const struct aws_search *search, const char *profile, struct aws_credentials *out,
			       GError **error);

/* --- a profile, and what it leads to --- */

/* All that the search's profile may name: role, web identity (that of the environment, too), sign-on, keys, process. */
enum aws_outcome aws_find_profile(const struct aws_search *search, struct aws_credentials *out, GError **error);

/* Single sign-on: sso_session or sso_start_url, and the token that `aws sso login` left. */
enum aws_outcome aws_find_sso(const struct aws_search *search, const char *profile, struct aws_credentials *out,
			      GError **error);

/* What a profile says of single sign-on. Borrowed from the files. */
struct aws_sign_on {
	const char *profile;
	const char *session; /* NULL: the older way, with everything in the profile */
	const char *start_url, *region, *account, *role;
};

/*
 * The token of the sign-on, for aws_free_secret(): the one that `aws sso login` left in ~/.aws/sso/cache, or a new one
 * if that has expired but can be renewed; then it is written there, as AWS's command line does. NULL with the error
 * set.
 */
char *aws_sso_token(const struct aws_search *search, const struct aws_sign_on *sso, GError **error);

/* Give an error the hint to sign on. */
void aws_sso_hint(const struct aws_sign_on *sso, GError **error);

/* credential_process. */
enum aws_outcome aws_find_process(const struct aws_search *search, const char *profile, struct aws_credentials *out,
				  GError **error);

/* --- metadata --- */

/* AWS_CONTAINER_CREDENTIALS_RELATIVE_URI or _FULL_URI. */
enum aws_outcome aws_find_container(struct aws_credentials *out, GError **error);

/* The role of this EC2 machine, through version 2 of its metadata service. No answer is AWS_NONE. */
enum aws_outcome aws_find_machine(struct aws_credentials *out, GError **error);

/* --- the token service --- */

/* What to ask the token service for. Borrowed; what is optional is NULL. */
struct aws_role {
	const char *arn;
	const char *session_name;
	const char *external_id;
	const char *duration;                 /* seconds; digits */
	const char *token_file;               /* web identity; then not signed */
	const struct aws_credentials *signer; /* else: who asks */
};

/* Have them for a role: AssumeRole, AssumeRoleWithWebIdentity. out->source is left to the caller. */
bool aws_sts_assume(const struct aws_search *search, const struct aws_role *role, struct aws_credentials *out,
		    GError **error);

/* --- what sources share --- */

/*
 * Perform a request of ours to AWS proper, with Git's settings for TLS and proxies and AWS_CA_BUNDLE, not the remote's
 * options, which may come from a clone. What may heal is tried three times. The request's access is set meanwhile.
 */
bool aws_ask(const struct aws_search *search, struct request *request, struct reply *reply, GError **error);

/* The region for a service that is asked on the profile's behalf: its own, AWS_REGION, AWS_DEFAULT_REGION, the
 * remote's. Borrowed; NULL: none. */
const char *aws_search_region(const struct aws_search *search, const char *profile);

/*
 * The endpoint of a service ("sts") that the environment or a profile sets: AWS_ENDPOINT_URL_STS, AWS_ENDPOINT_URL,
 * `services`, endpoint_url. New string without a slash at the end; NULL: AWS's own.
 */
char *aws_configured_endpoint(const struct aws_files *files, const char *profile, const char *service);

/* The endpoint of a service at AWS: https://HOST.REGION.amazonaws.com, or the domain of China and others. New string.
 */
char *aws_public_endpoint(const char *host, const char *region);

/* Whether a text may be part of a host name as a region: letters, digits, '.', '_', '-'. ERROR_USAGE otherwise. */
bool aws_check_region(const char *region, GError **error);

/* Where a JSON document has what credentials are made of. `token` and `expiration` may be absent in it. */
struct aws_fields {
	const char *access_key, *secret_key, *token, *expiration;
};

/* Take credentials (but for source) out of JSON text. ERROR_CORRUPT that quotes nothing of it. */
bool aws_parse_credentials(const char *json, const struct aws_fields *fields, struct aws_credentials *out,
			   GError **error);

/* A point in time of ISO 8601 or "…UTC", in microseconds since the epoch; 0 if it is none. */
int64_t aws_parse_time(const char *text);

/* Read a file with a token: its text without the white space at its end, for freeing with aws_free_secret(); NULL with
 * the error set, also if there is a control character in it. */
char *aws_read_token(const char *path, GError **error);

/* Words of a server or a file for a message: without control characters, at most 200 bytes, UTF-8. New string. */
char *aws_clean(const char *text);

/* Wipe and free a text. NULL is fine. */
void aws_free_secret(char *text);

#endif
