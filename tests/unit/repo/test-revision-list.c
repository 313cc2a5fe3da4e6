#include "base/error.h"
#include "kit.h"
#include "repo/revision.h"

static bool contains(struct repo *repo, unsigned scopes, const char *id)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GPtrArray) commits = revision_list(repo, scopes, &error);

	g_assert_no_error(error);
	return g_ptr_array_find_with_equal_func(commits, id, g_str_equal, NULL);
}

static guint count(struct repo *repo, unsigned scopes)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GPtrArray) commits = revision_list(repo, scopes, &error);

	g_assert_no_error(error);
	return commits->len;
}

/* A commit on top of HEAD that nothing but the caller knows of. New string. */
static char *new_commit(const char *dir)
{
	static int number;
	g_autofree char *message = g_strdup_printf("commit %d", ++number);

	return kit_ask(dir, "commit-tree", "-p", "HEAD", "-m", message, "HEAD^{tree}", NULL);
}

static void lists_refs_by_scope(void)
{
	g_autofree char *top = kit_repo(NULL), *other = new_commit(top), *tagged = new_commit(top),
			*remote = new_commit(top);
	g_autofree char *exp = new_commit(top), *main_tip = kit_ask(top, "rev-parse", "HEAD", NULL);
	g_autofree char *first = kit_ask(top, "rev-parse", "HEAD~1", NULL), *expected = NULL, *found = NULL;
	g_autoptr(GPtrArray) branches = NULL;
	autoptr(repo) repo = NULL;

	kit_git(top, "branch", "other", other);
	kit_git(top, "branch", "same", other);
	kit_git(top, "tag", "-a", "-m", "x", "t", tagged);
	kit_git(top, "tag", "of-a-tree", "HEAD^{tree}");
	kit_git(top, "update-ref", "refs/remotes/origin/x", remote);
	kit_git(top, "symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/gone");
	kit_git(top, "update-ref", "refs/mlv/exps/a", exp);
	repo = kit_open(top);
	branches = revision_list(repo, REVISION_BRANCHES, NULL);
	found = kit_join(branches);
	expected = g_strjoin("|", main_tip, other, NULL);
	g_assert_cmpstr(found, ==, expected);
	g_assert_true(contains(repo, REVISION_TAGS, tagged) && count(repo, REVISION_TAGS) == 1);
	g_assert_true(contains(repo, REVISION_REMOTES, remote) && count(repo, REVISION_REMOTES) == 1);
	g_assert_true(contains(repo, REVISION_OTHER_REFS, exp) && count(repo, REVISION_OTHER_REFS) == 1);
	g_assert_true(contains(repo, REVISION_ALL_COMMITS, first) && count(repo, REVISION_ALL_COMMITS) == 6);
	g_assert_cmpuint(count(repo, REVISION_BRANCHES | REVISION_TAGS | REVISION_OTHER_REFS), ==, 4);
	g_assert_cmpuint(count(repo, REVISION_BRANCHES | REVISION_ALL_COMMITS), ==, 6);
	g_assert_true(contains(repo, REVISION_HISTORY, first) && count(repo, REVISION_HISTORY) == 5);
	g_assert_false(contains(repo, REVISION_HISTORY, exp));
	g_assert_cmpuint(count(repo, 0), ==, 0);
}

static void refuses_broken_refs(void)
{
	g_autofree char *top = kit_repo(NULL), *ref = path_join(top, ".git/refs/heads/broken");
	g_autoptr(GError) error = NULL;
	autoptr(repo) repo = NULL;

	kit_write(ref, "1234567890123456789012345678901234567890\n");
	repo = kit_open(top);
	g_assert_null(revision_list(repo, REVISION_BRANCHES, &error));
	g_assert_error(error, MLV_ERROR, ERROR_FAILED);
	g_clear_error(&error);
	g_assert_null(revision_list(repo, REVISION_ALL_COMMITS, &error));
	g_assert_error(error, MLV_ERROR, ERROR_FAILED);
}

/* What was reset away, stashed or amended, here and in another worktree, is in a reflog; what is gone from disk is no
 * matter. */
static void lists_reflogs(void)
{
	g_autofree char *top = kit_repo(NULL), *parent = path_parent(top), *linked = path_join(parent, "linked");
	g_autofree char *a = path_join(top, "a.mlv"), *stash = NULL, *dropped = NULL, *away = NULL, *there = NULL;
	g_autofree char *log = path_join(top, ".git/logs/HEAD"), *text = NULL, *longer = NULL;
	autoptr(repo) repo = NULL;

	kit_write(a, "stashed");
	kit_git(top, "stash", "-q");
	dropped = kit_ask(top, "rev-parse", "stash", NULL);
	kit_write(a, "again");
	kit_git(top, "stash", "-q");
	stash = kit_ask(top, "rev-parse", "stash", NULL);
	kit_git(top, "commit", "-q", "--allow-empty", "-m", "away");
	away = kit_ask(top, "rev-parse", "HEAD", NULL);
	kit_git(top, "reset", "-q", "--hard", "HEAD~1");
	kit_git(top, "worktree", "add", "-q", "--detach", linked);
	kit_git(linked, "commit", "-q", "--allow-empty", "-m", "there");
	there = kit_ask(linked, "rev-parse", "HEAD", NULL);
	kit_git(linked, "reset", "-q", "--hard", "HEAD~1");
	text = kit_read(log);
	longer = g_strconcat(text,
			     "1111111111111111111111111111111111111111 2222222222222222222222222222222222222222 "
			     "A <a@example.org> 1700000000 +0000\tgone\n",
			     NULL);
	kit_write(log, longer);
	for (int i = 0; i < 2; i++) {
		autoptr(repo) seen_from = kit_open(i ? linked : top);

		g_assert_true(contains(seen_from, REVISION_REFLOGS, stash));
		g_assert_true(contains(seen_from, REVISION_REFLOGS, dropped));
		g_assert_true(contains(seen_from, REVISION_REFLOGS, away));
		g_assert_true(contains(seen_from, REVISION_REFLOGS, there));
		g_assert_false(contains(seen_from, REVISION_ALL_COMMITS, away));
	}
	repo = kit_open(top);
	g_assert_true(contains(repo, REVISION_OTHER_REFS, stash));
	g_assert_false(contains(repo, REVISION_OTHER_REFS, dropped));
}

static void lists_heads_of_all_worktrees(void)
{
	g_autofree char *top = kit_repo(NULL), *parent = path_parent(top), *linked = path_join(parent, "linked");
	g_autofree char *detached = new_commit(top), *merge_one = new_commit(top), *merge_two = new_commit(top);
	g_autofree char *fetched = new_commit(top), *onto = new_commit(top), *todo = new_commit(top),
			*bisect = new_commit(top);
	g_autofree char *merge_head = path_join(top, ".git/MERGE_HEAD"),
			*fetch_head = path_join(top, ".git/FETCH_HEAD");
	g_autofree char *rebase = path_join(top, ".git/worktrees/linked/rebase-merge/onto");
	g_autofree char *sequence = path_join(top, ".git/sequencer/todo");
	g_autofree char *refs = path_join(top, ".git/worktrees/linked/refs/bisect/bad");
	g_autofree char *orig_head = path_join(top, ".git/ORIG_HEAD"), *own = kit_ask(top, "rev-parse", "HEAD", NULL);
	g_autofree char *merge_text = g_strdup_printf("%s\n%s\n", merge_one, merge_two);
	g_autofree char *fetch_text = g_strdup_printf("%s\tnot-for-merge\tbranch 'x' of /y\n", fetched);
	g_autofree char *todo_text = g_strdup_printf("pick %.12s deadbeef is no commit\n", todo);
	g_autofree char *rebase_text = g_strconcat(onto, "\n", NULL), *bisect_text = g_strconcat(bisect, "\n", NULL);

	kit_git(top, "worktree", "add", "-q", "--detach", linked, detached);
	kit_write(merge_head, merge_text);
	kit_write(fetch_head, fetch_text);
	kit_write(sequence, todo_text);
	kit_write(rebase, rebase_text);
	kit_write(refs, bisect_text);
	kit_write(orig_head, "1234567890123456789012345678901234567890\n"); /* gone */
	for (int i = 0; i < 2; i++) {
		const char *const all[] = {own, detached, merge_one, merge_two, fetched, onto, todo, bisect};
		autoptr(repo) repo = kit_open(i ? linked : top);

		for (size_t k = 0; k < G_N_ELEMENTS(all); k++)
			g_assert_true(contains(repo, REVISION_HEADS, all[k]));
		g_assert_cmpuint(count(repo, REVISION_HEADS), ==, G_N_ELEMENTS(all));
	}
}

/* A real rebase that stops at a conflict: what it set aside is found. */
static void lists_rebase_in_progress(void)
{
	g_autofree char *top = kit_repo(NULL), *a = path_join(top, "a.mlv"), *before = NULL;
	struct proc_result result;
	autoptr(repo) repo = NULL;

	kit_git(top, "checkout", "-q", "-b", "topic", "HEAD~1");
	kit_write(a, "conflict\n");
	kit_git(top, "commit", "-q", "-a", "-m", "topic");
	before = kit_ask(top, "rev-parse", "HEAD", NULL);
	g_assert_true(
		proc_run((const char *[]){"git", "rebase", "-q", "main", NULL}, top, NULL, 0, 1 << 20, &result, NULL));
	g_assert_cmpint(result.status, !=, 0);
	proc_result_clear(&result);
	kit_git(top, "update-ref", "-d", "refs/heads/topic");
	repo = kit_open(top);
	g_assert_true(contains(repo, REVISION_HEADS, before));
}

static void lists_in_other_formats(void)
{
	g_autofree char *wide = kit_repo("--object-format=sha256"), *plain = kit_repo(NULL),
			*parent = path_parent(plain);
	g_autofree char *url = g_strconcat("file://", plain, NULL), *tip = kit_ask(wide, "rev-parse", "HEAD", NULL);

	{
		autoptr(repo) repo = kit_open(wide);

		g_assert_true(contains(repo, REVISION_BRANCHES | REVISION_HEADS | REVISION_REFLOGS, tip));
		g_assert_cmpuint(count(repo, ~0u), ==, 2);
	}
	kit_git(parent, "clone", "-q", "--depth=1", url, "shallow");
	kit_git(parent, "clone", "-q", "--bare", url, "bare.git");
	g_assert_cmpint(chdir(parent), ==, 0);
	{
		autoptr(repo) shallow = kit_open("shallow");
		autoptr(repo) bare = kit_open("../bare.git");

		g_assert_cmpuint(count(shallow, ~0u), ==, 1);
		g_assert_cmpuint(count(bare, ~0u), ==, 2);
	}
}

int main(int argc, char **argv)
{
	kit_init(argc, argv);
	g_test_add_func("/revision-list/refs-by-scope", lists_refs_by_scope);
	g_test_add_func("/revision-list/refuses-broken-refs", refuses_broken_refs);
	g_test_add_func("/revision-list/reflogs", lists_reflogs);
	g_test_add_func("/revision-list/heads-of-all-worktrees", lists_heads_of_all_worktrees);
	g_test_add_func("/revision-list/rebase-in-progress", lists_rebase_in_progress);
	g_test_add_func("/revision-list/other-formats", lists_in_other_formats);
	return g_test_run();
}
