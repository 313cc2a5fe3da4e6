#include "repo/worktree.h"
#include "repo/plumbing-int.h"
#include "repo/worktree-int.h"

#include "base/error.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* "S PATH" of git ls-files -t: an entry with the skip-worktree bit. */
#define LEFT_OUT "S "

static bool need_work_tree(const struct repo *repo, GError **error)
{
	if (!repo->work_tree)
		error_set(error, ERROR_USAGE, "this needs a work tree, and '%s' has none here", repo->git_dir);
	return repo->work_tree;
}

static int compare_strings(gconstpointer a, gconstpointer b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* A file or link is at path below the open directory `top`. */
static bool is_on_disk(int top, const char *path)
{
	struct stat st;

	return fstatat(top, path, &st, AT_SYMLINK_NOFOLLOW) == 0 && !S_ISDIR(st.st_mode);
}

/* What `git ls-files` lists with these options, as worktree_files() tells it. */
static GPtrArray *list_files(struct repo *repo, const char *const *options, const char *const *pathspecs, GError **error)
{
	static const char *const fixed[] = {"--no-literal-pathspecs", "ls-files", "-z", "--others", "--exclude-standard",
					    NULL};
	g_autoptr(GPtrArray) args = g_ptr_array_new(), found = g_ptr_array_new(), files = NULL;
	g_autofree char *out = NULL;
	auto_fd int top = -1;
	gsize length = 0;

	files = g_ptr_array_new_with_free_func(g_free);
	if (!repo->work_tree)
		return g_steal_pointer(&files);
	for (int i = 0; fixed[i]; i++)
		g_ptr_array_add(args, (gpointer)fixed[i]);
	for (; *options; options++)
		g_ptr_array_add(args, (gpointer)*options);
	for (; *pathspecs; pathspecs++)
		g_ptr_array_add(args, (gpointer)*pathspecs);
	g_ptr_array_add(args, NULL);
	out = plumbing_output(repo, (const char *const *)args->pdata, &length, error);
	if (!out)
		return NULL;
	top = open(repo->work_tree, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (top < 0) {
		error_set_errno(error, errno, "open '%s'", repo->work_tree);
		return NULL;
	}
	for (char *path = out; path < out + length; path += strlen(path) + 1)
		g_ptr_array_add(found, path);
	g_ptr_array_sort(found, compare_strings);
	for (guint i = 0; i < found->len; i++) {
		const char *path = found->pdata[i];

		/* Conflicts list a path several times. */
		if ((i == 0 || strcmp(path, found->pdata[i - 1]) != 0) && is_on_disk(top, path))
			g_ptr_array_add(files, g_strdup(path));
	}
	return g_steal_pointer(&files);
}

GPtrArray *worktree_files(struct repo *repo, const char *const *pathspecs, GError **error)
{
	return list_files(repo, (const char *[]){"--cached", "--", NULL}, pathspecs, error);
}

GPtrArray *worktree_ignored_files(struct repo *repo, const char *const *pathspecs, GError **error)
{
	return list_files(repo, (const char *[]){"--ignored", "--", NULL}, pathspecs, error);
}

bool worktree_is_tracked(struct repo *repo, const char *path, bool *tracked, GError **error)
{
	const char *const args[] = {"--literal-pathspecs", "ls-files", "-z", "--cached", "--", path, NULL};
	g_autofree char *out = plumbing_output(repo, args, NULL, error);

	if (!out)
		return false;
	*tracked = *out != '\0';
	return true;
}

GHashTable *worktree_check_ignore(struct repo *repo, GPtrArray *paths, bool use_index, GError **error)
{
	const char *const args[] = {
		"--no-literal-pathspecs", "check-ignore", "-z", "--stdin", use_index ? NULL : "--no-index", NULL};
	g_autoptr(GHashTable) ignored = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	GString *input = g_string_new(NULL);
	struct proc_result result = {0};
	bool done;

	/* "./" keeps git from taking a leading ':' for the start of its magic. */
	for (guint i = 0; i < paths->len; i++) {
		g_string_append_printf(input, "./%s", (const char *)paths->pdata[i]);
		g_string_append_c(input, '\0');
	}
	done = need_work_tree(repo, error) && plumbing_run(repo, args, input->str, input->len, &result, error);
	g_string_free(input, TRUE);
	if (done && result.status > 1) { /* 1: none is ignored */
		plumbing_fail(&result, error);
		done = false;
	}
	for (char *path = result.out; done && path < result.out + result.out_length; path += strlen(path) + 1)
		g_hash_table_add(ignored, g_strdup(path + strlen("./")));
	proc_result_clear(&result);
	return done ? g_steal_pointer(&ignored) : NULL;
}

/* Add to ignored those of `paths` that rules ignore and that are not tracked. */
static bool add_untracked(struct repo *repo, GPtrArray *paths, GHashTable *ignored, GError **error)
{
	g_autoptr(GHashTable) by_rules = worktree_check_ignore(repo, paths, false, error);
	GHashTableIter iter;
	gpointer path;
	bool tracked;

	if (!by_rules)
		return false;
	g_hash_table_iter_init(&iter, by_rules);
	while (g_hash_table_iter_next(&iter, &path, NULL)) {
		if (!worktree_is_tracked(repo, path, &tracked, error))
			return false;
		if (!tracked)
			g_hash_table_add(ignored, g_strdup(path));
	}
	return true;
}

GHashTable *worktree_ignored(struct repo *repo, GPtrArray *paths, GError **error)
{
	g_autoptr(GPtrArray) plain = g_ptr_array_new(), patterns = g_ptr_array_new();
	g_autoptr(GHashTable) ignored = NULL;

	/* check-ignore takes a name with a '*' for a pattern when it compares it with the index, and cannot be told not
	 * to. */
	for (guint i = 0; i < paths->len; i++)
		g_ptr_array_add(strpbrk(paths->pdata[i], "*?[\\") ? patterns : plain, paths->pdata[i]);
	ignored = worktree_check_ignore(repo, plain, true, error);
	if (!ignored || (patterns->len > 0 && !add_untracked(repo, patterns, ignored, error)))
		return NULL;
	return g_steal_pointer(&ignored);
}

/* Cut "MODE ID STAGE<tab>" off the front of an index entry; what follows is its path. */
static bool parse_index_entry(char *text, struct revision_file *file)
{
	char *id = strchr(text, ' '), *stage = id ? strchr(id + 1, ' ') : NULL,
	     *tab = stage ? strchr(stage, '\t') : NULL;

	if (!tab)
		return false;
	*stage = '\0';
	file->mode = strtoul(text, NULL, 8);
	file->id = id + 1;
	file->path = tab + 1;
	return true;
}

bool worktree_index(struct repo *repo, const char *git_dir, revision_visit visit, void *user, GError **error)
{
	static const char *const apart[] = {"env", "-u", "GIT_INDEX_FILE", NULL};
	g_autofree char *option = g_strconcat("--git-dir=", git_dir, NULL);
	g_autoptr(GPtrArray) argv = plumbing_argv(repo, (const char *[]){option, "ls-files", "--stage", "-z", NULL});
	struct proc_result result = {0};
	bool done;

	for (int i = 0; apart[i] && strcmp(git_dir, repo->git_dir) != 0; i++)
		g_ptr_array_insert(argv, i, g_strdup(apart[i]));
	done = proc_run((const char *const *)argv->pdata, plumbing_dir(repo), NULL, 0, PLUMBING_LIMIT, &result, error);
	if (done && result.status != 0) {
		plumbing_fail(&result, error);
		done = false;
	}
	for (char *text = result.out; done && text < result.out + result.out_length;) {
		char *next = text + strlen(text) + 1;
		struct revision_file file;

		done = parse_index_entry(text, &file);
		if (!done)
			error_set(error, ERROR_CORRUPT, "git ls-files gave an answer that makes no sense");
		else
			done = visit(&file, user, error);
		text = next;
	}
	proc_result_clear(&result);
	return done;
}

bool worktree_stage(struct repo *repo, const char *const *paths, GError **error)
{
	static const char *const args[] = {"--literal-pathspecs", "add", "--sparse", "--pathspec-from-file=-",
					   "--pathspec-file-nul", NULL};
	GString *input = g_string_new(NULL);
	struct proc_result result = {0};
	bool done;

	for (const char *const *path = paths; *path; path++)
		g_string_append_len(input, *path, strlen(*path) + 1);
	done = input->len == 0 ||
	       (need_work_tree(repo, error) && plumbing_run(repo, args, input->str, input->len, &result, error));
	if (done && result.status != 0) {
		plumbing_fail(&result, error);
		done = false;
	}
	proc_result_clear(&result);
	g_string_free(input, TRUE);
	return done;
}

GHashTable *worktree_left_out(struct repo *repo, GError **error)
{
	g_autoptr(GHashTable) left_out = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	g_autofree char *out = NULL;
	gsize length = 0;

	if (!(repo_traits(repo) & REPO_SPARSE))
		return g_steal_pointer(&left_out);
	out = plumbing_output(repo, (const char *[]){"ls-files", "-t", "-z", NULL}, &length, error);
	if (!out)
		return NULL;
	for (char *entry = out; entry < out + length; entry += strlen(entry) + 1)
		if (g_str_has_prefix(entry, LEFT_OUT))
			g_hash_table_add(left_out, g_strdup(entry + strlen(LEFT_OUT)));
	return g_steal_pointer(&left_out);
}

bool worktree_is_sparse(struct repo *repo, const char *path, bool *left_out, GError **error)
{
	const char *const args[] = {"--literal-pathspecs", "ls-files", "-t", "-z", "--", path, NULL};
	g_autofree char *out = NULL;

	*left_out = false;
	if (!(repo_traits(repo) & REPO_SPARSE))
		return true;
	out = plumbing_output(repo, args, NULL, error);
	if (!out)
		return false;
	*left_out = g_str_has_prefix(out, LEFT_OUT) && strcmp(out + strlen(LEFT_OUT), path) == 0;
	return true;
}
