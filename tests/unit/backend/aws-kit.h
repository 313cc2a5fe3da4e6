/*
 * aws-kit: what tests of AWS credentials share: an environment and a home directory without any, files in it, short
 * ways to ask.
 */
#ifndef TESTS_UNIT_REMOTE_AWS_KIT_H
#define TESTS_UNIT_REMOTE_AWS_KIT_H

#include "../tap.h"
#include "backend/aws/aws-credentials.h"
#include "base/error.h"

#include <string.h>

/* Begin a test: no variable of AWS or of a proxy, an empty home directory, and never a question to EC2. */
static inline void aws_kit_reset(void)
{
	g_auto(GStrv) names = g_listenv();
	g_autofree char *home = path_join(tap_tmpdir(), "home");
	g_autofree char *cache = path_join(home, ".aws/sso/cache");
	g_autoptr(GError) error = NULL;
	for (char **name = names; *name; name++)
		if (g_str_has_prefix(*name, "AWS_") || g_str_has_suffix(*name, "_proxy"))
			unsetenv(*name);
	g_assert_true(file_remove_tree(AT_FDCWD, "home", &error));
	g_assert_true(file_make_dirs(cache, &error));
	setenv("HOME", home, 1);
	setenv("AWS_EC2_METADATA_DISABLED", "true", 1);
}

/* Write a file, named from the test's directory. */
static inline void aws_kit_write(const char *path, const char *text)
{
	g_autoptr(GError) error = NULL;
	g_file_set_contents(path, text, -1, &error);
	g_assert_no_error(error);
}

static inline void aws_kit_config(const char *text)
{
	aws_kit_write("home/.aws/config", text);
}

static inline void aws_kit_keys(const char *text)
{
	aws_kit_write("home/.aws/credentials", text);
}

/* A remote with up to two options. */
static inline struct remote_spec *aws_kit_spec(const char *option, const char *value)
{
	struct remote_spec *spec = remote_spec_new("store", "s3://bucket/x");
	if (option)
		g_hash_table_insert(spec->options, g_strdup(option), g_strdup(value));
	return spec;
}

/* What there is for the spec, to be cleared; it must be there. */
static inline struct aws_credentials aws_kit_get(const struct remote_spec *spec)
{
	g_autoptr(GError) error = NULL;
	autoptr(aws_chain) chain = aws_chain_new(spec, &error);
	struct aws_credentials found;
	g_assert_no_error(error);
	aws_chain_get(chain, false, &found, &error);
	g_assert_no_error(error);
	return found;
}

/* The error that there is for the spec instead; none of the words may be a secret's. */
static inline GError *aws_kit_fail(const struct remote_spec *spec)
{
	GError *error = NULL;
	autoptr(aws_chain) chain = aws_chain_new(spec, &error);
	struct aws_credentials found;
	if (chain)
		g_assert_false(aws_chain_get(chain, false, &found, &error));
	g_assert_nonnull(error);
	g_assert_null(strcasestr(error->message, "hush"));
	return error;
}

/* That the search without options finds this key, in this place. */
static inline void aws_kit_expect(const char *access_key, const char *source)
{
	autoptr(remote_spec) spec = aws_kit_spec(NULL, NULL);
	struct aws_credentials found = aws_kit_get(spec);
	g_assert_cmpstr(found.access_key, ==, access_key);
	g_assert_cmpstr(found.source, ==, source);
	aws_credentials_clear(&found);
}

/* That the search without options fails so. */
static inline void aws_kit_expect_error(enum error_code code, const char *part, const char *hint)
{
	autoptr(remote_spec) spec = aws_kit_spec(NULL, NULL);
	g_autoptr(GError) error = aws_kit_fail(spec);
	g_assert_error(error, MLV_ERROR, (int)code);
	if (!strstr(error->message, part))
		g_error("'%s' is not in '%s'", part, error->message);
	g_assert_true(!hint || strstr(error_get_hint(error), hint));
}

#endif
