#include "../tap.h"
#include "backend/web/multistatus.h"
#include "base/error.h"

#include <string.h>

#define HEAD "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<D:multistatus xmlns:D=\"DAV:\">"
#define TAIL "</D:multistatus>"
#define SELF(path)                                                                                                     \
	"<D:response><D:href>" path "</D:href><D:propstat><D:prop><D:resourcetype><D:collection/>"                     \
	"</D:resourcetype></D:prop></D:propstat></D:response>"
#define FILE_OF(path, size)                                                                                            \
	"<D:response><D:href>" path "</D:href><D:propstat><D:prop><D:resourcetype/>"                                   \
	"<D:getcontentlength>" size "</D:getcontentlength></D:prop></D:propstat></D:response>"

/* The members as "name size" lines, collections with '/', in the server's order. */
static char *names(const char *text, const char *path)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GPtrArray) members = multistatus_read(text, strlen(text), path, &error);
	GString *lines = g_string_new(NULL);
	g_assert_no_error(error);
	for (guint i = 0; i < members->len; i++) {
		const struct multistatus_member *member = members->pdata[i];
		if (member->size == MULTISTATUS_NO_SIZE)
			g_string_append_printf(lines, "%s%s\n", member->name, member->is_collection ? "/" : " ?");
		else
			g_string_append_printf(lines, "%s %" G_GUINT64_FORMAT "\n", member->name, member->size);
	}
	return g_string_free(lines, FALSE);
}

static void check(const char *text, const char *path, const char *want)
{
	g_autofree char *got = names(text, path);
	g_assert_cmpstr(got, ==, want);
}

static void members_are_told_from_the_collection(void)
{
	check(HEAD SELF("/dav/a/") FILE_OF("/dav/a/x", "5") SELF("/dav/a/sub/") SELF("/dav/a/bare") TAIL, "/dav/a/",
	      "x 5\nsub/\nbare/\n");
	check(HEAD SELF("/dav/a/") TAIL, "/dav/a/", "");
	check(HEAD SELF("/dav/a/") FILE_OF("/dav/a/x", "") TAIL, "/dav/a/", "x ?\n"); /* it is there, not empty */
	check(HEAD SELF("/dav/a") FILE_OF("/dav/a/x", "5") TAIL, "/dav/a/", "x 5\n");
}

static void urls_prefixes_and_escapes_are_understood(void)
{
	check(HEAD SELF("http://h:80/dav/a/") FILE_OF("http://h:80/dav/a/x%20y", "1") TAIL, "/dav/a/", "x y 1\n");
	check(HEAD SELF("/inner/a/") FILE_OF("/inner/a/x", "1") TAIL, "/outer/a/", "x 1\n");
	check(HEAD SELF("/d/%61/") FILE_OF("/d/a/%2541%26", "1") FILE_OF("/d/a/a&amp;b", "2") TAIL, "/d/a/",
	      "%41& 1\na&b 2\n");
	check(HEAD SELF("/d/") FILE_OF("/d/%ff", "1") TAIL, "/d/", "\xff 1\n");
}

static void other_namespaces_and_dates_are_read(void)
{
	static const char text[] =
		"<multistatus xmlns='DAV:'><response><href>/d/</href><propstat><prop><resourcetype><collection/>"
		"</resourcetype></prop></propstat></response><response><href>\n /d/x \n</href><propstat><prop>"
		"<getlastmodified>Sun, 06 Nov 1994 08:49:37 GMT</getlastmodified><getcontentlength>7</getcontentlength>"
		"</prop></propstat></response></multistatus>";
	g_autoptr(GPtrArray) members = multistatus_read(text, strlen(text), "/d/", NULL);
	const struct multistatus_member *member = members->pdata[0];
	g_assert_cmpuint(members->len, ==, 1);
	g_assert_cmpstr(member->name, ==, "x");
	g_assert_cmpuint(member->size, ==, 7);
	g_assert_cmpint(member->modified, ==, 784111777);
}

/* None of these is a member that we could be made to read, write or delete elsewhere. */
static void hostile_names_are_passed_over(void)
{
	static const char *const hrefs[] = {"/d/a/..",    "/d/a/%2e%2e", "/d/a/.",      "/d/a/x%2fy", "/d/a/../x",
					    "/d/a/x/y",   "/d/other",    "/etc/passwd", "d/a/x",      "",
					    "/d/a/x%00y", "/d/a/%zz",    "/d/a//",      "?/d/a/x"};
	for (size_t i = 0; i < G_N_ELEMENTS(hrefs); i++) {
		g_autofree char *text = g_strdup_printf(HEAD SELF("/d/a/") FILE_OF("%s", "5") TAIL, hrefs[i]);
		g_test_message("%s", hrefs[i]);
		check(text, "/d/a/", "");
	}
}

static void nonsense_is_refused(void)
{
	static const char *const texts[] = {
		"",
		"<html><body>Log in</body></html>",
		HEAD TAIL,
		HEAD SELF("/elsewhere/") FILE_OF("/other/x", "1") TAIL,
		HEAD FILE_OF("/d/a/x", "1") TAIL,
		HEAD SELF("/d/a/"),
		HEAD "\xff" TAIL,
		"<!DOCTYPE x [<!ENTITY a \"aaaa\">]><x>&a;</x>",
	};
	for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
		g_autoptr(GError) error = NULL;
		g_assert_null(multistatus_read(texts[i], strlen(texts[i]), "/d/a/", &error));
		g_assert_error(error, MLV_ERROR, ERROR_CORRUPT);
	}
}

static void depth_and_length_are_bounded(void)
{
	g_autoptr(GError) error = NULL, longer = NULL;
	g_autoptr(GString) deep = g_string_new(HEAD), wide = g_string_new(HEAD "<D:response><D:href>/");
	for (int i = 0; i < 1000; i++)
		g_string_append(deep, "<a>");
	g_assert_null(multistatus_read(deep->str, deep->len, "/d/", &error));
	g_assert_error(error, MLV_ERROR, ERROR_UNSAFE);
	for (int i = 0; i < 100000; i++)
		g_string_append_c(wide, 'a');
	g_string_append(wide, "</D:href></D:response>" TAIL);
	g_assert_null(multistatus_read(wide->str, wide->len, "/d/", &longer));
	g_assert_error(longer, MLV_ERROR, ERROR_UNSAFE);
}

int main(int argc, char **argv)
{
	tap_init(argc, argv);
	g_test_add_func("/multistatus/members-are-told-from-the-collection", members_are_told_from_the_collection);
	g_test_add_func("/multistatus/urls-prefixes-and-escapes", urls_prefixes_and_escapes_are_understood);
	g_test_add_func("/multistatus/other-namespaces-and-dates", other_namespaces_and_dates_are_read);
	g_test_add_func("/multistatus/hostile-names-are-passed-over", hostile_names_are_passed_over);
	g_test_add_func("/multistatus/nonsense-is-refused", nonsense_is_refused);
	g_test_add_func("/multistatus/depth-and-length-are-bounded", depth_and_length_are_bounded);
	return g_test_run();
}
