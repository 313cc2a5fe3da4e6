/*
 * What S3 servers say beside "yes", and what comes of it. The good cases run on real servers, see
 * test-conformance-s3.c.
 */
#include "aws-kit.h"
#include "s3-script.h"

#include <string.h>

#define SCRIPT(lines) s3_script_new(lines, G_N_ELEMENTS(lines))

#define TAG "ETag: \"e\"\r\n"
#define COPIED                                                                                                         \
	{                                                                                                              \
		"200 OK", NULL, "<CopyObjectResult><ETag>\"e\"</ETag></CopyObjectResult>"                              \
	}

static void assert_has(const char *text, const char *part)
{
	if (!strstr(text, part))
		g_error("'%s' is not in '%s'", part, text);
}

/* The conformance suite's text "x" as a PUT, and the listing of all. */
static struct transfer *put_x(struct load *load)
{
	struct transfer *put = kit_put(load, "x", 1);
	put->absent = true;
	return put;
}

static void learns_the_region(void)
{
	static const struct s3_line lines[] = {
		{"400 Bad Request", NULL, S3_ERROR("AuthorizationHeaderMalformed", "<Region>eu-x-1</Region>")},
		{"301 Moved", "x-amz-bucket-region: eu-x-2\r\n", NULL},
		{"200 OK", NULL, "<ListBucketResult/>"},
		{"200 OK", NULL, "<ListBucketResult/>"},
	};
	struct s3_script *script = SCRIPT(lines);
	autoptr(transfer) first = transfer_new(TRANSFER_LIST, "");
	autoptr(transfer) second = transfer_new(TRANSFER_LIST, "");
	g_assert_cmpint(s3_script_run(script, first), ==, TRANSFER_DONE);
	g_assert_cmpint(s3_script_run(script, second), ==, TRANSFER_DONE);
	assert_has(s3_script_ask(script, 0), "/us-east-1/s3/aws4_request");
	assert_has(s3_script_ask(script, 1), "/eu-x-1/s3/aws4_request");
	assert_has(s3_script_ask(script, 3), "/eu-x-2/s3/aws4_request");
	s3_script_end(script, 4);
}

/* HEAD has no body that would tell the region: GET is asked. */
static void learns_the_region_by_head(void)
{
	static const struct s3_line lines[] = {
		{"400 Bad Request", NULL, NULL},
		{"400 Bad Request", NULL, S3_ERROR("AuthorizationHeaderMalformed", "<Region>eu-x-1</Region>")},
		{"206 Partial Content", "Content-Range: bytes 0-0/5\r\nETag: \"e\"\r\n", "x"},
	};
	struct s3_script *script = SCRIPT(lines);
	autoptr(transfer) stat = transfer_new(TRANSFER_STAT, "k");
	g_assert_cmpint(s3_script_run(script, stat), ==, TRANSFER_DONE);
	g_assert_cmpuint(stat->found_size, ==, 5);
	s3_script_end(script, 3);
}

static void corrects_its_clock(void)
{
	static const struct s3_line lines[] = {
		{"403 Forbidden", "Date: Wed, 01 Jan 2031 00:00:00 GMT\r\n", S3_ERROR("RequestTimeTooSkewed", "")},
		{"200 OK", NULL, "<ListBucketResult/>"},
	};
	struct s3_script *script = SCRIPT(lines);
	autoptr(transfer) list = transfer_new(TRANSFER_LIST, "");
	g_assert_cmpint(s3_script_run(script, list), ==, TRANSFER_DONE);
	assert_has(s3_script_ask(script, 1), "20310101T0000");
	s3_script_end(script, 2);
}

static void renews_credentials_once(void)
{
	static const struct s3_line lines[] = {
		{"400 Bad Request", NULL, S3_ERROR("ExpiredToken", "")},
		{"200 OK", NULL, "<ListBucketResult/>"},
		{"400 Bad Request", NULL, S3_ERROR("ExpiredToken", "<Message>It is over</Message>")},
		{"400 Bad Request", NULL, S3_ERROR("ExpiredToken", "<Message>It is over</Message>")},
	};
	struct s3_script *script = SCRIPT(lines);
	autoptr(transfer) first = transfer_new(TRANSFER_LIST, "");
	autoptr(transfer) second = transfer_new(TRANSFER_LIST, "");
	g_assert_cmpint(s3_script_run(script, first), ==, TRANSFER_DONE);
	g_assert_cmpint(s3_script_run(script, second), ==, TRANSFER_FAILED);
	assert_has(second->error->message, "ExpiredToken: It is over");
	s3_script_end(script, 4);
}

static void does_without_checksums(void)
{
	static const struct s3_line lines[] = {
		{"501 Not Implemented", NULL, S3_ERROR("NotImplemented", "")},
		{"200 OK", TAG, NULL},
		{"200 OK", TAG, NULL},
	};
	struct s3_script *script = SCRIPT(lines);
	for (int i = 0; i < 2; i++) {
		struct load load;
		autoptr(transfer) put = put_x(&load);
		g_assert_cmpint(s3_script_run(script, put), ==, TRANSFER_DONE);
		g_assert_true(put->sent);
		load_clear(&load);
	}
	assert_has(s3_script_ask(script, 0), "x-amz-checksum-sha256: ");
	g_assert_null(strstr(s3_script_ask(script, 1), "x-amz-checksum"));
	g_assert_null(strstr(s3_script_ask(script, 2), "x-amz-checksum"));
	s3_script_end(script, 3);
}

static void tries_again_when_asked_to(void)
{
	static const struct s3_line lines[] = {
		{"503 Slow Down", NULL, S3_ERROR("SlowDown", "")},
		{"400 Bad Request", NULL, S3_ERROR("RequestTimeout", "")},
		{"200 OK", TAG, NULL},
	};
	struct s3_script *script = SCRIPT(lines);
	struct load load;
	autoptr(transfer) put = put_x(&load);
	g_assert_cmpint(s3_script_run(script, put), ==, TRANSFER_DONE);
	g_assert_no_error(put->error);
	load_clear(&load);
	s3_script_end(script, 3);
}

static void says_why_it_gave_up(void)
{
	static const struct s3_line lines[] = {
		{"500 Oh", NULL, S3_ERROR("InternalError", "<Message>On\tfire</Message>")},
		{"500 Oh", NULL, S3_ERROR("InternalError", "<Message>On\tfire</Message>")},
		{"500 Oh", NULL, S3_ERROR("InternalError", "<Message>On\tfire</Message>")},
	};
	struct s3_script *script = SCRIPT(lines);
	struct load load;
	autoptr(transfer) put = put_x(&load);
	g_assert_cmpint(s3_script_run(script, put), ==, TRANSFER_FAILED);
	g_assert_error(put->error, MLV_ERROR, ERROR_TRANSIENT);
	assert_has(put->error->message, "InternalError: On fire");
	load_clear(&load);
	s3_script_end(script, 3);
}

static void sends_what_was_garbled_again(void)
{
	static const struct s3_line lines[] = {
		{"400 Bad Request", NULL, S3_ERROR("XAmzContentSHA256Mismatch", "")},
		{"200 OK", TAG, NULL},
	};
	struct s3_script *script = SCRIPT(lines);
	struct load load;
	autoptr(transfer) put = put_x(&load);
	g_assert_cmpint(s3_script_run(script, put), ==, TRANSFER_DONE);
	load_clear(&load);
	s3_script_end(script, 2);
}

/* Each refusal with what the hint must speak of. */
static void explains_refusals(void)
{
	static const struct {
		struct s3_line line;
		const char *hint;
	} refusals[] = {
		{{"403 Forbidden", NULL, S3_ERROR("SignatureDoesNotMatch", "<Message></Message>")}, "secret key"},
		{{"403 Forbidden", NULL, S3_ERROR("InvalidAccessKeyId", "")}, "access key"},
		{{"403 Forbidden", NULL, S3_ERROR("AccessDenied", "")}, "s3:ListBucket"},
		{{"403 Forbidden", NULL, S3_ERROR("RequestTimeTooSkewed", "")}, "clock"},
		{{"403 Forbidden", NULL, "no XML at all"}, "s3:ListBucket"},
	};
	for (size_t i = 0; i < G_N_ELEMENTS(refusals); i++) {
		struct s3_script *script = s3_script_new(&refusals[i].line, 1);
		autoptr(transfer) list = transfer_new(TRANSFER_LIST, "");
		g_assert_cmpint(s3_script_run(script, list), ==, TRANSFER_FAILED);
		g_assert_error(list->error, MLV_ERROR, ERROR_DENIED);
		assert_has(list->error->message, "remote 'origin': 's3://bucket/pre/': HTTP 403");
		assert_has(list->error->message, "with credentials from ");
		assert_has(error_get_hint(list->error), refusals[i].hint);
		g_assert_null(strstr(list->error->message, "the-secret"));
		s3_script_end(script, 1);
	}
}

static void tells_missing_buckets(void)
{
	static const struct s3_line lines[] = {
		{"404 Not Found", NULL, NULL},
		{"404 Not Found", NULL, S3_ERROR("NoSuchBucket", "")},
	};
	struct s3_script *script = SCRIPT(lines);
	autoptr(transfer) stat = transfer_new(TRANSFER_STAT, "k");
	g_assert_cmpint(s3_script_run(script, stat), ==, TRANSFER_FAILED);
	g_assert_error(stat->error, MLV_ERROR, ERROR_NOT_FOUND);
	assert_has(stat->error->message, "no bucket 'bucket'");
	s3_script_end(script, 2);
}

/* An object in three parts, of which the server has another size than was recorded. */
static void check_damaged(const struct s3_line *line)
{
	const struct s3_line lines[] = {*line, *line, *line};
	struct s3_script *script = SCRIPT(lines);
	struct load load;
	gsize size = (gsize)33 << 20;
	g_autofree char *zeros = g_malloc0(size);
	autoptr(transfer) get = kit_get(&load, zeros, size);
	g_assert_cmpint(s3_script_run(script, get), ==, TRANSFER_FAILED);
	g_assert_error(get->error, MLV_ERROR, ERROR_CORRUPT);
	assert_has(get->error->message, "is damaged on the remote: wrong size");
	assert_has(error_get_hint(get->error), "git mlv fsck --cloud --repair");
	load_clear(&load);
	s3_script_end(script, S3_SCRIPT_ANY);
}

static void tells_damaged_sizes(void)
{
	static const struct s3_line sizes[] = {
		{"416 Range Not Satisfiable", NULL, S3_ERROR("InvalidRange", "")},
		{"416 Range Not Satisfiable", "Content-Range: bytes */5\r\n", NULL},
	};
	for (size_t i = 0; i < G_N_ELEMENTS(sizes); i++)
		check_damaged(&sizes[i]);
}

/* A redirect to somebody else gets no signature. */
static void follows_nobody(void)
{
	static const struct s3_line lines[] = {
		{"307 Temporary Redirect", "Location: http://127.0.0.1:9/bucket\r\n",
		 S3_ERROR("TemporaryRedirect", "")},
	};
	struct s3_script *script = SCRIPT(lines);
	autoptr(transfer) list = transfer_new(TRANSFER_LIST, "");
	g_assert_cmpint(s3_script_run(script, list), ==, TRANSFER_FAILED);
	assert_has(error_get_hint(list->error), "endpointurl");
	s3_script_end(script, 1);
}

static void asks_as_set_up(void)
{
	static const struct s3_line lines[] = {{"200 OK", TAG, NULL}};
	struct s3_script *script = SCRIPT(lines);
	s3_script_option(script, "acl", "bucket-owner-full-control");
	s3_script_option(script, "sse", "aws:kms");
	s3_script_option(script, "sse_kms_key_id", "key-1");
	s3_script_option(script, "requester_pays", "true");
	s3_script_option(script, "sse_customer_key", "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=");
	struct load load;
	autoptr(transfer) put = put_x(&load);
	g_assert_cmpint(s3_script_run(script, put), ==, TRANSFER_DONE);
	const char *ask = s3_script_ask(script, 0);
	assert_has(ask, "PUT /bucket/pre/files/sha256/2d/");
	assert_has(ask, "x-amz-acl: bucket-owner-full-control");
	assert_has(ask, "x-amz-server-side-encryption: aws:kms");
	assert_has(ask, "x-amz-server-side-encryption-aws-kms-key-id: key-1");
	assert_has(ask, "x-amz-request-payer: requester");
	assert_has(ask, "x-amz-server-side-encryption-customer-algorithm: AES256");
	assert_has(ask, "x-amz-server-side-encryption-customer-key: MDEy");
	assert_has(ask, "x-amz-content-sha256: 2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881");
	load_clear(&load);
	s3_script_end(script, 1);
}

static void signs_nothing_for_nobody(void)
{
	static const struct s3_line lines[] = {
		{"200 OK", "Content-Length: 1\r\n", "x"},
		{"403 Forbidden", NULL, S3_ERROR("AccessDenied", "")},
	};
	struct s3_script *script = SCRIPT(lines);
	s3_script_option(script, "allow_anonymous_login", "true");
	g_hash_table_remove(script->spec->options, "access_key_id");
	g_hash_table_remove(script->spec->options, "secret_access_key");
	struct load load;
	autoptr(transfer) get = kit_get(&load, "x", 1);
	autoptr(transfer) list = transfer_new(TRANSFER_LIST, "");
	g_assert_cmpint(s3_script_run(script, get), ==, TRANSFER_DONE);
	g_assert_null(strstr(s3_script_ask(script, 0), "Authorization"));
	g_assert_cmpint(s3_script_run(script, list), ==, TRANSFER_FAILED);
	assert_has(list->error->message, "without credentials");
	load_clear(&load);
	s3_script_end(script, 2);
}

/* Google's interface has no batches; nor do old servers. */
static void deletes_one_by_one(void)
{
	static const struct s3_line lines[] = {
		{"501 Not Implemented", NULL, S3_ERROR("NotImplemented", "")},
		{"204 No Content", NULL, NULL},
		{"404 Not Found", NULL, S3_ERROR("NoSuchKey", "")},
	};
	struct s3_script *script = SCRIPT(lines);
	autoptr(transfer) both = transfer_new(TRANSFER_DELETE, "a<b");
	both->more = g_ptr_array_new_with_free_func(g_free);
	g_ptr_array_add(both->more, g_strdup("c d"));
	g_assert_cmpint(s3_script_run(script, both), ==, TRANSFER_DONE);
	assert_has(s3_script_ask(script, 0), "POST /bucket?delete\n");
	assert_has(s3_script_ask(script, 0), "<Key>pre/a&#60;b</Key>");
	assert_has(s3_script_ask(script, 0), "Content-MD5: ");
	assert_has(s3_script_ask(script, 1), "DELETE /bucket/pre/a%3Cb\n");
	assert_has(s3_script_ask(script, 2), "DELETE /bucket/pre/c%20d\n");
	s3_script_end(script, 3);
}

static void tells_what_was_not_deleted(void)
{
	static const struct s3_line lines[] = {
		{"200 OK", NULL,
		 "<DeleteResult><Error><Key>pre/a</Key><Code>InternalError</Code></Error></DeleteResult>"},
		{"200 OK", NULL,
		 "<DeleteResult><Error><Key>pre/a</Key><Code>AccessDenied</Code><Message>No</Message></Error>"
		 "<Error><Key>pre/b</Key><Code>NoSuchKey</Code></Error></DeleteResult>"},
	};
	struct s3_script *script = SCRIPT(lines);
	autoptr(transfer) both = transfer_new(TRANSFER_DELETE, "a");
	both->more = g_ptr_array_new_with_free_func(g_free);
	g_ptr_array_add(both->more, g_strdup("b"));
	g_assert_cmpint(s3_script_run(script, both), ==, TRANSFER_FAILED);
	g_assert_error(both->error, MLV_ERROR, ERROR_DENIED);
	assert_has(both->error->message, "delete 'pre/a' from bucket 'bucket': AccessDenied: No");
	s3_script_end(script, 2);
}

static struct transfer *move_away(void)
{
	struct transfer *move = transfer_new(TRANSFER_MOVE, "a b");
	move->to = g_strdup(".mlv/trash/2024-01-31/a b");
	return move;
}

/* A copy may fail after its status has been sent. */
static void mistrusts_copies(void)
{
	static const struct s3_line lines[] = {
		{"200 OK", NULL, S3_ERROR("InternalError", "")},
		COPIED,
		{"204 No Content", NULL, NULL},
	};
	struct s3_script *script = SCRIPT(lines);
	autoptr(transfer) move = move_away();
	g_assert_cmpint(s3_script_run(script, move), ==, TRANSFER_DONE);
	assert_has(s3_script_ask(script, 1), "PUT /bucket/pre/.mlv/trash/2024-01-31/a%20b\n");
	assert_has(s3_script_ask(script, 1), "x-amz-copy-source: /bucket/pre/a%20b");
	assert_has(s3_script_ask(script, 2), "DELETE /bucket/pre/a%20b\n");
	s3_script_end(script, 3);
}

/* What cannot be cut in parts is not. */
static void copies_nothing_that_is_empty_and_too_large(void)
{
	static const struct s3_line lines[] = {
		{"400 Bad Request", NULL, S3_ERROR("EntityTooLarge", "")},
		{"200 OK", TAG, NULL},
	};
	struct s3_script *script = SCRIPT(lines);
	autoptr(transfer) move = move_away();
	g_assert_cmpint(s3_script_run(script, move), ==, TRANSFER_FAILED);
	assert_has(move->error->message, "too large to copy, and then empty");
	s3_script_end(script, 2);
}

/* Only what says that the copy is there lets the source go. */
static void deletes_no_source_without_a_copy(void)
{
	static const char *const bodies[] = {
		NULL,
		"",
		"<html>Sign in</html>",
		"{}",
		"<CopyObjectResult><ETag>e</ETag>",
		"<CopyObjectResult/>",
		"<CopyObjectResult><ETag></ETag></CopyObjectResult>",
		"<html><ETag>e</ETag></html>",
	};
	for (size_t i = 0; i < G_N_ELEMENTS(bodies); i++) {
		const struct s3_line line = {"200 OK", NULL, bodies[i]}, lines[] = {line, line, line};
		struct s3_script *script = SCRIPT(lines);
		autoptr(transfer) move = move_away();
		g_assert_cmpint(s3_script_run(script, move), ==, TRANSFER_FAILED);
		g_assert_error(move->error, MLV_ERROR, ERROR_TRANSIENT);
		assert_has(move->error->message, "does not confirm");
		for (guint k = 0; k < 3; k++)
			g_assert_null(strstr(s3_script_ask(script, k), "DELETE "));
		s3_script_end(script, 3);
	}
}

/* The log-in page of a network, a web console: each says yes to everything. */
static void believes_nobody_who_is_no_s3(void)
{
	static const struct s3_line page = {"200 OK", "Content-Type: text/html\r\n", "<html>Sign in</html>"};
	static const struct s3_line head = {"200 OK", NULL, "x"};
	const struct s3_line lines[] = {page, head};
	struct load load;
	autoptr(transfer) put = put_x(&load);
	autoptr(transfer) stat = kit_transfer(TRANSFER_STAT, "x", 1);
	struct transfer *const asked[] = {put, stat};
	for (size_t i = 0; i < G_N_ELEMENTS(asked); i++) {
		struct s3_script *script = s3_script_new(lines + i, 2 - i);
		g_assert_cmpint(s3_script_run(script, asked[i]), ==, TRANSFER_FAILED);
		assert_has(asked[i]->error->message, "'127.0.0.1' does not answer as S3 does");
		assert_has(error_get_hint(asked[i]->error), "endpointurl");
		s3_script_end(script, (guint)(2 - i));
	}
	load_clear(&load);
}

/* Swift has no ETag for the slower one of two who write the same: the object is there, or must be sent again. */
static void asks_what_was_not_confirmed(void)
{
	static const struct s3_line lines[] = {
		{"200 OK", NULL, NULL},
		{"404 Not Found", NULL, NULL},
		{"200 OK", NULL, NULL},
		{"200 OK", TAG, "x"},
	};
	struct s3_script *script = SCRIPT(lines);
	struct load load;
	autoptr(transfer) put = put_x(&load);
	g_assert_cmpint(s3_script_run(script, put), ==, TRANSFER_DONE);
	g_assert_true(put->sent);
	g_assert_no_error(put->error);
	assert_has(s3_script_ask(script, 1), "HEAD ");
	load_clear(&load);
	s3_script_end(script, 4);
}

static void copies_the_largest_in_parts(void)
{
	static const struct s3_line lines[] = {
		{"400 Bad Request", NULL,
		 S3_ERROR("InvalidRequest", "<Message>The specified copy source is larger than the maximum</Message>")},
		{"404 Not Found", NULL, NULL},
		{"206 Partial Content", "Content-Range: bytes 0-0/1610612736\r\nETag: \"e\"\r\n", "x"},
		{"200 OK", NULL, "<R><UploadId>u&amp;1</UploadId></R>"},
		{"200 OK", NULL, "<CopyPartResult><ETag>\"same\"</ETag></CopyPartResult>"},
		{"200 OK", NULL, "<CopyPartResult><ETag>\"same\"</ETag></CopyPartResult>"},
		{"200 OK", NULL, "<CompleteMultipartUploadResult><ETag>e</ETag></CompleteMultipartUploadResult>"},
		{"204 No Content", NULL, NULL},
	};
	struct s3_script *script = SCRIPT(lines);
	autoptr(transfer) move = move_away();
	g_assert_cmpint(s3_script_run(script, move), ==, TRANSFER_DONE);
	g_autofree char *parts = g_strconcat(s3_script_ask(script, 4), s3_script_ask(script, 5), NULL);
	assert_has(parts, "x-amz-copy-source-range: bytes=0-1073741823");
	assert_has(parts, "x-amz-copy-source-range: bytes=1073741824-1610612735");
	assert_has(parts, "?partNumber=2&uploadId=u%261");
	assert_has(s3_script_ask(script, 6), "<PartNumber>2</PartNumber><ETag>&#34;same&#34;</ETag>");
	assert_has(s3_script_ask(script, 7), "DELETE /bucket/pre/a%20b\n");
	s3_script_end(script, 8);
}

int main(int argc, char **argv)
{
	tap_init(argc, argv);
	aws_kit_reset();
	g_test_add_func("/s3/learns-the-region", learns_the_region);
	g_test_add_func("/s3/learns-the-region-by-head", learns_the_region_by_head);
	g_test_add_func("/s3/corrects-its-clock", corrects_its_clock);
	g_test_add_func("/s3/renews-credentials-once", renews_credentials_once);
	g_test_add_func("/s3/does-without-checksums", does_without_checksums);
	g_test_add_func("/s3/tries-again-when-asked-to", tries_again_when_asked_to);
	g_test_add_func("/s3/says-why-it-gave-up", says_why_it_gave_up);
	g_test_add_func("/s3/sends-what-was-garbled-again", sends_what_was_garbled_again);
	g_test_add_func("/s3/explains-refusals", explains_refusals);
	g_test_add_func("/s3/tells-missing-buckets", tells_missing_buckets);
	g_test_add_func("/s3/follows-nobody", follows_nobody);
	g_test_add_func("/s3/asks-as-set-up", asks_as_set_up);
	g_test_add_func("/s3/signs-nothing-for-nobody", signs_nothing_for_nobody);
	g_test_add_func("/s3/deletes-one-by-one", deletes_one_by_one);
	g_test_add_func("/s3/tells-what-was-not-deleted", tells_what_was_not_deleted);
	g_test_add_func("/s3/mistrusts-copies", mistrusts_copies);
	g_test_add_func("/s3/deletes-no-source-without-a-copy", deletes_no_source_without_a_copy);
	g_test_add_func("/s3/believes-nobody-who-is-no-s3", believes_nobody_who_is_no_s3);
	g_test_add_func("/s3/asks-what-was-not-confirmed", asks_what_was_not_confirmed);
	g_test_add_func("/s3/tells-damaged-sizes", tells_damaged_sizes);
	g_test_add_func("/s3/copies-nothing-that-is-empty-and-too-large", copies_nothing_that_is_empty_and_too_large);
	g_test_add_func("/s3/copies-the-largest-in-parts", copies_the_largest_in_parts);
	return g_test_run();
}
