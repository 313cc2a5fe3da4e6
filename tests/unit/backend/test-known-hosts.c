#include "../tap.h"
#include "backend/sftp/known-hosts.h"

#include <string.h>

/* The lines for `host` and port, known as `alias`, out of a file. */
static void check(const char *file, const char *alias, unsigned port, const char *expected)
{
	autoptr(known_hosts) known = known_hosts_new(alias, port);
	known_hosts_add(known, file, strlen(file));
	g_autofree char *lines = known_hosts_lines(known, "addr");
	g_assert_cmpstr(lines, ==, expected);
}

static void finds_plain_names(void)
{
	const char *file = "# comment\n\n"
			   "other ssh-ed25519 AAAA0\n"
			   "box,10.0.0.1 ssh-ed25519 AAAA1 comment of many words\r\n"
			   "[box]:2222\tecdsa-sha2-nistp256  AAAA2";
	check(file, "box", 22, "addr ssh-ed25519 AAAA1\n");
	check(file, "BOX", 22, "addr ssh-ed25519 AAAA1\n");
	check(file, "10.0.0.1", 22, "addr ssh-ed25519 AAAA1\n");
	check(file, "box", 2222, "[addr]:2222 ecdsa-sha2-nistp256 AAAA2\n");
	check(file, "ox", 22, "");
	check("", "box", 22, "");
}

/* As ssh: what is known of the host without a port counts where nothing is known of the port. */
static void falls_back_on_the_plain_host(void)
{
	check("box ssh-ed25519 AAAA1\n", "box", 2222, "[addr]:2222 ssh-ed25519 AAAA1\n");
	check("[box]:2222 ssh-ed25519 AAAA1\n", "box", 22, "");
}

static void finds_patterns(void)
{
	check("*.example,!bad.example ssh-ed25519 AAAA1\n", "box.example", 22, "addr ssh-ed25519 AAAA1\n");
	check("*.example,!bad.example ssh-ed25519 AAAA1\n", "bad.example", 22, "");
	check("!bad.example,*.example ssh-ed25519 AAAA1\n", "bad.example", 22, "");
	check("b?x ssh-ed25519 AAAA1\n", "box", 22, "addr ssh-ed25519 AAAA1\n");
	check("b?x ssh-ed25519 AAAA1\n", "bx", 22, "");
	check("*a*a*a*a*a*a*a*a*a*a*a*a*b ssh-ed25519 AAAA1\n", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", 22,
	      "");
}

/* Lines that `ssh-keygen -H` made. */
static void finds_hashed_names(void)
{
	const char *file =
		"|1|ITat+hWPhwerzW6TmtkYmHuJ0kA=|r9Wb+/WP+HItsDXkMk6n2D59jEo= ssh-ed25519 AAAA1\n"
		"|1|/rx1LBsOzFj+bffR77oMz6D9NHk=|5y3RCVBef6Z0joxbNTx9omy0rw0= ssh-rsa AAAA2\n"
		"|1||= ssh-ed25519 AAAA3\n|1|| ssh-ed25519 AAAA4\n|2|a|b ssh-ed25519 AAAA5\n| ssh-rsa AAAA6\n";
	check(file, "box.example", 22, "addr ssh-ed25519 AAAA1\n");
	check(file, "box.example", 2222, "[addr]:2222 ssh-rsa AAAA2\n");
	check(file, "other.example", 22, "");
}

/* libcurl asks for the first kind only. */
static void sorts_by_kind(void)
{
	check("box ssh-rsa AAAA1\nbox ssh-dss AAAA2\nbox ecdsa-sha2-nistp256 AAAA3\nbox ssh-ed25519 AAAA4\n", "box", 22,
	      "addr ssh-ed25519 AAAA4\naddr ecdsa-sha2-nistp256 AAAA3\naddr ssh-rsa AAAA1\n");
}

static void heeds_markers(void)
{
	check("@cert-authority box ssh-ed25519 AAAA1\n", "box", 22, "");
	check("box ssh-ed25519 AAAA1\nbox ssh-rsa AAAA2\n@revoked * ssh-ed25519 AAAA1\n", "box", 22,
	      "addr ssh-rsa AAAA2\n");
	check("@revoked other ssh-ed25519 AAAA1\nbox ssh-ed25519 AAAA1\n", "box", 22, "addr ssh-ed25519 AAAA1\n");
}

static void bears_nonsense(void)
{
	check("box\nbox ssh-ed25519\n@revoked\n@revoked box\n@ box ssh-ed25519 A\n \t \n", "box", 22, "");
}

int main(int argc, char **argv)
{
	tap_init(argc, argv);
	g_test_add_func("/known-hosts/finds-plain-names", finds_plain_names);
	g_test_add_func("/known-hosts/falls-back-on-the-plain-host", falls_back_on_the_plain_host);
	g_test_add_func("/known-hosts/finds-patterns", finds_patterns);
	g_test_add_func("/known-hosts/finds-hashed-names", finds_hashed_names);
	g_test_add_func("/known-hosts/sorts-by-kind", sorts_by_kind);
	g_test_add_func("/known-hosts/heeds-markers", heeds_markers);
	g_test_add_func("/known-hosts/bears-nonsense", bears_nonsense);
	return g_test_run();
}
