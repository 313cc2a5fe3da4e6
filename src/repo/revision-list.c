/*
 * Which commits there are. `git rev-list` knows every kind of ref and reflog storage and every worktree; what
 * operations in progress hold (rebase-merge/, MERGE_HEAD …) is text that we read ourselves, and have rev-list check.
 */
#include "repo/plumbing-int.h"
#include "repo/revision.h"
#include "repo/worktree.h"

#include "base/error.h"
#include "base/file.h"
#include "base/path.h"

#include <string.h>

/* The most that is read of one file of an operation in progress. */
#define STATE_LIMIT ((size_t)16 << 20)

/* Shorter hexadecimal words are not taken for abbreviated ids. */
#define SHORTEST_ID 7

/* Files in the git directory of a worktree that name commits; and directories with such files, any depth. */
static const char *const head_files[] = {"HEAD",        "ORIG_HEAD",  "MERGE_HEAD",  "CHERRY_PICK_HEAD", "REVERT_HEAD",
					 "REBASE_HEAD", "FETCH_HEAD", "BISECT_HEAD", "MERGE_AUTOSTASH",  NULL};
static const char *const head_dirs[] = {"rebase-merge", "rebase-apply",  "sequencer",
					"refs/bisect",  "refs/worktree", NULL};

/* Append to `names` every word of text that may be an id, a line each. */
static void collect_ids(const char *text, GString *names)
{
	static const char digits[] = "0123456789abcdef";

	while (*text) {
		size_t length = strspn(text, digits);

		if (length >= SHORTEST_ID && length < REVISION_ID_MAX && !g_ascii_isalnum(text[length])) {
			g_string_append_len(names, text, length);
			g_string_append_c(names, '\n');
		}
		text += length;
		while (*text && !g_ascii_isspace(*text))
			text++;
		while (g_ascii_isspace(*text))
			text++;
	}
}

/* collect_ids() of a file; one that is absent, or no text of Git's size and kind, holds none. */
static bool collect_file(const char *path, GString *names, GError **error)
{
	g_autoptr(GError) failure = NULL;
	g_autofree char *text = NULL;

	if (file_read(path, STATE_LIMIT, &text, NULL, &failure)) {
		collect_ids(text, names);
		return true;
	}
	if (error_is(failure, ERROR_NOT_FOUND) || error_is(failure, ERROR_UNSAFE))
		return true;
	g_propagate_error(error, g_steal_pointer(&failure));
	return false;
}

/* collect_file() of all files below a directory. */
static bool collect_dir(const char *path, GString *names, GError **error)
{
	g_autoptr(GDir) dir = g_dir_open(path, 0, NULL);
	const char *name;

	if (!dir)
		return true;
	while ((name = g_dir_read_name(dir))) {
		g_autofree char *inside = path_join(path, name);
		bool is_dir = g_file_test(inside, G_FILE_TEST_IS_DIR) && !g_file_test(inside, G_FILE_TEST_IS_SYMLINK);

		if (!(is_dir ? collect_dir : collect_file)(inside, names, error))
			return false;
	}
	return true;
}

/* What the worktree with this git directory holds on to. */
static bool collect_worktree(const struct repo *repo, const char *git_dir, GString *names, GError **error)
{
	const char *id = path_base(git_dir);

	/* HEAD may be symbolic; the name is resolved by git. */
	if (strcmp(git_dir, repo->common_dir) == 0)
		g_string_append(names, "main-worktree/HEAD\n");
	else if (!strchr(id, '\n'))
		g_string_append_printf(names, "worktrees/%s/HEAD\n", id);
	for (int i = 0; head_files[i]; i++) {
		g_autofree char *path = path_join(git_dir, head_files[i]);

		if (!collect_file(path, names, error))
			return false;
	}
	for (int i = 0; head_dirs[i]; i++) {
		g_autofree char *path = path_join(git_dir, head_dirs[i]);

		if (!collect_dir(path, names, error))
			return false;
	}
	return true;
}

/* Add the ids in the lines of out to commits, each once. */
static void take_ids(const char *out, GHashTable *seen, GPtrArray *commits)
{
	const char *end;

	for (; (end = strchr(out, '\n')); out = end + 1) {
		char *id = g_strndup(out, end - out);

		if (g_hash_table_contains(seen, id)) {
			g_free(id);
			continue;
		}
		g_hash_table_add(seen, id);
		g_ptr_array_add(commits, id);
	}
}

/* Run git rev-list with input on its standard input; its ids go to commits. */
static bool rev_list(struct repo *repo, const char *const *args, const GString *input, GHashTable *seen,
		     GPtrArray *commits, GError **error)
{
	struct proc_result result = {0};
	bool done = plumbing_run(repo, args, input->str, input->len, &result, error);

	if (done && result.status != 0) {
		plumbing_fail(&result, error);
		done = false;
	}
	if (done)
		take_ids(result.out, seen, commits);
	proc_result_clear(&result);
	return done;
}

/* The commits that HEADs and operations in progress name, as far as they exist; with `history` all before them, too. */
static bool list_heads(struct repo *repo, bool history, GHashTable *seen, GPtrArray *commits, GError **error)
{
	const char *const args[] = {"rev-list", "--ignore-missing", "--stdin", history ? NULL : "--no-walk=unsorted",
				    NULL};
	g_autoptr(GPtrArray) worktrees = worktree_list(repo, error);
	GString *names;
	bool done = true;

	if (!worktrees)
		return false;
	names = g_string_new(NULL);
	for (guint i = 0; done && i < worktrees->len; i++) {
		const struct worktree *worktree = worktrees->pdata[i];

		done = collect_worktree(repo, worktree->git_dir, names, error);
	}
	if (done)
		done = rev_list(repo, args, names, seen, commits, error);
	g_string_free(names, TRUE);
	return done;
}

/* A word for git rev-list and the scopes that want it; the order counts. */
static const struct scope_word {
	unsigned scopes;
	const char *word;
} scope_words[] = {
	{REVISION_BRANCHES | REVISION_TAGS | REVISION_REMOTES | REVISION_OTHER_REFS | REVISION_REFLOGS,
	 "--no-walk=unsorted"},
	{REVISION_ALL_COMMITS, "--all"},
	{REVISION_BRANCHES | REVISION_HISTORY, "--branches"},
	{REVISION_TAGS | REVISION_HISTORY, "--tags"},
	{REVISION_REMOTES | REVISION_HISTORY, "--remotes"},
	{REVISION_OTHER_REFS, "--exclude=refs/heads/*"},
	{REVISION_OTHER_REFS, "--exclude=refs/tags/*"},
	{REVISION_OTHER_REFS, "--exclude=refs/remotes/*"},
	{REVISION_OTHER_REFS, "--glob=refs/*"},
	{REVISION_REFLOGS, "--reflog"},
};

/* The commits of scopes other than the heads: with ALL_COMMITS or HISTORY and all before them, else the named ones alone. */
static bool list_scopes(struct repo *repo, unsigned scopes, GHashTable *seen, GPtrArray *commits, GError **error)
{
	/* --stdin, with nothing there, lets it be content with no ref or reflog at all. */
	const char *args[G_N_ELEMENTS(scope_words) + 4] = {"rev-list", "--stdin"};
	GString nothing = {.str = (char[]){""}};
	size_t used = 2;

	for (size_t i = 0; i < G_N_ELEMENTS(scope_words); i++) {
		bool alone = g_str_has_prefix(scope_words[i].word, "--no-walk");

		if ((scopes & scope_words[i].scopes) &&
		    !(alone && (scopes & (REVISION_ALL_COMMITS | REVISION_HISTORY))))
			args[used++] = scope_words[i].word;
	}
	if ((scopes & REVISION_HISTORY) && revision_has_head(repo))
		args[used++] = "HEAD";
	return scopes == 0 || rev_list(repo, args, &nothing, seen, commits, error);
}

GPtrArray *revision_list(struct repo *repo, unsigned scopes, GError **error)
{
	g_autoptr(GPtrArray) commits = g_ptr_array_new_with_free_func(g_free);
	g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);

	if (!list_scopes(repo, scopes & ~REVISION_HEADS, seen, commits, error))
		return NULL;
	if ((scopes & REVISION_HEADS) && !list_heads(repo, scopes & REVISION_ALL_COMMITS, seen, commits, error))
		return NULL;
	return g_steal_pointer(&commits);
}

GPtrArray *revision_since(struct repo *repo, const char *when, GError **error)
{
	g_autoptr(GPtrArray) commits = g_ptr_array_new_with_free_func(g_free);
	g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);
	g_autofree char *since = g_strconcat("--since=", when, NULL);
	const char *const args[] = {"rev-list", "--stdin", "--all", since, NULL};
	GString nothing = {.str = (char[]){""}};

	return rev_list(repo, args, &nothing, seen, commits, error) ? g_steal_pointer(&commits) : NULL;
}

GPtrArray *revision_beyond(struct repo *repo, const GPtrArray *tips, const GPtrArray *known, const char *remote,
			   const char *const *paths, GError **error)
{
	g_autoptr(GPtrArray) commits = g_ptr_array_new_with_free_func(g_free);
	g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);
	g_autofree char *branches = g_strconcat("--remotes=", remote, NULL);
	const char *const args[] = {"rev-list", "--ignore-missing", "--stdin", remote ? "--not" : NULL, branches, NULL};
	g_autoptr(GString) input = g_string_new(NULL);

	for (guint i = 0; i < tips->len; i++)
		g_string_append_printf(input, "%s\n", (const char *)tips->pdata[i]);
	for (guint i = 0; i < known->len; i++)
		g_string_append_printf(input, "^%s\n", (const char *)known->pdata[i]);
	g_string_append(input, "--\n");
	for (; *paths; paths++)
		g_string_append_printf(input, "%s\n", *paths);
	return rev_list(repo, args, input, seen, commits, error) ? g_steal_pointer(&commits) : NULL;
}
