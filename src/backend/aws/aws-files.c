#include "backend/aws/aws-files.h"

#include "backend/aws/aws-ini.h"
#include "base/error.h"
#include "base/file.h"
#include "base/path.h"
#include "base/quote.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* The longest shared file that is read. */
#define FILE_LIMIT ((size_t)4 << 20)

struct shared_file {
	struct aws_ini *ini;
	char *shown; /* its path, for messages */
};

struct aws_files {
	struct shared_file config, credentials;
};

const char *aws_env(const char *name)
{
	const char *value = g_getenv(name);
	return value && *value ? value : NULL;
}

const char *aws_home(void)
{
	const char *home = aws_env("HOME");
	return home ? home : g_get_home_dir();
}

/* The path with the user's home directory for a "~" at its start. New string. */
static char *expand(const char *path)
{
	return path[0] == '~' && (path[1] == '/' || !path[1]) ? g_strconcat(aws_home(), path + 1, NULL)
							      : g_strdup(path);
}

/* The path as people write it, with "~". New string. */
static char *show(const char *path)
{
	const char *home = aws_home();
	const char *below = *home && strcmp(home, "/") != 0 ? path_below(path, home) : NULL;
	g_autofree char *quoted = quote_path(path);
	return below && g_str_equal(quoted, path) ? g_strconcat("~/", below, NULL) : g_steal_pointer(&quoted);
}

/* Whether the file that an option names may have come with the clone. */
static bool is_cloned(const struct remote_spec *spec, const char *option, const char *path)
{
	g_autofree char *real = realpath(path, NULL);
	gpointer scope;
	if (spec->repo && spec->repo->work_tree)
		return real && path_is_inside(real, spec->repo->work_tree);
	/* Of a project without Git nobody knows where it ends. */
	return g_hash_table_lookup_extended(spec->given.scopes, option, NULL, &scope)
		       ? GPOINTER_TO_INT(scope) == SPEC_COMMITTED
		       : spec->committed;
}

/* Of a file that may have come with the clone, only keys are taken. */
static bool check_cloned(const struct shared_file *file, const char *option, GError **error)
{
	static const char *const harmless[] = {"aws_access_key_id", "aws_secret_access_key", "aws_session_token",
					       "region", NULL};
	const char *other = aws_ini_find_other(file->ini, harmless);
	if (!other)
		return true;
	g_autofree char *shown = quote_path(other);
	error_set(error, ERROR_UNSAFE, "option %s: '%s' in %s is not heeded in a file inside of the repository", option,
		  shown, file->shown);
	error_hint(error, "move the file out of the repository, or name it with %s",
		   g_str_equal(option, "configpath") ? "AWS_CONFIG_FILE" : "AWS_SHARED_CREDENTIALS_FILE");
	return false;
}

/* Read a file, if it is there. */
static bool load(struct shared_file *file, const char *path, GError **error)
{
	g_autoptr(GError) why = NULL;
	struct stat st;
	char *text = NULL;
	size_t length = 0;
	file->shown = show(path);
	/* Who wants none names /dev/null. */
	bool none = stat(path, &st) == 0 && S_ISCHR(st.st_mode);
	if (!none && !file_read(path, FILE_LIMIT, &text, &length, &why) && !error_is(why, ERROR_NOT_FOUND)) {
		g_propagate_error(error, g_steal_pointer(&why));
		return false;
	}
	file->ini = aws_ini_read(text ? text : "", length, file->shown, error);
	if (text)
		explicit_bzero(text, length);
	g_free(text);
	return file->ini;
}

/* Where a shared file is: by option, variable or default. */
static bool locate(struct shared_file *file, const struct remote_spec *spec, const char *const names[3], GError **error)
{
	const char *option = remote_spec_get(spec, names[0]);
	const char *named = option ? option : aws_env(names[1]);
	g_autofree char *path = named ? expand(named) : path_join(aws_home(), names[2]);
	return load(file, path, error) &&
	       (!option || !is_cloned(spec, names[0], path) || check_cloned(file, names[0], error));
}

struct aws_files *aws_files_read(const struct remote_spec *spec, GError **error)
{
	static const char *const config[] = {"configpath", "AWS_CONFIG_FILE", ".aws/config"};
	static const char *const credentials[] = {"credentialpath", "AWS_SHARED_CREDENTIALS_FILE", ".aws/credentials"};
	autoptr(aws_files) files = g_new0(struct aws_files, 1);
	if (locate(&files->config, spec, config, error) && locate(&files->credentials, spec, credentials, error))
		return g_steal_pointer(&files);
	return NULL;
}

/* The profile's section of the config file. New string. */
static char *config_section(const struct aws_files *files, const char *profile)
{
	char *section = g_strconcat("profile ", profile, NULL);
	if (!g_str_equal(profile, "default") || aws_ini_has(files->config.ini, section))
		return section;
	g_free(section);
	return g_strdup("default");
}

bool aws_files_has(const struct aws_files *files, const char *profile)
{
	g_autofree char *section = config_section(files, profile);
	return aws_ini_has(files->config.ini, section) || aws_ini_has(files->credentials.ini, profile);
}

const char *aws_files_get(const struct aws_files *files, const char *profile, const char *key)
{
	g_autofree char *section = config_section(files, profile);
	const char *value = aws_ini_get(files->credentials.ini, profile, key);
	return value ? value : aws_ini_get(files->config.ini, section, key);
}

const char *aws_files_get_nested(const struct aws_files *files, const char *profile, const char *block, const char *key)
{
	g_autofree char *section = config_section(files, profile);
	const char *value = aws_ini_get_nested(files->credentials.ini, profile, block, key);
	return value ? value : aws_ini_get_nested(files->config.ini, section, block, key);
}

const char *aws_files_get_section(const struct aws_files *files, const char *section, const char *key)
{
	return aws_ini_get(files->config.ini, section, key);
}

const char *aws_files_endpoint(const struct aws_files *files, const char *profile, const char *service)
{
	const char *services = aws_files_get(files, profile, "services");
	g_autofree char *section = services ? g_strconcat("services ", services, NULL) : NULL;
	return section ? aws_ini_get_nested(files->config.ini, section, service, "endpoint_url") : NULL;
}

const char *aws_files_where(const struct aws_files *files, const char *profile, const char *key)
{
	return aws_ini_get(files->credentials.ini, profile, key) ? files->credentials.shown : files->config.shown;
}

char *aws_files_names(const struct aws_files *files)
{
	return g_strdup_printf("%s and %s", files->credentials.shown, files->config.shown);
}

void aws_files_free(struct aws_files *files)
{
	if (!files)
		return;
	aws_ini_free(files->config.ini);
	aws_ini_free(files->credentials.ini);
	g_free(files->config.shown);
	g_free(files->credentials.shown);
	g_free(files);
}
