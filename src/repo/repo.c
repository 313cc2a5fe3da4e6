#include "repo/repo.h"
#include "repo/plumbing-int.h"
#include "repo/repo-int.h"

#include "base/error.h"
#include "base/path.h"
#include "base/quote.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/*
 * A line between the answers of `git rev-parse`, which repeats options that it does not know. A path may contain
 * newlines, but no path that git prints contains "//".
 */
#define MARK "--mlv//"

/* What one call of `git rev-parse` tells, in the order of questions. */
enum answer { GIT_DIR, COMMON_DIR, OBJECT_FORMAT, PREFIX, IS_INSIDE, TO_TOP, ANSWERS };

/* After `git rev-parse --local-env-vars`. */
const char *const repo_git_apart[] = {
	"env",
	"--unset=GIT_ALTERNATE_OBJECT_DIRECTORIES",
	"--unset=GIT_CONFIG",
	"--unset=GIT_CONFIG_PARAMETERS",
	"--unset=GIT_CONFIG_COUNT",
	"--unset=GIT_OBJECT_DIRECTORY",
	"--unset=GIT_DIR",
	"--unset=GIT_WORK_TREE",
	"--unset=GIT_IMPLICIT_WORK_TREE",
	"--unset=GIT_GRAFT_FILE",
	"--unset=GIT_INDEX_FILE",
	"--unset=GIT_NO_REPLACE_OBJECTS",
	"--unset=GIT_REPLACE_REF_BASE",
	"--unset=GIT_PREFIX",
	"--unset=GIT_SHALLOW_FILE",
	"--unset=GIT_COMMON_DIR",
	"--unset=GIT_NAMESPACE",
	"git",
	NULL,
};

/* Words that call git followed by args, NULL-terminated. The array borrows all. */
static GPtrArray *join_words(const char *const *git, const char *const *args)
{
	GPtrArray *argv = g_ptr_array_new();

	for (; *git; git++)
		g_ptr_array_add(argv, (gpointer)*git);
	for (; *args; args++)
		g_ptr_array_add(argv, (gpointer)*args);
	g_ptr_array_add(argv, NULL);
	return argv;
}

/*
 * Why there is no repository. Git's words are translated, so that they are asked for again in English to know this case
 * from others.
 */
static void fail_discovery(const char *const *words, const char *dir, const struct proc_result *first, GError **error)
{
	static const char *const english[] = {"env", "LC_ALL=C", "LANGUAGE=C", NULL};
	g_autoptr(GPtrArray) argv = join_words(english, words);
	const char *given = dir ? dir : g_getenv("GIT_DIR");
	g_autofree char *shown = given ? quote_path(given) : NULL;
	struct proc_result result = {0};

	if (!proc_run((const char *const *)argv->pdata, dir, NULL, 0, PLUMBING_LIMIT, &result, NULL) ||
	    !strstr(result.err, "not a git repository")) {
		plumbing_fail(first, error);
	} else if (given) {
		error_set(error, ERROR_NOT_FOUND, "no Git repository at %s'%s'", dir ? "" : "GIT_DIR=", shown);
	} else {
		error_set(error, ERROR_NOT_FOUND, "not in a Git repository");
		error_hint(error, "git init");
	}
	proc_result_clear(&result);
}

/* Cut the answers of git apart, in place. */
static bool split_answers(char *out, char *answers[ANSWERS], GError **error)
{
	for (int i = 0; i < ANSWERS; i++) {
		char *end = strstr(out, MARK "\n");

		if (!end) {
			error_set(error, ERROR_FAILED, "git rev-parse gave an answer that makes no sense");
			error_hint(error, "git --version   (2.30 or later is needed)");
			return false;
		}
		answers[i] = out;
		out = end + strlen(MARK "\n");
		if (end > answers[i] && end[-1] == '\n')
			end--;
		*end = '\0';
	}
	return true;
}

/* The real, absolute path of `path`, which is relative to `dir`. */
static char *real_path(const char *dir, const char *path, GError **error)
{
	g_autofree char *joined = path_join(dir, path), *shown = NULL;
	char *real = realpath(joined, NULL);

	if (!real) {
		shown = quote_path(joined);
		error_set_errno(error, errno, "find '%s'", shown);
	}
	return real;
}

static bool take_format(struct repo *repo, const char *format, GError **error)
{
	if (strcmp(format, "sha1") == 0)
		repo->backend->id_size = 20;
	else if (strcmp(format, "sha256") == 0)
		repo->backend->id_size = 32;
	else
		error_set(error, ERROR_FAILED, "the repository's object format '%s' is not known", format);
	return repo->backend->id_size > 0;
}

/* Fill in repo from what git answered in the directory `here`. */
static bool take_answers(struct repo *repo, const char *here, char *answers[ANSWERS], GError **error)
{
	bool has_tree = strcmp(answers[IS_INSIDE], "true") == 0 || *answers[TO_TOP] != '\0';
	size_t length = strlen(answers[PREFIX]);

	if (!take_format(repo, answers[OBJECT_FORMAT], error))
		return false;
	repo->git_dir = real_path(here, answers[GIT_DIR], error);
	if (!repo->git_dir)
		return false;
	repo->common_dir = real_path(here, answers[COMMON_DIR], error);
	if (!repo->common_dir)
		return false;
	if (length > 0 && answers[PREFIX][length - 1] == '/')
		length--;
	repo->prefix = g_strndup(answers[PREFIX], length);
	if (has_tree)
		repo->work_tree = real_path(here, answers[TO_TOP], error);
	return repo->work_tree || !has_tree;
}

/* Ask git where everything is, seen from `dir` (NULL: the current directory). */
static bool discover(struct repo *repo, const char *dir, GError **error)
{
	static const char *const args[] = {"rev-parse", "--absolute-git-dir",
					   MARK,        "--git-common-dir",
					   MARK,        "--show-object-format",
					   MARK,        "--show-prefix",
					   MARK,        "--is-inside-work-tree",
					   MARK,        "--show-cdup",
					   MARK,        NULL};
	g_autoptr(GPtrArray) argv = join_words(repo->backend->git, args);
	const char *const *words = (const char *const *)argv->pdata;
	g_autofree char *here = real_path(dir ? dir : ".", "", error);
	char *answers[ANSWERS];
	struct proc_result result = {0};
	bool done = false;

	if (here && proc_run(words, dir, NULL, 0, PLUMBING_LIMIT, &result, error)) {
		if (result.status != 0)
			fail_discovery(words, dir, &result, error);
		else if (split_answers(result.out, answers, error))
			done = take_answers(repo, here, answers, error);
	}
	proc_result_clear(&result);
	return done;
}

/* Open what git finds from dir. Every command needs the settings too: git reads them while it looks for the repository.
 */
static struct repo *open_from(const char *dir, const char *const *git, GError **error)
{
	autoptr(repo) repo = g_new0(struct repo, 1);
	g_autoptr(GPtrArray) argv = join_words(git, config_list_args);

	repo->backend = g_new0(struct repo_backend, 1);
	repo->backend->git = git;
	repo->backend->config_child = proc_start((const char *const *)argv->pdata, dir, error);
	if (!repo->backend->config_child || !discover(repo, dir, error))
		return NULL;
	return g_steal_pointer(&repo);
}

struct repo *repo_open(GError **error)
{
	static const char *const git_here[] = {"git", NULL};

	return open_from(NULL, git_here, error);
}

struct repo *repo_open_at(const char *path, GError **error)
{
	g_autofree char *real = real_path(path, "", error), *shown = NULL;
	autoptr(repo) repo = real ? open_from(real, repo_git_apart, error) : NULL;

	if (!repo)
		return NULL;
	if (strcmp(real, repo->git_dir) == 0 || g_strcmp0(real, repo->work_tree) == 0)
		return g_steal_pointer(&repo);
	shown = quote_path(path);
	error_set(error, ERROR_NOT_FOUND, "no Git repository at '%s'", shown);
	return NULL;
}

/* The URL for messages, with what stands before an '@' in its host part left out: it may be a password. New string. */
static char *without_secret(const char *url)
{
	const char *scheme = strstr(url, "://"), *host = scheme ? scheme + strlen("://") : url;
	const char *at = scheme ? memrchr(host, '@', strcspn(host, "/")) : NULL;
	g_autofree char *plain = at ? g_strdup_printf("%.*s%s", (int)(host - url), url, at + 1) : g_strdup(url);

	return quote_path(plain);
}

bool repo_clone(const char *url, const char *place, GError **error)
{
	const char *const args[] = {"clone", "--quiet", "--bare", "--", url, place, NULL};
	g_autoptr(GPtrArray) argv = join_words(repo_git_apart, args);
	g_autofree char *shown = without_secret(url);
	struct proc_result result = {0};
	bool done = false;

	for (guint i = argv->len; i-- > 0;)
		if (argv->pdata[i] && g_str_has_prefix(argv->pdata[i], "--unset=GIT_CONFIG"))
			g_ptr_array_remove_index(argv, i);
	if (proc_run((const char *const *)argv->pdata, NULL, NULL, 0, PLUMBING_LIMIT, &result, error)) {
		done = result.status == 0;
		if (!done)
			plumbing_fail(&result, error);
	}
	if (!done)
		g_prefix_error(error, "clone '%s': ", shown);
	proc_result_clear(&result);
	return done;
}

void repo_forget_config(const struct repo *repo)
{
	g_clear_pointer(&repo->backend->config_child, proc_free);
	g_clear_pointer(&repo->backend->config, config_free);
}

void repo_free(struct repo *repo)
{
	if (!repo)
		return;
	repo_forget_config(repo);
	objects_clear(&repo->backend->objects);
	g_free(repo->backend);
	g_free(repo->git_dir);
	g_free(repo->common_dir);
	g_free(repo->work_tree);
	g_free(repo->prefix);
	g_free(repo);
}

/* The absolute path with links resolved in all but its last component, as far as the directories exist. */
static char *resolve_parents(const char *path)
{
	g_autofree char *parent = path_parent(path), *real = NULL;

	if (strcmp(path, "/") == 0)
		return g_strdup(path);
	real = realpath(parent, NULL);
	if (!real)
		real = resolve_parents(parent);
	return path_join(real, path_base(path));
}

char *repo_relative_path(const struct repo *repo, const char *path)
{
	g_autofree char *here = NULL, *joined = NULL, *normal = NULL, *resolved = NULL;
	const char *below;

	if (!repo->work_tree)
		return NULL;
	here = g_get_current_dir();
	joined = path_join(here, path);
	normal = path_normal(joined);
	below = path_below(normal, repo->work_tree);
	if (!below) {
		resolved = resolve_parents(normal);
		below = path_below(resolved, repo->work_tree);
	}
	return g_strdup(below);
}

/* Whether the fetch refspecs of a remote name single branches only. */
static bool has_single_branch(const struct config *config)
{
	g_autoptr(GHashTable) wide = g_hash_table_new(g_str_hash, g_str_equal);
	size_t count = config_count(config);
	bool single = false;

	for (int pass = 0; pass < 2; pass++) {
		for (size_t i = 0; i < count; i++) {
			const struct config_value *value = config_at(config, i);

			if (!g_str_has_prefix(value->key, "remote.") || !g_str_has_suffix(value->key, ".fetch"))
				continue;
			if (pass == 0 && strchr(value->value, '*'))
				g_hash_table_add(wide, (gpointer)value->key);
			if (pass == 1 && !g_hash_table_contains(wide, value->key))
				single = true;
		}
	}
	return single;
}

/* Whether a remote promised to hold what this clone left out. */
static bool has_promisor(const struct config *config)
{
	size_t count = config_count(config);

	for (size_t i = 0; i < count; i++) {
		const char *key = config_at(config, i)->key;
		bool promised = false;

		if (strcmp(key, "extensions.partialclone") == 0)
			return true;
		if (g_str_has_prefix(key, "remote.") && g_str_has_suffix(key, ".promisor") &&
		    config_get_bool(config, key, false, &promised, NULL) && promised)
			return true;
	}
	return false;
}

unsigned repo_traits(const struct repo *repo)
{
	autoptr(config) config = config_read(repo, NULL);
	g_autofree char *shallow = path_join(repo->common_dir, "shallow");
	unsigned traits = 0;
	bool sparse = false;
	struct stat st;

	if (!config || !config_get_bool(config, "core.sparsecheckout", false, &sparse, NULL))
		return REPO_SHALLOW | REPO_PARTIAL | REPO_SINGLE_BRANCH | REPO_SPARSE;
	if (stat(shallow, &st) == 0 && st.st_size > 0)
		traits |= REPO_SHALLOW;
	if (has_promisor(config))
		traits |= REPO_PARTIAL;
	if (has_single_branch(config))
		traits |= REPO_SINGLE_BRANCH;
	return sparse ? traits | REPO_SPARSE : traits;
}
