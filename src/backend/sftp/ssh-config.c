#include "backend/sftp/ssh-config.h"

#include "base/error.h"
#include "base/path.h"
#include "base/proc.h"

#include <pwd.h>
#include <string.h>

/* What `ssh -G` prints at most. */
#define OUTPUT_LIMIT ((gsize)1 << 20)

/* What ssh tries if nothing is set. */
static const char *const default_identities[] = {"~/.ssh/id_ed25519", "~/.ssh/id_ecdsa", "~/.ssh/id_rsa", NULL};
static const char *const default_known_hosts[] = {"~/.ssh/known_hosts", "~/.ssh/known_hosts2",
						  "/etc/ssh/ssh_known_hosts", "/etc/ssh/ssh_known_hosts2", NULL};

/* The home directory of the account, which ssh goes by whatever $HOME says; NULL if there is none. New string. */
static char *account_home(void)
{
	struct passwd entry, *found = NULL;
	char buffer[4096];
	if (getpwuid_r(getuid(), &entry, buffer, sizeof(buffer), &found) != 0 || !found)
		return NULL;
	return g_strdup(found->pw_dir);
}

/* Below the account's home means below $HOME. */
static char *rehome(char *path)
{
	g_autofree char *home = account_home();
	const char *below = home ? path_below(path, home) : NULL;
	if (!below || strcmp(home, "/") == 0)
		return path;
	char *moved = path_join(g_get_home_dir(), below);
	g_free(path);
	return moved;
}

/* What a '%' and a letter stand for (TOKENS in ssh_config(5)), as far as file names use it; NULL: not known. */
static const char *token(const struct ssh_config *config, char letter)
{
	switch (letter) {
	case '%':
		return "%";
	case 'd':
		return g_get_home_dir();
	case 'h':
		return config->host;
	case 'r':
		return config->user;
	case 'u':
		return g_get_user_name();
	default:
		return NULL;
	}
}

/* A file name with its '~' and tokens replaced; NULL if it has tokens that we do not know. New string. */
static char *expand(const struct ssh_config *config, const char *text)
{
	GString *path = g_string_new(NULL);
	if (g_str_has_prefix(text, "~/")) {
		g_string_append(path, g_get_home_dir());
		text++;
	}
	for (; *text; text++) {
		const char *value = *text == '%' ? token(config, text[1]) : NULL;
		if (*text == '%' && !value) {
			g_string_free(path, TRUE);
			return NULL;
		}
		if (value)
			g_string_append(path, value);
		else
			g_string_append_c(path, *text);
		text += value != NULL;
	}
	return rehome(g_string_free(path, FALSE));
}

static void add_file(const struct ssh_config *config, GPtrArray *files, const char *text)
{
	char *path = strcmp(text, "none") == 0 ? NULL : expand(config, text);
	if (path)
		g_ptr_array_add(files, path);
}

/* A list of files, separated by blanks. */
static void add_files(const struct ssh_config *config, GPtrArray *files, const char *text)
{
	g_auto(GStrv) words = g_strsplit(text, " ", -1);
	for (char **word = words; *word; word++)
		if (**word)
			add_file(config, files, *word);
}

static struct ssh_config *config_new(const char *host)
{
	struct ssh_config *config = g_new0(struct ssh_config, 1);
	config->host = g_strdup(host);
	config->user = g_strdup(g_get_user_name());
	config->port = 22;
	config->agent = true;
	config->identities = g_ptr_array_new_with_free_func(g_free);
	config->known_hosts = g_ptr_array_new_with_free_func(g_free);
	return config;
}

static void set_text(char **text, const char *value)
{
	g_free(*text);
	*text = g_strdup(value);
}

/* One setting that is no file: these must be known before file names are expanded. */
static void take_fact(struct ssh_config *config, const char *name, const char *value)
{
	guint64 number;
	bool none = strcmp(value, "none") == 0;
	if (strcmp(name, "hostname") == 0)
		set_text(&config->host, value);
	else if (strcmp(name, "hostkeyalias") == 0 && !none)
		set_text(&config->alias, value);
	else if (strcmp(name, "user") == 0)
		set_text(&config->user, value);
	else if (strcmp(name, "port") == 0 && g_ascii_string_to_unsigned(value, 10, 1, 65535, &number, NULL))
		config->port = (unsigned)number;
	else if (strcmp(name, "identityagent") == 0)
		config->agent = !none;
	else if (strcmp(name, "proxycommand") == 0 || strcmp(name, "proxyjump") == 0)
		config->proxied = !none;
}

static void take_files(struct ssh_config *config, const char *name, const char *value)
{
	if (strcmp(name, "identityfile") == 0)
		add_file(config, config->identities, value);
	else if (strcmp(name, "userknownhostsfile") == 0 || strcmp(name, "globalknownhostsfile") == 0)
		add_files(config, config->known_hosts, value);
}

static void each_setting(struct ssh_config *config, char **lines,
			 void (*take)(struct ssh_config *config, const char *name, const char *value))
{
	for (char **line = lines; *line; line++) {
		const char *blank = strchr(*line, ' ');
		if (!blank || !blank[1])
			continue;
		g_autofree char *name = g_ascii_strdown(*line, blank - *line);
		take(config, name, blank + 1);
	}
}

struct ssh_config *ssh_config_parse(const char *text, const char *host)
{
	struct ssh_config *config = config_new(host);
	g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
	each_setting(config, lines, take_fact);
	each_setting(config, lines, take_files);
	if (!config->alias)
		config->alias = g_strdup(config->host);
	return config;
}

static struct ssh_config *config_default(const char *host)
{
	struct ssh_config *config = config_new(host);
	config->alias = g_strdup(host);
	for (const char *const *file = default_identities; *file; file++)
		add_file(config, config->identities, *file);
	for (const char *const *file = default_known_hosts; *file; file++)
		add_file(config, config->known_hosts, *file);
	return config;
}

/* Names from a URL become arguments of ssh, and it may hand them to a shell for a `Match exec` of the user's. */
static bool check_name(const char *what, const char *name, const char *allowed, GError **error)
{
	bool fine = *name && *name != '-';
	for (const char *c = name; *c && fine; c++)
		fine = g_ascii_isalnum(*c) || (unsigned char)*c >= 0x80 || strchr(allowed, *c);
	if (!fine)
		error_set(error, ERROR_USAGE, "'%s' is no %s", name, what);
	return fine;
}

/* The settings file below $HOME if that is not where ssh looks; NULL if it is. New string. */
static char *own_settings(void)
{
	g_autofree char *home = account_home();
	if (home && strcmp(home, g_get_home_dir()) == 0)
		return NULL;
	g_autofree char *path = path_join(g_get_home_dir(), ".ssh/config");
	return g_file_test(path, G_FILE_TEST_EXISTS) ? g_steal_pointer(&path) : g_strdup("none");
}

/* The command line that asks ssh, but for its last NULL. Its words are borrowed. */
static GPtrArray *command(const char *settings, const char *port, const char *user, const char *host)
{
	const char *const options[][2] = {{"-F", settings}, {"-p", port}, {"-l", user}, {"--", host}};
	GPtrArray *argv = g_ptr_array_new();
	g_ptr_array_add(argv, (char *)"ssh");
	g_ptr_array_add(argv, (char *)"-G");
	for (size_t i = 0; i < G_N_ELEMENTS(options); i++) {
		if (!options[i][1])
			continue;
		g_ptr_array_add(argv, (char *)options[i][0]);
		g_ptr_array_add(argv, (char *)options[i][1]);
	}
	return argv;
}

/* Ask ssh, or go by its defaults where it cannot be run. */
static struct ssh_config *ask(const GPtrArray *argv, const char *host, GError **error)
{
	g_autoptr(GError) why = NULL;
	struct proc_result result = {0};
	struct ssh_config *config = NULL;
	if (!proc_run((const char *const *)argv->pdata, "/", NULL, 0, OUTPUT_LIMIT, &result, &why)) {
		if (!error_is(why, ERROR_CANCELLED))
			return config_default(host);
		g_propagate_error(error, g_steal_pointer(&why));
		return NULL;
	}
	if (result.status == 0)
		config = ssh_config_parse(result.out, host);
	else
		error_set(error, ERROR_USAGE, "ssh -G %s: %s", host, g_strchomp(result.err));
	proc_result_clear(&result);
	return config;
}

struct ssh_config *ssh_config_ask(const char *host, const char *user, unsigned port, GError **error)
{
	if (!check_name("name of a host", host, "._-:%", error) ||
	    (user && !check_name("name of a user", user, "._-@+=~\\", error)))
		return NULL;
	g_autofree char *settings = own_settings(), *number = port ? g_strdup_printf("%u", port) : NULL;
	g_autoptr(GPtrArray) argv = command(settings, number, user, host);
	g_ptr_array_add(argv, NULL);
	struct ssh_config *config = ask(argv, host, error);
	if (config && user)
		set_text(&config->user, user);
	if (config && port)
		config->port = port;
	return config;
}

void ssh_config_free(struct ssh_config *config)
{
	if (!config)
		return;
	g_free(config->host);
	g_free(config->alias);
	g_free(config->user);
	g_ptr_array_unref(config->identities);
	g_ptr_array_unref(config->known_hosts);
	g_free(config);
}
