/*
 * aws-files: AWS's two shared files of this user, ~/.aws/config and ~/.aws/credentials, or those that the environment
 * or the remote's options name in their place. Constant once read: any thread.
 */
#ifndef BACKEND_AWS_AWS_FILES_H
#define BACKEND_AWS_AWS_FILES_H

#include "base/auto.h"
#include "remote/spec.h"

#include <glib.h>
#include <stdbool.h>

struct aws_files;

/*
 * Read both; what is absent is empty. ERROR_CORRUPT names file and line. The options credentialpath and configpath of
 * `spec` may come from a clone, so of a file inside of the repository only keys are taken, and all else is
 * ERROR_UNSAFE: a shared file can name commands. [any]
 */
struct aws_files *aws_files_read(const struct remote_spec *spec, GError **error);

/* Whether either has this profile. */
bool aws_files_has(const struct aws_files *files, const char *profile);

/* A setting of a profile; the credentials file goes before the other. NULL if it is not set. Owned by files. */
const char *aws_files_get(const struct aws_files *files, const char *profile, const char *key);

/* A setting in a block of a profile, such as `s3`. As above. */
const char *aws_files_get_nested(const struct aws_files *files, const char *profile, const char *block,
				 const char *key);

/* A setting of a section of the config file that is no profile: "sso-session x". As above. */
const char *aws_files_get_section(const struct aws_files *files, const char *section, const char *key);

/* The endpoint that the profile sets for a service ("s3") in its `services` section; NULL: none. Owned by files. */
const char *aws_files_endpoint(const struct aws_files *files, const char *profile, const char *service);

/* For messages: the file that sets this key of the profile, "~/.aws/credentials". Owned by files. */
const char *aws_files_where(const struct aws_files *files, const char *profile, const char *key);

/* For messages: both files, "~/.aws/credentials and ~/.aws/config". New string. */
char *aws_files_names(const struct aws_files *files);

/* Free it. */
void aws_files_free(struct aws_files *files);

AUTO_DEFINE(aws_files, aws_files_free);

/* The user's home directory; "/" in want of one. */
const char *aws_home(void);

/* An environment variable; NULL if it is not set or empty. */
const char *aws_env(const char *name);

#endif
