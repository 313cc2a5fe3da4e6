/*
 * Uploads in parts that are found again, swept, lost or refused.
 */
#include "aws-kit.h"
#include "base/error.h"
#include "s3-script.h"

#include <string.h>

#define SCRIPT(lines) s3_script_new(lines, G_N_ELEMENTS(lines))

/* Five parts: four of 16 MiB, and one byte. */
#define PART_SIZE ((gsize)16 << 20)
#define SIZE      (4 * PART_SIZE + 1)
#define ZEROS_MD5 "2c7ab85a893283e98c931e9511add182"
#define NONE                                                                                                           \
	{                                                                                                              \
		"200 OK", NULL, "<ListMultipartUploadsResult/>"                                                        \
	}
#define CREATED                                                                                                        \
	{                                                                                                              \
		"200 OK", NULL, "<R><UploadId>new</UploadId></R>"                                                      \
	}
#define SENT                                                                                                           \
	{                                                                                                              \
		"200 OK", "ETag: \"t\"\r\n", NULL                                                                      \
	}
#define COMPLETED                                                                                                      \
	{                                                                                                              \
		"200 OK", NULL, "<CompleteMultipartUploadResult><ETag>e-5</ETag></CompleteMultipartUploadResult>"      \
	}
#define EXPIRED                                                                                                        \
	{                                                                                                              \
		"400 Bad Request", NULL, S3_ERROR("ExpiredToken", "")                                                  \
	}
#define GARBLED                                                                                                        \
	{                                                                                                              \
		"400 Bad Request", NULL, S3_ERROR("BadDigest", "")                                                     \
	}
#define GONE                                                                                                           \
	{                                                                                                              \
		"404 Not Found", NULL, S3_ERROR("NoSuchUpload", "")                                                    \
	}
#define DONE                                                                                                           \
	{                                                                                                              \
		"204 No Content", NULL, NULL                                                                           \
	}

/* A PUT of zeros. */
static struct transfer *put_zeros(struct load *load)
{
	g_autofree char *zeros = g_malloc0(SIZE);
	struct transfer *put = kit_put(load, zeros, SIZE);
	put->absent = true;
	return put;
}

/* How many requests asked for this. */
static guint count_asks(struct s3_script *script, const char *part)
{
	guint count = 0;
	for (guint i = 0; i < script->asks->len; i++)
		count += strstr(s3_script_ask(script, i), part) != NULL;
	return count;
}

/* The list of uploads: one of another key, an old one, a younger one; as the server of `initiated` has them. New
 * string. */
static char *upload_list(const char *key, const char *initiated)
{
	return g_strdup_printf("<ListMultipartUploadsResult>"
			       "<Upload><Key>pre/%s0</Key><UploadId>other</UploadId><Initiated>%s</Initiated></Upload>"
			       "<Upload><Key>pre/%s</Key><UploadId>old</UploadId>"
			       "<Initiated>2020-01-01T00:00:00.000Z</Initiated></Upload>"
			       "<Upload><Key>pre/%s</Key><UploadId>young</UploadId><Initiated>%s</Initiated></Upload>"
			       "</ListMultipartUploadsResult>",
			       key, initiated, key, key, initiated);
}

static char *now_text(void)
{
	g_autoptr(GDateTime) now = g_date_time_new_now_utc();
	return g_date_time_format(now, "%Y-%m-%dT%H:%M:%S.000Z");
}

static void begins_and_completes(void)
{
	static const struct s3_line lines[] = {NONE, CREATED, SENT, SENT, SENT, SENT, SENT, COMPLETED};
	struct s3_script *script = SCRIPT(lines);
	struct load load;
	autoptr(transfer) put = put_zeros(&load);
	g_assert_cmpint(s3_script_run(script, put), ==, TRANSFER_DONE);
	g_assert_true(put->sent);
	g_assert_cmpuint(count_asks(script, "?partNumber=5&uploadId=new"), ==, 1);
	g_assert_cmpuint(count_asks(script, "<Part><PartNumber>5</PartNumber><ETag>&#34;t&#34;</ETag></Part>"), ==, 1);
	load_clear(&load);
	s3_script_end(script, 8);
}

/* What is there is not sent again, unless it is something else; what is nobody's any more is cleared away. */
static void goes_on_and_sweeps(void)
{
	struct load load;
	autoptr(transfer) put = put_zeros(&load);
	g_autofree char *initiated = now_text(), *list = upload_list(put->key, initiated);
	const struct s3_line lines[] = {
		{"200 OK", NULL, list},
		DONE,
		{"200 OK", NULL,
		 "<ListPartsResult><IsTruncated>true</IsTruncated><NextPartNumberMarker>1</NextPartNumberMarker>"
		 "<Part><PartNumber>1</PartNumber><Size>16777216</Size><ETag>\"" ZEROS_MD5 "\"</ETag></Part>"
		 "</ListPartsResult>"},
		{"200 OK", NULL,
		 "<ListPartsResult>"
		 "<Part><PartNumber>2</PartNumber><Size>16777216</Size><ETag>\"" ZEROS_MD5 "\"</ETag></Part>"
		 "<Part><PartNumber>3</PartNumber><Size>16777216</Size>"
		 "<ETag>\"00000000000000000000000000000000\"</ETag></Part>"
		 "</ListPartsResult>"},
		SENT,
		SENT,
		SENT,
		COMPLETED,
	};
	struct s3_script *script = SCRIPT(lines);
	g_assert_cmpint(s3_script_run(script, put), ==, TRANSFER_DONE);
	g_assert_nonnull(strstr(s3_script_ask(script, 1), "?uploadId=old\n"));
	g_assert_nonnull(strstr(s3_script_ask(script, 3), "?part-number-marker=1&uploadId=young"));
	g_assert_cmpuint(count_asks(script, "?partNumber=1"), ==, 0);
	g_assert_cmpuint(count_asks(script, "?partNumber=2"), ==, 0);
	g_assert_cmpuint(count_asks(script, "?partNumber=3&uploadId=young"), ==, 1);
	load_clear(&load);
	s3_script_end(script, G_N_ELEMENTS(lines));
}

/* An upload of another client, cut in another way, stays as it is. */
static void leaves_foreign_uploads_alone(void)
{
	struct load load;
	autoptr(transfer) put = put_zeros(&load);
	g_autofree char *initiated = now_text();
	g_autofree char *list = g_strdup_printf("<R><Upload><Key>pre/%s</Key><UploadId>u</UploadId>"
						"<Initiated>%s</Initiated></Upload></R>",
						put->key, initiated);
	const struct s3_line lines[] = {
		{"200 OK", NULL, list},
		{"200 OK", NULL,
		 "<ListPartsResult><Part><PartNumber>1</PartNumber><Size>8388608</Size><ETag>\"" ZEROS_MD5 "\"</ETag>"
		 "</Part></ListPartsResult>"},
		CREATED,
		SENT,
		SENT,
		SENT,
		SENT,
		SENT,
		COMPLETED,
	};
	struct s3_script *script = SCRIPT(lines);
	g_assert_cmpint(s3_script_run(script, put), ==, TRANSFER_DONE);
	g_assert_cmpuint(count_asks(script, "DELETE"), ==, 0);
	g_assert_cmpuint(count_asks(script, "uploadId=new"), ==, 6);
	load_clear(&load);
	s3_script_end(script, G_N_ELEMENTS(lines));
}

/* Completed by an attempt whose reply was lost, or by somebody else who sends the same. */
static void asks_when_the_upload_is_gone(void)
{
	static const struct s3_line lines[] = {
		NONE, CREATED,   SENT,
		SENT, SENT,      SENT,
		SENT, GONE,      {"404 Not Found", NULL, NULL}, /* no, it was aborted: all anew */
		NONE, CREATED,   SENT,
		SENT, SENT,      SENT,
		SENT, COMPLETED,
	};
	struct s3_script *script = SCRIPT(lines);
	struct load load;
	autoptr(transfer) put = put_zeros(&load);
	g_assert_cmpint(s3_script_run(script, put), ==, TRANSFER_DONE);
	load_clear(&load);
	s3_script_end(script, G_N_ELEMENTS(lines));
}

static void completes_in_spite_of_errors(void)
{
	static const struct s3_line lines[] = {
		{"403 Forbidden", NULL, S3_ERROR("AccessDenied", "")}, /* listing uploads is not for everyone */
		CREATED,
		GARBLED,
		GARBLED,
		SENT,
		SENT,
		SENT,
		SENT,
		SENT,
		{"200 OK", NULL, S3_ERROR("InternalError", "")},
		{"200 OK", NULL, "<CompleteMultipartUploadResult><ETag>e"},
		COMPLETED,
	};
	struct s3_script *script = SCRIPT(lines);
	struct load load;
	autoptr(transfer) put = put_zeros(&load);
	g_assert_cmpint(s3_script_run(script, put), ==, TRANSFER_DONE);
	g_assert_no_error(put->error);
	load_clear(&load);
	s3_script_end(script, G_N_ELEMENTS(lines));
}

/* Parts wait for each other to be hashed, but never for credentials. */
static void renews_credentials_between_parts(void)
{
	static const struct s3_line lines[] = {
		NONE, CREATED, EXPIRED, SENT, SENT, SENT, SENT, SENT, COMPLETED,
	};
	struct s3_script *script = SCRIPT(lines);
	struct load load;
	autoptr(transfer) put = put_zeros(&load);
	g_assert_cmpint(s3_script_run(script, put), ==, TRANSFER_DONE);
	load_clear(&load);
	s3_script_end(script, G_N_ELEMENTS(lines));
}

static void aborts_what_cannot_be_completed(void)
{
	static const struct s3_line lines[] = {
		NONE,      CREATED, SENT,    SENT,
		SENT,      SENT,    SENT,    {"400 Bad Request", NULL, S3_ERROR("InvalidPart", "")},
		DONE,      NONE,    CREATED, SENT,
		SENT,      SENT,    SENT,    SENT,
		COMPLETED,
	};
	struct s3_script *script = SCRIPT(lines);
	struct load load;
	autoptr(transfer) put = put_zeros(&load);
	g_assert_cmpint(s3_script_run(script, put), ==, TRANSFER_DONE);
	g_assert_nonnull(strstr(s3_script_ask(script, 8), "DELETE "));
	load_clear(&load);
	s3_script_end(script, G_N_ELEMENTS(lines));
}

static void completes_nothing_wrong(void)
{
	static const struct s3_line lines[] = {NONE, CREATED, SENT, SENT, SENT, SENT, SENT};
	struct s3_script *script = SCRIPT(lines);
	struct load load;
	autoptr(transfer) put = put_zeros(&load);
	load_clear(&load);
	g_autofree char *other = g_malloc0(SIZE);
	other[SIZE - 1] = 1;
	load.bytes = g_bytes_new(other, SIZE);
	g_assert_cmpint(s3_script_run(script, put), ==, TRANSFER_FAILED);
	g_assert_error(put->error, MLV_ERROR, ERROR_CORRUPT);
	g_assert_cmpuint(count_asks(script, "Complete"), ==, 0);
	g_assert_cmpuint(count_asks(script, "?partNumber=5"), ==, 0);
	g_assert_cmpuint(count_asks(script, "DELETE /bucket/pre/files/"), ==, 1);
	g_assert_cmpstr(error_get_hint(put->error), ==, "git mlv fsck");
	load_clear(&load);
	s3_script_end(script, S3_SCRIPT_ANY);
}

/* An upload with five parts of the right size, of which the tags of the first four are this. */
static void check_resumed(const char *sse, const char *tag, guint sent)
{
	static const char part[] = "<Part><PartNumber>%d</PartNumber><Size>16777216</Size><ETag>%s</ETag></Part>";
	struct load load;
	autoptr(transfer) put = put_zeros(&load);
	g_autofree char *initiated = now_text();
	g_autofree char *list = g_strdup_printf("<R><Upload><Key>pre/%s</Key><UploadId>u</UploadId>"
						"<Initiated>%s</Initiated></Upload></R>",
						put->key, initiated);
	g_autoptr(GString) parts = g_string_new("<ListPartsResult>");
	for (int i = 1; i <= 4; i++)
		g_string_append_printf(parts, part, i, tag);
	g_string_append(parts, "<Part><PartNumber>5</PartNumber><Size>1</Size><ETag>opaque</ETag></Part>"
			       "</ListPartsResult>");
	struct s3_line lines[8] = {{"200 OK", NULL, list}, {"200 OK", NULL, parts->str}};
	for (guint i = 0; i < sent; i++)
		lines[2 + i] = (struct s3_line)SENT;
	lines[2 + sent] = (struct s3_line)COMPLETED;
	struct s3_script *script = SCRIPT(lines);
	s3_script_option(script, "sse", sse);
	g_assert_cmpint(s3_script_run(script, put), ==, TRANSFER_DONE);
	g_assert_cmpuint(count_asks(script, "?partNumber="), ==, sent);
	load_clear(&load);
	s3_script_end(script, 3 + sent);
}

/* That a part has the right size proves nothing. */
static void sends_unproven_parts_again(void)
{
	check_resumed("AES256", "\"" ZEROS_MD5 "\"", 1);
	check_resumed("AES256", ZEROS_MD5, 1);
	check_resumed("AES256", "x" ZEROS_MD5, 5);
	check_resumed("aws:kms", "\"0123456789abcdef0123456789abcdef\"", 5);
	check_resumed("aws:kms", "\"opaque\"", 5);
}

/* The size alone tells that the local copy is damaged: nobody is asked anything. */
static void sends_no_wrong_size(void)
{
	const gsize sizes[] = {1, SIZE};
	for (size_t i = 0; i < G_N_ELEMENTS(sizes); i++) {
		struct s3_script *script = s3_script_new(NULL, 0);
		struct load load;
		g_autofree char *zeros = g_malloc0(SIZE);
		autoptr(transfer) put = kit_put(&load, zeros, sizes[i]);
		put->absent = true;
		load_clear(&load);
		load.bytes = g_bytes_new(zeros, sizes[i] - 1);
		g_assert_cmpint(s3_script_run(script, put), ==, TRANSFER_FAILED);
		g_assert_error(put->error, MLV_ERROR, ERROR_CORRUPT);
		g_assert_nonnull(strstr(put->error->message, "wrong size"));
		g_assert_cmpstr(error_get_hint(put->error), ==, "git mlv fsck");
		load_clear(&load);
		s3_script_end(script, 0);
	}
}

int main(int argc, char **argv)
{
	tap_init(argc, argv);
	aws_kit_reset();
	g_test_add_func("/s3-upload/begins-and-completes", begins_and_completes);
	g_test_add_func("/s3-upload/goes-on-and-sweeps", goes_on_and_sweeps);
	g_test_add_func("/s3-upload/leaves-foreign-uploads-alone", leaves_foreign_uploads_alone);
	g_test_add_func("/s3-upload/asks-when-the-upload-is-gone", asks_when_the_upload_is_gone);
	g_test_add_func("/s3-upload/completes-in-spite-of-errors", completes_in_spite_of_errors);
	g_test_add_func("/s3-upload/renews-credentials-between-parts", renews_credentials_between_parts);
	g_test_add_func("/s3-upload/aborts-what-cannot-be-completed", aborts_what_cannot_be_completed);
	g_test_add_func("/s3-upload/completes-nothing-wrong", completes_nothing_wrong);
	g_test_add_func("/s3-upload/sends-unproven-parts-again", sends_unproven_parts_again);
	g_test_add_func("/s3-upload/sends-no-wrong-size", sends_no_wrong_size);
	return g_test_run();
}
