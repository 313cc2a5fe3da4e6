/*
 * aws-ini: the text of AWS's shared files (~/.aws/config, ~/.aws/credentials) as sections of settings.
 *
 * Read as AWS's tools do: `[type name]`, `key = value` with keys in any case, comments on lines of their own and, after
 * a blank, behind a value, indented lines that go on with the value above or, below an empty value, are settings of
 * their own. A section or key that comes again adds to or replaces the first. Constant once read: any thread.
 */
#ifndef BACKEND_AWS_AWS_INI_H
#define BACKEND_AWS_AWS_INI_H

#include "base/auto.h"

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

struct aws_ini;

/*
 * Read `length` bytes of text. ERROR_CORRUPT "NAME:LINE: …" for what is no section and no setting; never with the text
 * itself, which may be a secret.
 */
struct aws_ini *aws_ini_read(const char *text, size_t length, const char *name, GError **error);

/* Whether there is such a section: "default", "profile x" (one blank, name without quotes). */
bool aws_ini_has(const struct aws_ini *ini, const char *section);

/* The value of a key, in lower case; NULL if it is not set or empty. Owned by ini. */
const char *aws_ini_get(const struct aws_ini *ini, const char *section, const char *key);

/* The value of `key` in the block below the empty value of `block`; NULL as above. */
const char *aws_ini_get_nested(const struct aws_ini *ini, const char *section, const char *block, const char *key);

/* The first key anywhere that is none of `known` (NULL-terminated); NULL if there is none. Owned by ini. */
const char *aws_ini_find_other(const struct aws_ini *ini, const char *const *known);

/* Free it, wiping its values. */
void aws_ini_free(struct aws_ini *ini);

AUTO_DEFINE(aws_ini, aws_ini_free);

#endif
