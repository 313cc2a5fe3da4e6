#include "../tap.h"
#include "backend/lfs/lfs-endpoint.h"
#include "base/error.h"

#include <string.h>

/* Settings as the text of a config file; NULL for "". */
static struct config *config_of(const char *text)
{
	g_autofree char *path = g_build_filename(tap_tmpdir(), "config", NULL);
	g_autoptr(GError) error = NULL;
	g_assert_true(g_file_set_contents(path, text, -1, NULL));
	struct config *config = config_read_file(path, &error);
	g_assert_no_error(error);
	return config;
}

static struct lfs_endpoint *find_with(const char *url, const char *git, const char *lfsconfig, bool upload,
				      GError **error)
{
	autoptr(config) own = config_of(git);
	autoptr(config) committed = config_of(lfsconfig);
	return lfs_endpoint_find(url, &(struct lfs_settings){own, committed}, upload, error);
}

/* The endpoint of a URL with Git's settings, which must be found. */
static struct lfs_endpoint *find(const char *url, const char *git)
{
	g_autoptr(GError) error = NULL;
	struct lfs_endpoint *endpoint = find_with(url, git, "", false, &error);
	g_assert_no_error(error);
	return endpoint;
}

static void check_url(const char *url, const char *git, const char *expected)
{
	autoptr(lfs_endpoint) endpoint = find(url, git);
	g_assert_cmpstr(endpoint->url, ==, expected);
	g_assert_false(endpoint->committed);
}

#define ORIGIN(url) "[remote \"origin\"]\nurl = " url "\n"

static void takes_urls_as_they_are(void)
{
	check_url("lfs::https://h/o/r.git/info/lfs", "", "https://h/o/r.git/info/lfs");
	check_url("lfs::HTTP://h:81/lfs//", "", "http://h:81/lfs");
	check_url("lfs::https://h", "", "https://h");
}

static void derives_from_the_git_remote(void)
{
	check_url("lfs::", ORIGIN("https://h/o/r.git"), "https://h/o/r.git/info/lfs");
	check_url("lfs::origin", ORIGIN("https://h/o/r/"), "https://h/o/r.git/info/lfs");
	check_url("lfs::", ORIGIN("git://h/o/r"), "https://h/o/r.git/info/lfs");
	check_url("lfs::", "[remote \"up.stream\"]\nurl = https://u/r\n", "https://u/r.git/info/lfs");
	check_url("lfs::two", ORIGIN("https://h/1") "[remote \"two\"]\nurl = https://h/2\n", "https://h/2.git/info/lfs");
	check_url("lfs::", ORIGIN("https://h/1") "[remote \"two\"]\nurl = https://h/2\n", "https://h/1.git/info/lfs");
	check_url("lfs::", "[remote]\nlfsdefault = two\n" ORIGIN("https://h/1") "[remote \"two\"]\nurl = https://h/2\n",
		  "https://h/2.git/info/lfs");
	check_url("lfs::", "[url \"https://h/\"]\ninsteadOf = gh:\n[url \"https://wrong/\"]\ninsteadOf = g\n" ORIGIN("gh:o/r"),
		  "https://h/o/r.git/info/lfs");
}

static void obeys_settings_of_lfs(void)
{
	check_url("lfs::", ORIGIN("https://h/r") "lfsurl = https://other/lfs\n", "https://other/lfs");
	check_url("lfs::", "[lfs]\nurl = https://first/lfs\n" ORIGIN("https://h/r") "lfsurl = https://other/lfs\n",
		  "https://first/lfs");
	g_autoptr(GError) error = NULL;
	autoptr(lfs_endpoint) push = find_with("lfs::", "[lfs]\nurl = https://a/\npushurl = https://b/\n", "", true, &error);
	g_assert_cmpstr(push->url, ==, "https://b");
	autoptr(lfs_endpoint) pushed = find_with("lfs::", ORIGIN("https://h/r") "pushurl = https://p/r\n", "", true, &error);
	g_assert_cmpstr(pushed->url, ==, "https://p/r.git/info/lfs");
}

/* .lfsconfig may say where the server is, below one's own settings; that its URL came with the clone is noted. */
static void takes_only_urls_from_lfsconfig(void)
{
	g_autoptr(GError) error = NULL;
	static const char lfsconfig[] = "[lfs]\nurl = https://c/lfs\n[url \"https://evil/\"]\ninsteadOf = https://\n"
					"[remote \"origin\"]\nurl = https://evil/r\n";
	autoptr(lfs_endpoint) theirs = find_with("lfs::", ORIGIN("https://h/r"), lfsconfig, false, &error);
	g_assert_cmpstr(theirs->url, ==, "https://c/lfs");
	g_assert_true(theirs->committed);
	autoptr(lfs_endpoint) ours = find_with("lfs::", "[lfs]\nurl = https://mine/\n", lfsconfig, false, &error);
	g_assert_cmpstr(ours->url, ==, "https://mine");
	g_assert_false(ours->committed);
	autoptr(lfs_endpoint) plain =
		find_with("lfs::", ORIGIN("https://h/r"), "[remote \"origin\"]\nurl = https://evil/r\n", false, &error);
	g_assert_cmpstr(plain->url, ==, "https://h/r.git/info/lfs");
	g_assert_false(plain->committed);
}

static void asks_over_ssh(void)
{
	autoptr(lfs_endpoint) scp = find("lfs::", ORIGIN("git@h.org:o/r.git"));
	g_assert_cmpstr(scp->ssh_host, ==, "git@h.org");
	g_assert_null(scp->ssh_port);
	g_assert_cmpstr(scp->ssh_path, ==, "o/r.git");
	g_assert_cmpstr(scp->url, ==, "https://h.org/o/r.git/info/lfs");
	autoptr(lfs_endpoint) url = find("lfs::ssh://git@h.org:2222/o/r%20x", "");
	g_assert_cmpstr(url->ssh_host, ==, "git@h.org");
	g_assert_cmpstr(url->ssh_port, ==, "2222");
	g_assert_cmpstr(url->ssh_path, ==, "/o/r x");
	autoptr(lfs_endpoint) home = find("lfs::ssh://[::1]:22/~u/r", "");
	g_assert_cmpstr(home->ssh_host, ==, "::1");
	g_assert_cmpstr(home->ssh_port, ==, "22");
	g_assert_cmpstr(home->ssh_path, ==, "~u/r");
	g_assert_cmpstr(home->url, ==, "https://[::1]/~u/r.git/info/lfs");
}

static void splits_logins(void)
{
	autoptr(lfs_endpoint) endpoint = find("lfs::https://me%40x:p%3Aw@h/lfs/", "");
	g_assert_cmpstr(endpoint->url, ==, "https://h/lfs");
	g_assert_cmpstr(endpoint->login_url, ==, "https://me%40x:p%3Aw@h/lfs");
	autoptr(lfs_endpoint) derived = find("lfs::", ORIGIN("https://me@h/r"));
	g_assert_cmpstr(derived->url, ==, "https://h/r.git/info/lfs");
	g_assert_cmpstr(derived->login_url, ==, "https://me@h/r.git/info/lfs");
}

static void check_refused(const char *url, const char *git, enum error_code code)
{
	g_autoptr(GError) error = NULL;
	autoptr(lfs_endpoint) endpoint = find_with(url, git, "", false, &error);
	g_assert_null(endpoint);
	g_assert_error(error, MLV_ERROR, (gint)code);
	g_assert_nonnull(error_get_hint(error));
	g_assert_null(strstr(error->message, "hunter2"));
}

static void refuses_others(void)
{
	check_refused("lfs::", "", ERROR_NOT_FOUND);
	check_refused("lfs::none", ORIGIN("https://h/r"), ERROR_NOT_FOUND);
	check_refused("lfs::", ORIGIN("/srv/r.git"), ERROR_USAGE);
	check_refused("lfs::", ORIGIN("file:///srv/r.git"), ERROR_USAGE);
	check_refused("lfs::ftp://u:hunter2@h/r", "", ERROR_USAGE);
	check_refused("lfs::https://u:hunter2@/r", "", ERROR_USAGE);
	check_refused("lfs::https://u:hunter2@h/r?x=1", "", ERROR_USAGE);
	check_refused("lfs::ssh://-oProxyCommand=x/r", "", ERROR_USAGE);
	check_refused("lfs::ssh://git@-oProxyCommand=x/r", "", ERROR_USAGE);
	check_refused("lfs::-oProxyCommand=x:r", "", ERROR_USAGE);
	check_refused("lfs::git@h:-r", "", ERROR_USAGE);
	check_refused("lfs::ssh://h:-p/r", "", ERROR_USAGE);
	check_refused("lfs::ssh://h", "", ERROR_USAGE);
}

int main(int argc, char **argv)
{
	tap_init(argc, argv);
	g_test_add_func("/lfs-endpoint/takes-urls-as-they-are", takes_urls_as_they_are);
	g_test_add_func("/lfs-endpoint/derives-from-the-git-remote", derives_from_the_git_remote);
	g_test_add_func("/lfs-endpoint/obeys-settings-of-lfs", obeys_settings_of_lfs);
	g_test_add_func("/lfs-endpoint/takes-only-urls-from-lfsconfig", takes_only_urls_from_lfsconfig);
	g_test_add_func("/lfs-endpoint/asks-over-ssh", asks_over_ssh);
	g_test_add_func("/lfs-endpoint/splits-logins", splits_logins);
	g_test_add_func("/lfs-endpoint/refuses-others", refuses_others);
	return g_test_run();
}
