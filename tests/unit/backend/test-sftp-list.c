#include "../tap.h"
#include "backend/sftp/sftp-list.h"

#include <string.h>

static void note(const char *name, enum sftp_kind kind, uint64_t size, void *user)
{
	g_string_append_printf(user, "%c%" G_GUINT64_FORMAT " <%s>\n", "fdo"[kind], size, name);
}

/* What is found in a listing, a line an entry: kind, size, name. */
static void check(const char *listing, const char *expected)
{
	GString *found = g_string_new(NULL);
	g_assert_true(sftp_list_parse(listing, strlen(listing), note, found));
	g_assert_cmpstr(found->str, ==, expected);
	g_string_free(found, TRUE);
}

static void reads_kinds_and_sizes(void)
{
	check("drwxr-xr-x    3 me  root         4096 Nov 21 14:09 .\n"
	      "drwxr-xr-x    3 me  me           4096 Nov 21 14:09 ..\n"
	      "-rw-r--r--    1 me  root            5 Nov 21 14:09 hello\n"
	      "-r--r--r--    1 me  root     6442450944 Jan  2  2024 big\n"
	      "drwx--S--T    2 me  root         4096 Nov 21 14:09 dir\n"
	      "srwxr-xr-x    2 me  root            0 Nov 21 14:09 socket\n",
	      "f5 <hello>\nf6442450944 <big>\nd4096 <dir>\no0 <socket>\n");
}

static void reads_odd_names(void)
{
	check("-rw-r--r--    1 me  root            1 Nov 21 14:09  lead \n"
	      "-rw-r--r--    1 me  root            2 Nov 21 14:09 a -> b\n"
	      "-rw-r--r--    1 me  root            3 Nov 21 14:09 new\nline\n"
	      "-rw-r--r--    1 me  root            4 Nov 21 14:09 Nov 21 14:09 x\n"
	      "-rw-r--r--    1 me  root            5 Nov 21 14:09 \xff\\\"'\n",
	      "f1 < lead >\nf2 <a -> b>\nf3 <new\nline>\nf4 <Nov 21 14:09 x>\nf5 <\xff\\\"'>\n");
}

static void follows_no_links(void)
{
	check("lrwxrwxrwx    1 me  root            8 Nov 21 14:09 li nk -> /no -> where\n", "o8 <li nk>\n");
}

static void bears_other_servers(void)
{
	check("-rw-r--r--+   1 Domain Users  CORP 5 Nov 21 14:09 acl\n"
	      "-rw-r--r--    1 0        0              7 Dec 31  1999 plain",
	      "f5 <acl>\nf7 <plain>\n");
}

static void leaves_out_what_is_no_entry(void)
{
	check("", "");
	check("\n\n", "");
	check("total 5\n", "");
	check("-rw-r--r--    1 me  root    1 Nov 21 14:09 ../up\n", "");
	check("-rw-r--r--    1 me  root    1 Nov 21 14:09 \n", "");
}

/* What is missing in such a listing may be there. */
static void tells_what_it_cannot_read(void)
{
	static const char *const listings[] = {
		"nonsense\n",
		"total 5\n01-02-24  10:00AM    <DIR>  of another world\n",
		"-rw-r--r--    1 me  root    x Nov 21 14:09 no size\n",
		"-rw-r--r--    1 me  root    1 Nev 21 14:09 no month\n",
		"-rw-r--r--    1 me  root    1 2024-11-21 14:09 another date\n",
		"-rw-r--r--    1 me  root    18446744073709551616 Nov 21 14:09 too large\n",
	};
	for (size_t i = 0; i < G_N_ELEMENTS(listings); i++) {
		GString *found = g_string_new(NULL);
		g_assert_false(sftp_list_parse(listings[i], strlen(listings[i]), note, found));
		g_assert_cmpstr(found->str, ==, "");
		g_string_free(found, TRUE);
	}
}

int main(int argc, char **argv)
{
	tap_init(argc, argv);
	g_test_add_func("/sftp-list/reads-kinds-and-sizes", reads_kinds_and_sizes);
	g_test_add_func("/sftp-list/reads-odd-names", reads_odd_names);
	g_test_add_func("/sftp-list/follows-no-links", follows_no_links);
	g_test_add_func("/sftp-list/bears-other-servers", bears_other_servers);
	g_test_add_func("/sftp-list/leaves-out-what-is-no-entry", leaves_out_what_is_no_entry);
	g_test_add_func("/sftp-list/tells-what-it-cannot-read", tells_what_it_cannot_read);
	return g_test_run();
}
