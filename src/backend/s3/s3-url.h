/*
 * s3-url: where a bucket is and what its keys are called in URLs. Pure, but for s3_place_new(), which reads the spec.
 */
#ifndef BACKEND_S3_S3_URL_H
#define BACKEND_S3_S3_URL_H

#include "base/auto.h"
#include "remote/spec.h"

#include <glib.h>
#include <stdbool.h>

/* A bucket and a prefix in it. Constant after it was made, but for the region. */
struct s3_place {
	char *scheme; /* of the remote's url */
	char *bucket;
	char *prefix;   /* "" or ends in '/' */
	char *endpoint; /* "https://host[:port][/path]" without a '/' at the end; NULL: AWS's own, by region */
	char *region;   /* to sign for; never NULL */
	bool tls;       /* of AWS's own endpoint */
	bool in_path;   /* the bucket goes into the path of URLs, not into the host's name */
};

/*
 * Read the url s3://bucket/prefix or gs://bucket/prefix and the options use_ssl and path_style. `endpoint` and `region`
 * may be NULL. ERROR_USAGE says what makes no sense.
 */
struct s3_place *s3_place_new(const struct remote_spec *spec, const char *endpoint, const char *region, GError **error);

/* Free it. */
void s3_place_free(struct s3_place *place);

AUTO_DEFINE(s3_place, s3_place_free);

/*
 * The URL of a key below the prefix, or with NULL of the bucket itself, with a query ("a=b&c", encoded; NULL: none).
 * New string.
 */
char *s3_place_url(const struct s3_place *place, const char *key, const char *query);

/* "/bucket/prefix/key" percent-encoded, as x-amz-copy-source has it. New string. */
char *s3_place_source(const struct s3_place *place, const char *key);

/* The host of the endpoint, without port. New string. */
char *s3_place_host(const struct s3_place *place);

/*
 * Whether the host is S3 of AWS itself, of a bucket or not (other names below amazonaws.com belong to customers);
 * whether it is this machine.
 */
bool s3_host_is_aws(const char *host);
bool s3_host_is_local(const char *host);

/* How people call a key: "s3://bucket/prefix/key". New string. */
char *s3_place_name(const struct s3_place *place, const char *key);

#endif
