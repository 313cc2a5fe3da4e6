#include "backend/lfs/lfs-int.h"
#include "base/error.h"
#include "base/path.h"
#include "base/proc.h"

#include <string.h>
#include <time.h>

/* The answer is a URL and some headers. */
#define OUTPUT_MAX ((gsize)1 << 20)

char *lfs_ssh_program(const struct config *git)
{
	const char *command = g_getenv("GIT_SSH_COMMAND"), *program = g_getenv("GIT_SSH");
	if (!command && git)
		command = config_get(git, "core.sshcommand");
	if (command && *command)
		return g_strdup_printf("!%s", command);
	return g_strdup(program && *program ? program : "ssh");
}

/* PuTTY's programs name the port's option differently. */
static const char *port_option(const char *program)
{
	g_auto(GStrv) words = g_strsplit(*program == '!' ? program + 1 : program, " ", 2);
	g_autofree char *name = g_ascii_strdown(path_base(words[0] ? words[0] : ""), -1);
	return g_str_has_prefix(name, "plink") || g_str_has_prefix(name, "putty") ? "-P" : "-p";
}

/* The command for the other side. Paths that no shell could misread stay bare: not every server takes quotes off. */
static char *remote_command(const char *path, const char *operation)
{
	bool bare = strspn(path, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._-+@:,~") == strlen(path);
	g_autofree char *quoted = bare ? g_strdup(path) : g_shell_quote(path);
	return g_strdup_printf("git-lfs-authenticate %s %s", quoted, operation);
}

GStrv lfs_ssh_argv(const struct lfs_endpoint *endpoint, const char *program, const char *operation)
{
	GPtrArray *argv = g_ptr_array_new();
	if (*program == '!') { /* as Git: the shell splits the command and adds what follows */
		g_ptr_array_add(argv, g_strdup("sh"));
		g_ptr_array_add(argv, g_strdup("-c"));
		g_ptr_array_add(argv, g_strdup_printf("%s \"$@\"", program + 1));
	}
	g_ptr_array_add(argv, g_strdup(*program == '!' ? program + 1 : program));
	if (endpoint->ssh_port) {
		g_ptr_array_add(argv, g_strdup(port_option(program)));
		g_ptr_array_add(argv, g_strdup(endpoint->ssh_port));
	}
	g_ptr_array_add(argv, g_strdup(endpoint->ssh_host));
	g_ptr_array_add(argv, remote_command(endpoint->ssh_path, operation));
	g_ptr_array_add(argv, NULL);
	return (GStrv)g_ptr_array_free(argv, FALSE);
}

/* What the other side said went wrong: its last line, as far as a terminal may show it. */
static bool fail(const struct lfs_endpoint *endpoint, const struct proc_result *result, GError **error)
{
	g_autofree char *text = g_utf8_make_valid(result->err ? result->err : "", -1);
	g_strstrip(text);
	const char *line = strrchr(text, '\n');
	g_autofree char *last = g_strndup(line ? line + 1 : text, 200);
	for (char *p = last; *p; p++)
		if (g_ascii_iscntrl(*p))
			*p = ' ';
	error_set(error, ERROR_DENIED, "ssh %s git-lfs-authenticate: %s", endpoint->ssh_host,
		  *last ? last : "failed without saying why");
	error_hint(error, "ssh %s; or git config lfs.url https://<where its Git LFS server is>", endpoint->ssh_host);
	return false;
}

bool lfs_ssh_ask(const struct lfs_endpoint *endpoint, const char *program, bool upload, struct lfs_action *action,
		 GError **error)
{
	g_auto(GStrv) argv = lfs_ssh_argv(endpoint, program, upload ? "upload" : "download");
	struct proc_result result = {0};
	if (!proc_run((const char *const *)argv, NULL, NULL, 0, OUTPUT_MAX, &result, error))
		return false;
	bool fine = result.status == 0;
	if (!fine)
		fail(endpoint, &result, error);
	else
		fine = lfs_login_read(result.out, result.out_length, time(NULL), action, error);
	explicit_bzero(result.out, result.out_length);
	proc_result_clear(&result);
	return fine;
}
