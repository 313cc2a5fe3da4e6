/*
 * Where requests for a bucket go, and where credentials may not go.
 */
#include "aws-kit.h"
#include "backend/s3/s3-url.h"
#include "backend/s3/s3.h"

#include <string.h>

static void check_url(const char *url, const char *endpoint, const char *region, const char *expected)
{
	g_autoptr(GError) error = NULL;
	autoptr(remote_spec) spec = remote_spec_new("origin", url);
	autoptr(s3_place) place = s3_place_new(spec, endpoint, region, &error);
	g_assert_no_error(error);
	g_autofree char *found = s3_place_url(place, "a/b c", "q=1");
	g_assert_cmpstr(found, ==, expected);
}

static void makes_urls(void)
{
	check_url("s3://bucket", NULL, NULL, "https://bucket.s3.us-east-1.amazonaws.com/a/b%20c?q=1");
	check_url("s3://bucket/", NULL, "cn-x", "https://bucket.s3.cn-x.amazonaws.com.cn/a/b%20c?q=1");
	check_url("s3://my.bucket/p", NULL, "eu", "https://s3.eu.amazonaws.com/my.bucket/p/a/b%20c?q=1");
	check_url("s3://bucket/p+q/r/", "http://h:9000", NULL, "http://h:9000/bucket/p%2Bq/r/a/b%20c?q=1");
	check_url("s3://Big_1", "https://h/base/", NULL, "https://h/base/Big_1/a/b%20c?q=1");
	check_url("s3://t:b/.git", "http://h", NULL, "http://h/t%3Ab/.git/a/b%20c?q=1");
	check_url("gs://bucket/p", NULL, NULL, "https://storage.googleapis.com/bucket/p/a/b%20c?q=1");
}

static void makes_urls_as_set(void)
{
	autoptr(remote_spec) spec = remote_spec_new("origin", "s3://bucket/p");
	g_hash_table_insert(spec->options, g_strdup("path_style"), g_strdup("false"));
	g_hash_table_insert(spec->options, g_strdup("use_ssl"), g_strdup("False"));
	autoptr(s3_place) custom = s3_place_new(spec, "http://s3.localhost:1", NULL, NULL);
	g_autofree char *url = s3_place_url(custom, NULL, NULL), *source = s3_place_source(custom, "k+");
	g_assert_cmpstr(url, ==, "http://bucket.s3.localhost:1/");
	g_assert_cmpstr(source, ==, "/bucket/p/k%2B");
	autoptr(s3_place) aws = s3_place_new(spec, NULL, NULL, NULL);
	g_autofree char *plain = s3_place_url(aws, NULL, NULL);
	g_assert_cmpstr(plain, ==, "http://bucket.s3.us-east-1.amazonaws.com/");
}

static void check_refused(const char *url, const char *endpoint, const char *option)
{
	g_autoptr(GError) error = NULL;
	autoptr(remote_spec) spec = remote_spec_new("origin", url);
	if (option)
		g_hash_table_insert(spec->options, g_strdup(option), g_strdup("nonsense"));
	g_assert_null(s3_place_new(spec, endpoint, NULL, &error));
	g_assert_error(error, MLV_ERROR, ERROR_USAGE);
	g_assert_nonnull(error_get_hint(error));
	g_assert_null(strstr(error->message, "pass"));
}

static void refuses_nonsense(void)
{
	check_refused("s3://", NULL, NULL);
	check_refused("s3:///a", NULL, NULL);
	check_refused("s3://evil.org#/x", NULL, NULL);
	check_refused("s3://user@evil.org/x", NULL, NULL);
	check_refused("s3://KEY:pass@bucket", NULL, NULL);
	check_refused("s3://b/a/../../c", NULL, NULL);
	check_refused("s3://b/a//c", NULL, NULL);
	check_refused("s3://bucket", "ftp://h", NULL);
	check_refused("s3://bucket", "http://", NULL);
	check_refused("s3://bucket", "http://user:pass@h", NULL);
	check_refused("s3://bucket", NULL, "use_ssl");
	check_refused("s3://bucket", NULL, "path_style");
}

static void knows_hosts(void)
{
	static const char *const theirs[] = {
		"s3.amazonaws.com",
		"bucket.s3.eu-west-1.amazonaws.com",
		"my.bucket.s3.us-gov-west-1.amazonaws.com",
		"s3-ap-southeast-2.amazonaws.com",
		"s3-fips-us-gov-west-1.amazonaws.com",
		"s3-fips.us-east-1.amazonaws.com",
		"s3-fips.dualstack.us-east-1.amazonaws.com",
		"b.s3.dualstack.eu-central-1.amazonaws.com",
		"b.s3-accelerate.amazonaws.com",
		"b.s3-accelerate.dualstack.amazonaws.com",
		"s3.cn-north-1.amazonaws.com.cn",
	};
	static const char *const others[] = {
		"evilamazonaws.com",
		"amazonaws.com",
		".amazonaws.com",
		"s3.amazonaws.com.evil.org",
		"ec2-1-2-3-4.compute-1.amazonaws.com",
		"ec2-1-2-3-4.us-west-2.compute.amazonaws.com",
		"evil-1.us-east-1.elb.amazonaws.com",
		"evil.execute-api.us-east-1.amazonaws.com",
		"s3.execute-api.us-east-1.amazonaws.com",
		"evil-1.s3-object-lambda.us-east-1.amazonaws.com",
		"evil.s3-outposts.us-east-1.amazonaws.com",
		"vpce-1.s3.us-east-1.vpce.amazonaws.com",
		"evil.s3-website-us-east-1.amazonaws.com",
		"evil.lambda-url.dualstack.us-east-1.amazonaws.com",
		"s3.evil.amazonaws.com",
		"s3.evil?us-east-1.amazonaws.com",
		"s3-.amazonaws.com",
		"s3.--1.amazonaws.com",
	};
	for (size_t i = 0; i < G_N_ELEMENTS(theirs); i++)
		if (!s3_host_is_aws(theirs[i]))
			g_error("%s is S3", theirs[i]);
	for (size_t i = 0; i < G_N_ELEMENTS(others); i++)
		if (s3_host_is_aws(others[i]))
			g_error("%s is not S3", others[i]);
	g_assert_true(s3_host_is_local("127.0.0.1"));
	g_assert_true(s3_host_is_local("s3.localhost"));
	g_assert_true(s3_host_is_local("::1"));
	g_assert_false(s3_host_is_local("127.0.0.1.evil.org"));
	g_assert_false(s3_host_is_local("localhost.evil.org"));
}

/* A remote with the url, and perhaps an endpoint, of a file that came with a clone. */
static struct remote_spec *committed(const char *url, const char *endpoint)
{
	struct remote_spec *spec = remote_spec_new("origin", url);
	spec->committed = true;
	if (endpoint)
		g_hash_table_insert(spec->options, g_strdup("endpointurl"), g_strdup(endpoint));
	return spec;
}

static void check_trust(const struct remote_spec *spec, const struct remote_ops *ops, bool trusted)
{
	const struct remote_ops *const table[] = {ops, NULL};
	g_autoptr(GError) error = NULL;
	autoptr(remote) remote = remote_open(spec, REMOTE_READ, table, &error);
	if (trusted) {
		g_assert_no_error(error);
		return;
	}
	g_assert_null(remote);
	g_assert_error(error, MLV_ERROR, ERROR_DENIED);
	g_assert_nonnull(strstr(error_get_hint(error), "git mlv remote modify --local origin endpointurl https://"));
}

static void trusts_no_host_that_a_clone_names(void)
{
	autoptr(remote_spec) evil = committed("s3://bucket", "https://s3.evil.org");
	check_trust(evil, &remote_s3, false);
	g_setenv("AWS_ENDPOINT_URL_S3", "https://s3.good.org", TRUE);
	check_trust(evil, &remote_s3, false);
	g_setenv("AWS_ENDPOINT_URL_S3", "https://s3.evil.org:443/", TRUE); /* it is not evil after all */
	check_trust(evil, &remote_s3, true);
	g_unsetenv("AWS_ENDPOINT_URL_S3");
	g_hash_table_insert(evil->given.scopes, g_strdup("endpointurl"), GINT_TO_POINTER(SPEC_HERE));
	check_trust(evil, &remote_s3, true);
}

static void trusts_whom_the_user_names(void)
{
	autoptr(remote_spec) aws = committed("s3://bucket", NULL);
	check_trust(aws, &remote_s3, true);
	autoptr(remote_spec) here = committed("s3://bucket", "http://127.0.0.1:9");
	check_trust(here, &remote_s3, true);
	autoptr(remote_spec) nobody = committed("s3://bucket", "https://s3.other.org");
	g_hash_table_insert(nobody->options, g_strdup("allow_anonymous_login"), g_strdup("true"));
	check_trust(nobody, &remote_s3, true);
	autoptr(remote_spec) keys = committed("s3://bucket", "https://s3.other.org");
	g_hash_table_insert(keys->options, g_strdup("access_key_id"), g_strdup("a"));
	g_hash_table_insert(keys->options, g_strdup("secret_access_key"), g_strdup("s"));
	check_trust(keys, &remote_s3, true);
	autoptr(remote_spec) google = committed("gs://bucket", NULL);
	check_trust(google, &remote_gs, false);
}

static void check_option(const char *name, const char *value, const char *endpoint, enum error_code code)
{
	const struct remote_ops *const table[] = {&remote_s3, NULL};
	g_autoptr(GError) error = NULL;
	autoptr(remote_spec) spec = remote_spec_new("origin", "s3://bucket");
	g_hash_table_insert(spec->options, g_strdup("endpointurl"), g_strdup(endpoint));
	g_hash_table_insert(spec->options, g_strdup(name), g_strdup(value));
	g_assert_null(remote_open(spec, REMOTE_READ, table, &error));
	g_assert_error(error, MLV_ERROR, (int)code);
	g_assert_nonnull(strstr(error->message, name));
	g_assert_null(strstr(error->message, "MDEy"));
}

static void refuses_options_that_harm(void)
{
	check_option("acl", "private\r\nX-Evil: 1", "http://127.0.0.1:9", ERROR_USAGE);
	check_option("sse_customer_key", "MDEyMzQ1", "https://h", ERROR_USAGE);
	check_option("sse_customer_key", "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=", "http://h", ERROR_UNSAFE);
}

int main(int argc, char **argv)
{
	tap_init(argc, argv);
	aws_kit_reset();
	g_test_add_func("/s3-url/makes-urls", makes_urls);
	g_test_add_func("/s3-url/makes-urls-as-set", makes_urls_as_set);
	g_test_add_func("/s3-url/refuses-nonsense", refuses_nonsense);
	g_test_add_func("/s3-url/knows-hosts", knows_hosts);
	g_test_add_func("/s3-url/trusts-no-host-that-a-clone-names", trusts_no_host_that_a_clone_names);
	g_test_add_func("/s3-url/trusts-whom-the-user-names", trusts_whom_the_user_names);
	g_test_add_func("/s3-url/refuses-options-that-harm", refuses_options_that_harm);
	return g_test_run();
}
