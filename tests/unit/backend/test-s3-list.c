/*
 * Listings of S3 servers, also when something on the way repeats, swaps or garbles pages.
 */
#include "aws-kit.h"
#include "base/error.h"
#include "s3-script.h"

#include <string.h>

#define SCRIPT(lines) s3_script_new(lines, G_N_ELEMENTS(lines))
#define OK(body)                                                                                                       \
	{                                                                                                              \
		"200 OK", NULL, "<ListBucketResult>" body "</ListBucketResult>"                                        \
	}
#define KEY(name)   "<Contents><Key>" name "</Key><Size>7</Size></Contents>"
#define MORE(token) "<IsTruncated>true</IsTruncated><NextContinuationToken>" token "</NextContinuationToken>"
#define FOR(token)  "<ContinuationToken>" token "</ContinuationToken>"
#define ENCODED     "<EncodingType>url</EncodingType>"

/* The keys of a listing with a blank behind each, in order. New string. */
static char *names(const struct transfer *list)
{
	GString *all = g_string_new(NULL);
	for (guint i = 0; list->items && i < list->items->len; i++) {
		const struct transfer_item *item = list->items->pdata[i];
		g_assert_cmpuint(item->size, ==, 7);
		g_string_append_printf(all, "%s ", item->key);
	}
	return g_string_free(all, FALSE);
}

static void check_list(const struct s3_line *lines, guint count, const char *prefix, const char *expected)
{
	struct s3_script *script = s3_script_new(lines, count);
	autoptr(transfer) list = transfer_new(TRANSFER_LIST, prefix);
	g_assert_cmpint(s3_script_run(script, list), ==, TRANSFER_DONE);
	g_autofree char *found = names(list);
	g_assert_cmpstr(found, ==, expected);
	s3_script_end(script, count);
}

static void goes_through_pages(void)
{
	static const struct s3_line lines[] = {
		OK(KEY("pre/a") MORE("t+1")),
		OK(MORE("t2") FOR("t+1")),
		OK(KEY("pre/b") "<IsTruncated>false</IsTruncated>"),
	};
	struct s3_script *script = SCRIPT(lines);
	autoptr(transfer) list = transfer_new(TRANSFER_LIST, "");
	g_assert_cmpint(s3_script_run(script, list), ==, TRANSFER_DONE);
	g_autofree char *found = names(list);
	g_assert_cmpstr(found, ==, "a b ");
	g_assert_nonnull(strstr(s3_script_ask(script, 0), "GET /bucket?encoding-type=url&list-type=2&prefix=pre%2F\n"));
	g_assert_nonnull(strstr(s3_script_ask(script, 1), "?continuation-token=t%2B1&"));
	s3_script_end(script, 3);
}

static void takes_odd_names(void)
{
	static const struct s3_line encoded[] = {OK(ENCODED KEY("pre/a+b%2B%0A%c3%a4"))};
	static const struct s3_line plain[] = {OK(KEY("pre/a+b%2B&#10;"))};
	check_list(encoded, 1, "", "a b+\n\xc3\xa4 ");
	check_list(plain, 1, "", "a+b%2B\n ");
}

/* Consoles make empty objects that stand for folders; trash and temporary files are nobody's content. */
static void leaves_out_what_is_no_content(void)
{
	static const struct s3_line all[] = {OK(KEY("pre/") KEY("pre/.mlv/trash/x") KEY("pre/a/") KEY("pre/b"))};
	static const struct s3_line trash[] = {OK(KEY("pre/.mlv/trash/x"))};
	check_list(all, 1, "", "b ");
	check_list(trash, 1, ".mlv/trash/", ".mlv/trash/x ");
}

static void bears_repeated_pages(void)
{
	static const struct s3_line repeated[] = {
		OK(KEY("pre/a") MORE("t")),
		OK(KEY("pre/a") MORE("t")), /* the first again */
		OK(KEY("pre/b") FOR("t")),
	};
	check_list(repeated, 3, "", "a b ");
}

static void bears_swapped_pages(void)
{
	static const struct s3_line swapped[] = {
		OK(KEY("pre/a") MORE("t1")),
		OK(KEY("pre/c") FOR("t2")), /* for another question */
		OK(KEY("pre/b") MORE("t2") FOR("t1")),
		OK(KEY("pre/c") FOR("t2")),
	};
	check_list(swapped, 4, "", "a b c ");
}

/* Some servers have an order of their own, and may tell a key twice when it is written meanwhile. */
static void tells_each_key_once(void)
{
	static const struct s3_line lines[] = {
		OK(KEY("pre/c") KEY("pre/a") MORE("t1")),
		OK(KEY("pre/a") KEY("pre/b")),
	};
	check_list(lines, 2, "", "a b c ");
}

static void check_fails(const struct s3_line *line)
{
	const struct s3_line lines[] = {*line, *line, *line};
	struct s3_script *script = SCRIPT(lines);
	autoptr(transfer) list = transfer_new(TRANSFER_LIST, "x/");
	g_assert_cmpint(s3_script_run(script, list), ==, TRANSFER_FAILED);
	g_assert_error(list->error, MLV_ERROR, ERROR_TRANSIENT);
	s3_script_end(script, 3);
}

/* What is no answer is no empty list either. */
static void believes_no_nonsense(void)
{
	static const struct s3_line nonsense[] = {
		OK("<IsTruncated>true</IsTruncated>"),
		OK(KEY("pre/y")),
		OK(KEY("x/1")),
		OK("<Contents><Key>pre/x/1</Key></Contents>"),
		OK("<Contents><Key>pre/x/1</Key><Size>-1</Size></Contents>"),
		OK(ENCODED KEY("pre/x/%00")),
		OK("<Prefix>other/</Prefix>"),
		{"200 OK", NULL, "<html>Sign in</html>"},
		{"200 OK", NULL, "<ListBucketResult>"},
		{"200 OK", NULL, ""},
	};
	for (size_t i = 0; i < G_N_ELEMENTS(nonsense); i++)
		check_fails(&nonsense[i]);
}

static void ends_circles(void)
{
	static const struct s3_line lines[] = {
		OK(KEY("pre/a") MORE("t1")), OK(MORE("t2")), OK(MORE("t1")), OK(MORE("t1")), OK(MORE("t2")),
	};
	struct s3_script *script = SCRIPT(lines);
	autoptr(transfer) list = transfer_new(TRANSFER_LIST, "");
	g_assert_cmpint(s3_script_run(script, list), ==, TRANSFER_FAILED);
	g_assert_nonnull(strstr(list->error->message, "leads back"));
	s3_script_end(script, 5);
}

/* What is not there is not empty. */
static void takes_nothing_for_empty_that_is_nowhere(void)
{
	static const struct s3_line nowhere[] = {
		{"404 Not Found", NULL, NULL},
		{"404 Not Found", NULL, "<html>No such page</html>"},
		{"404 Not Found", NULL, S3_ERROR("NoSuchKey", "")},
	};
	for (size_t i = 0; i < G_N_ELEMENTS(nowhere); i++) {
		struct s3_script *script = s3_script_new(&nowhere[i], 1);
		autoptr(transfer) list = transfer_new(TRANSFER_LIST, "");
		g_assert_cmpint(s3_script_run(script, list), ==, TRANSFER_FAILED);
		g_assert_error(list->error, MLV_ERROR, ERROR_NOT_FOUND);
		s3_script_end(script, 1);
	}
}

/* Pages without keys, each with a token of its own, after one page that has a key. */
static void ends_what_goes_on_for_ever(void)
{
	enum { PAGES = 1200 };
	g_autoptr(GPtrArray) bodies = g_ptr_array_new_with_free_func(g_free);
	struct s3_line lines[PAGES];
	for (int i = 0; i < PAGES; i++) {
		char *body = g_strdup_printf("<ListBucketResult>%s" MORE("t%d") "</ListBucketResult>",
					     i == 100 ? KEY("pre/a") : "", i);
		g_ptr_array_add(bodies, body);
		lines[i] = (struct s3_line){"200 OK", NULL, body};
	}
	struct s3_script *script = SCRIPT(lines);
	autoptr(transfer) list = transfer_new(TRANSFER_LIST, "");
	g_assert_cmpint(s3_script_run(script, list), ==, TRANSFER_FAILED);
	g_assert_nonnull(strstr(list->error->message, "1000 pages without a key"));
	s3_script_end(script, 1101);
}

#define OBJECT "files/sha256/2d/711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881"
#define UPLOAD(key, id, when)                                                                                          \
	"<Upload><Key>" key "</Key><UploadId>" id "</UploadId><Initiated>" when "</Initiated></Upload>"
#define LONG_AGO "2020-01-01T00:00:00.000Z"
#define SOON     "2999-01-01T00:00:00.000Z"

/* Who collects aborts uploads of our own keys that are old, once, and nobody else's; whatever comes of it. */
static void sweeps_abandoned_uploads(void)
{
	static const struct s3_line lines[] = {
		OK(KEY("pre/a")),
		{"200 OK", NULL,
		 "<ListMultipartUploadsResult>" UPLOAD("pre/" OBJECT, "old", LONG_AGO)
			 UPLOAD("pre/" OBJECT, "new", SOON) UPLOAD("pre/films/x", "foreign", LONG_AGO)
				 UPLOAD(OBJECT, "outside", LONG_AGO)
					 UPLOAD("pre/.mlv/trash/x", "trash", LONG_AGO) "</ListMultipartUploadsResult>"},
		{"403 Forbidden", NULL, S3_ERROR("AccessDenied", "")},
		{"204 No Content", NULL, NULL},
		OK(KEY("pre/a")),
	};
	struct s3_script *script = SCRIPT(lines);
	script->mode = REMOTE_COLLECT;
	for (int i = 0; i < 2; i++) {
		autoptr(transfer) list = transfer_new(TRANSFER_LIST, "");
		g_assert_cmpint(s3_script_run(script, list), ==, TRANSFER_DONE);
		g_autofree char *found = names(list);
		g_assert_cmpstr(found, ==, "a ");
		g_assert_no_error(list->error);
	}
	g_assert_nonnull(strstr(s3_script_ask(script, 1), "GET /bucket?encoding-type=url&prefix=pre%2F&uploads\n"));
	g_assert_nonnull(strstr(s3_script_ask(script, 2), "DELETE /bucket/pre/.mlv/trash/x?uploadId=trash\n"));
	g_assert_nonnull(strstr(s3_script_ask(script, 3), "DELETE /bucket/pre/" OBJECT "?uploadId=old\n"));
	s3_script_end(script, 5);
}

/* Not everyone may list uploads. */
static void lists_without_sweeping(void)
{
	static const struct s3_line lines[] = {
		OK(KEY("pre/a")),
		{"403 Forbidden", NULL, S3_ERROR("AccessDenied", "")},
	};
	struct s3_script *script = SCRIPT(lines);
	script->mode = REMOTE_COLLECT;
	autoptr(transfer) list = transfer_new(TRANSFER_LIST, "");
	g_assert_cmpint(s3_script_run(script, list), ==, TRANSFER_DONE);
	g_assert_no_error(list->error);
	s3_script_end(script, 2);
}

int main(int argc, char **argv)
{
	tap_init(argc, argv);
	aws_kit_reset();
	g_test_add_func("/s3-list/goes-through-pages", goes_through_pages);
	g_test_add_func("/s3-list/takes-odd-names", takes_odd_names);
	g_test_add_func("/s3-list/leaves-out-what-is-no-content", leaves_out_what_is_no_content);
	g_test_add_func("/s3-list/bears-repeated-pages", bears_repeated_pages);
	g_test_add_func("/s3-list/bears-swapped-pages", bears_swapped_pages);
	g_test_add_func("/s3-list/tells-each-key-once", tells_each_key_once);
	g_test_add_func("/s3-list/believes-no-nonsense", believes_no_nonsense);
	g_test_add_func("/s3-list/ends-circles", ends_circles);
	g_test_add_func("/s3-list/takes-nothing-for-empty-that-is-nowhere", takes_nothing_for_empty_that_is_nowhere);
	g_test_add_func("/s3-list/ends-what-goes-on-for-ever", ends_what_goes_on_for_ever);
	g_test_add_func("/s3-list/sweeps-abandoned-uploads", sweeps_abandoned_uploads);
	g_test_add_func("/s3-list/lists-without-sweeping", lists_without_sweeping);
	return g_test_run();
}
