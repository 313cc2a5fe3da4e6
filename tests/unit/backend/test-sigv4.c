/*
 * Signatures that AWS has published: its examples for S3, and vectors of its test suite for the rest.
 */
#include "../tap.h"
#include "backend/s3/sigv4.h"
#include "hash/digest.h"

#include <string.h>

/* 2013-05-24T00:00:00Z, the moment of the S3 examples; 2015-08-30T12:36:00Z, that of the suite. */
#define EXAMPLE_TIME 1369353600
#define SUITE_TIME   1440938160

static const struct sigv4 example = {
	.access_key = "AKIAIOSFODNN7EXAMPLE",
	.secret_key = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
	.region = "us-east-1",
	.service = "s3",
	.time = EXAMPLE_TIME,
};

static const struct sigv4 suite = {
	.access_key = "AKIDEXAMPLE",
	.secret_key = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
	.region = "us-east-1",
	.service = "service",
	.time = SUITE_TIME,
};

/* The value of a header that a request has, "" without it. */
static const char *find(const GPtrArray *headers, const char *name)
{
	for (guint i = 0; i < headers->len; i++) {
		const char *header = headers->pdata[i];
		if (g_str_has_prefix(header, name) && g_str_has_prefix(header + strlen(name), ": "))
			return header + strlen(name) + 2;
	}
	return "";
}

static void check_signature(const struct request *request, const char *names, const char *signature)
{
	const char *value = find(request->secrets, "Authorization");
	g_autofree char *expected = g_strdup_printf("SignedHeaders=%s,Signature=%s", names, signature);
	g_assert_true(g_str_has_prefix(value, "AWS4-HMAC-SHA256 Credential="));
	g_assert_cmpstr(strstr(value, "SignedHeaders="), ==, expected);
}

static void get_with_range(void)
{
	autoptr(request) request = request_new("GET", "https://examplebucket.s3.amazonaws.com/test.txt", NULL);
	request_header(request, "Range", "bytes=0-9");
	sigv4_sign(&example, request, SIGV4_EMPTY_HASH);
	check_signature(request, "host;range;x-amz-content-sha256;x-amz-date",
			"f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41");
	g_assert_cmpstr(find(request->headers, "x-amz-date"), ==, "20130524T000000Z");
	g_assert_cmpstr(find(request->headers, "x-amz-content-sha256"), ==, SIGV4_EMPTY_HASH);
}

static void put_object(void)
{
	autoptr(request) request = request_new("PUT", "https://examplebucket.s3.amazonaws.com/test%24file.text", NULL);
	request_header(request, "Date", "Fri, 24 May 2013 00:00:00 GMT");
	request_header(request, "x-amz-storage-class", "REDUCED_REDUNDANCY");
	sigv4_sign(&example, request, "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072");
	check_signature(request, "date;host;x-amz-content-sha256;x-amz-date;x-amz-storage-class",
			"98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd");
}

static void get_lifecycle(void)
{
	autoptr(request) request = request_new("GET", "https://examplebucket.s3.amazonaws.com/?lifecycle", NULL);
	sigv4_sign(&example, request, SIGV4_EMPTY_HASH);
	check_signature(request, "host;x-amz-content-sha256;x-amz-date",
			"fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543");
}

static void list_objects(void)
{
	autoptr(request) request =
		request_new("GET", "https://examplebucket.s3.amazonaws.com/?prefix=J&max-keys=2", NULL);
	sigv4_sign(&example, request, SIGV4_EMPTY_HASH);
	check_signature(request, "host;x-amz-content-sha256;x-amz-date",
			"34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7");
}

/* Of the suite: get-vanilla, get-vanilla-query-order-key-case, get-header-value-trim. */
static void of_the_suite(void)
{
	autoptr(request) vanilla = request_new("GET", "https://example.amazonaws.com/", NULL);
	sigv4_sign(&suite, vanilla, SIGV4_EMPTY_HASH);
	check_signature(vanilla, "host;x-amz-date", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31");
	g_assert_cmpstr(find(vanilla->headers, "x-amz-content-sha256"), ==, "");

	autoptr(request) ordered =
		request_new("GET", "https://example.amazonaws.com/?Param2=value2&Param1=value1", NULL);
	sigv4_sign(&suite, ordered, SIGV4_EMPTY_HASH);
	check_signature(ordered, "host;x-amz-date", "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500");

	autoptr(request) trimmed = request_new("GET", "https://example.amazonaws.com/", NULL);
	request_header(trimmed, "My-Header1", " value1");
	request_header(trimmed, "My-Header2", " \"a   b   c\"");
	sigv4_sign(&suite, trimmed, SIGV4_EMPTY_HASH);
	check_signature(trimmed, "host;my-header1;my-header2;x-amz-date",
			"acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736");
}

/* Everything but the signature is known to be right by the other tests: these must not change it. */
static void says_the_same_for_the_same(void)
{
	static const char *const urls[] = {"https://example.amazonaws.com/", "https://example.amazonaws.com",
					   "https://example.amazonaws.com:443/", "https://EXAMPLE.amazonaws.com/"};
	for (size_t i = 0; i < G_N_ELEMENTS(urls); i++) {
		autoptr(request) request = request_new("GET", urls[i], NULL);
		sigv4_sign(&suite, request, SIGV4_EMPTY_HASH);
		check_signature(request, "host;x-amz-date",
				"5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31");
	}
}

static void signs_the_session_token(void)
{
	struct sigv4 sigv4 = example;
	sigv4.session_token = "the/token==";
	autoptr(request) request = request_new("GET", "https://examplebucket.s3.amazonaws.com/test.txt", NULL);
	sigv4_sign(&sigv4, request, SIGV4_EMPTY_HASH);
	g_assert_cmpstr(find(request->secrets, "x-amz-security-token"), ==, "the/token==");
	g_assert_nonnull(strstr(find(request->secrets, "Authorization"),
				"SignedHeaders=host;x-amz-content-sha256;x-amz-date;x-amz-security-token,"));
	for (guint i = 0; i < request->headers->len; i++)
		g_assert_null(strstr(request->headers->pdata[i], "the/token"));
}

static void encodes_once(void)
{
	g_autoptr(GString) out = g_string_new("k=");
	sigv4_encode(out, "a b+c/%~\xc3\xa4\xff\n*'()!", true);
	g_assert_cmpstr(out->str, ==, "k=a%20b%2Bc/%25~%C3%A4%FF%0A%2A%27%28%29%21");
	g_string_truncate(out, 0);
	sigv4_encode(out, "a/b", false);
	g_assert_cmpstr(out->str, ==, "a%2Fb");
}

int main(int argc, char **argv)
{
	tap_init(argc, argv);
	g_test_add_func("/sigv4/get-with-range", get_with_range);
	g_test_add_func("/sigv4/put-object", put_object);
	g_test_add_func("/sigv4/get-lifecycle", get_lifecycle);
	g_test_add_func("/sigv4/list-objects", list_objects);
	g_test_add_func("/sigv4/of-the-suite", of_the_suite);
	g_test_add_func("/sigv4/says-the-same-for-the-same", says_the_same_for_the_same);
	g_test_add_func("/sigv4/signs-the-session-token", signs_the_session_token);
	g_test_add_func("/sigv4/encodes-once", encodes_once);
	return g_test_run();
}
