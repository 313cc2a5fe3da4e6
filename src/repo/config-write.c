#include "repo/config.h"
#include "repo/plumbing-int.h"
#include "repo/repo-int.h"

#include "base/error.h"
#include "base/path.h"

#include <string.h>

/* Exit codes of git config. */
#define GIT_CONFIG_BAD_KEY       1
#define GIT_CONFIG_NO_SECTION    2
#define GIT_CONFIG_UNSET_NOTHING 5

/* "git config" and the words that name the scope. */
static GPtrArray *config_words(const char *scope)
{
	GPtrArray *words = g_ptr_array_new_with_free_func(g_free);
	g_autofree char *here = NULL;

	g_ptr_array_add(words, g_strdup("config"));
	if (strchr(scope, '/')) {
		here = g_get_current_dir();
		g_ptr_array_add(words, g_strdup("--file"));
		g_ptr_array_add(words, path_join(here, scope));
	} else {
		g_ptr_array_add(words, g_strconcat("--", scope, NULL));
	}
	return words;
}

static void add_words(GPtrArray *words, const char *const *more)
{
	for (; *more; more++)
		g_ptr_array_add(words, g_strdup(*more));
	g_ptr_array_add(words, NULL);
}

/* Run words and fill *result. What was read before does not hold any more. */
static bool change(const struct repo *repo, GPtrArray *words, struct proc_result *result, GError **error)
{
	if (repo)
		repo_forget_config(repo);
	return plumbing_run(repo, (const char *const *)words->pdata, NULL, 0, result, error);
}

bool config_set(const struct repo *repo, const char *scope, const char *key, const char *value, GError **error)
{
	g_autoptr(GPtrArray) words = config_words(scope);
	struct proc_result result = {0};
	bool done = false;

	if (*key == '-') {
		error_set(error, ERROR_USAGE, "'%s' is not the name of a setting", key);
		return false;
	}
	if (value)
		add_words(words, (const char *[]){"--replace-all", key, value, NULL});
	else
		add_words(words, (const char *[]){"--unset-all", key, NULL});
	if (change(repo, words, &result, error)) {
		done = result.status == 0;
		if (!done && !value && result.status == GIT_CONFIG_UNSET_NOTHING)
			error_set(error, ERROR_NOT_FOUND, "setting %s is not set there", key);
		else if (!done && (result.status == GIT_CONFIG_BAD_KEY || result.status == GIT_CONFIG_NO_SECTION))
			error_set(error, ERROR_USAGE, "'%s' is not the name of a setting", key);
		else if (!done)
			plumbing_fail(&result, error);
	}
	proc_result_clear(&result);
	return done;
}

/* Whether a setting of this section is in the scope; true also if that cannot be told. */
static bool has_section(const struct repo *repo, const char *scope, const char *section)
{
	g_autoptr(GPtrArray) words = config_words(scope);
	g_autofree char *names = NULL, *dotted = g_strconcat(section, ".", NULL);
	gsize length = 0;

	add_words(words, (const char *[]){"--list", "-z", "--name-only", NULL});
	names = plumbing_output(repo, (const char *const *)words->pdata, &length, NULL);
	if (!names)
		return true;
	for (const char *name = names; name < names + length; name += strlen(name) + 1)
		if (g_str_has_prefix(name, dotted))
			return true;
	return false;
}

bool config_rename_section(const struct repo *repo, const char *scope, const char *old_name, const char *new_name,
			   GError **error)
{
	g_autoptr(GPtrArray) words = config_words(scope);
	struct proc_result result = {0};
	bool done = false;

	add_words(words,
		  (const char *[]){new_name ? "--rename-section" : "--remove-section", old_name, new_name, NULL});
	if (change(repo, words, &result, error)) {
		done = result.status == 0;
		if (!done && !has_section(repo, scope, old_name))
			error_set(error, ERROR_NOT_FOUND, "there is no section '%s'", old_name);
		else if (!done)
			plumbing_fail(&result, error);
	}
	proc_result_clear(&result);
	return done;
}
