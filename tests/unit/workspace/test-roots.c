#include "project.h"

#include "workspace/roots.h"

static struct roots *collect(struct project *project, const struct roots_scope *scope)
{
	g_autoptr(GError) error = NULL;
	struct roots *roots = roots_collect(project->ws, scope, &error);

	g_assert_no_error(error);
	return roots;
}

/* Track this text under a path and tell its id. */
static struct oid track(struct project *project, const char *path, const char *text)
{
	project_write(project, path, text);
	project_add(project, path);
	return project_oid(project, path);
}

static bool is_live(const struct roots *roots, const struct oid *oid)
{
	return g_hash_table_contains(roots->live, oid);
}

static void every_place_keeps_its_objects(struct project *project, gconstpointer dialect)
{
	struct oid first = track(project, "f", "first"), branch, tag, stash, reflog, index, disk, folder;
	g_autofree char *second = NULL, *elsewhere = NULL, *base = path_parent(project->dir);
	autoptr(roots) roots = NULL;

	(void)dialect;
	project_commit(project, "1");
	kit_git(project->dir, "checkout", "-q", "-b", "side");
	branch = track(project, "f", "branch");
	project_commit(project, "2");
	tag = track(project, "f", "tag");
	project_commit(project, "3");
	kit_git(project->dir, "tag", "v1");
	kit_git(project->dir, "reset", "-q", "--hard", "HEAD~1");
	reflog = track(project, "f", "reflog");
	project_commit(project, "4");
	kit_git(project->dir, "reset", "-q", "--hard", "HEAD~1");
	stash = track(project, "f", "stash");
	kit_git(project->dir, "stash", "-q");
	elsewhere = path_join(base, "linked");
	kit_git(project->dir, "worktree", "add", "-q", elsewhere, "main");
	index = track(project, "f", "index");
	kit_git(project->dir, "add", "f.mlv");
	disk = track(project, "f", "disk");
	project_write(project, "d/a", "in a folder");
	project_add(project, "d");
	folder = project_oid(project, "d/a");
	second = path_join(elsewhere, "g.mlv");
	kit_write(second, "outs:\n- sha256: 2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae\n"
			  "  hash: sha256\n  path: g\n");

	roots = collect(project, &roots_scope_all);
	g_assert_true(is_live(roots, &first));
	g_assert_true(is_live(roots, &branch));
	g_assert_true(is_live(roots, &tag));
	g_assert_true(is_live(roots, &reflog));
	g_assert_true(is_live(roots, &stash));
	g_assert_true(is_live(roots, &index));
	g_assert_true(is_live(roots, &disk));
	g_assert_true(is_live(roots, &folder));
	g_assert_cmpuint(roots->problems->len, ==, 0);
	g_assert_cmpuint(roots->unknown->len, ==, 0);
	{
		struct oid other = {.algo = OID_SHA256};

		g_assert_true(oid_parse(&other, OID_SHA256,
					"2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae", NULL));
		g_assert_true(is_live(roots, &other));
	}
}

static void scopes_are_kept_apart(struct project *project, gconstpointer dialect)
{
	static char *back[] = {(char *)"HEAD~1", NULL};
	const struct roots_scope workspace = {.workspace = true}, branches = {.branches = true},
				 revision = {.revisions = back}, more = {.revisions = back, .ancestors = 1},
				 since = {.since = "1 hour ago"}, long_ago = {.since = "2099-01-01"};
	struct oid one, two, three, disk;
	autoptr(roots) w = NULL;
	autoptr(roots) b = NULL;
	autoptr(roots) r = NULL;
	autoptr(roots) m = NULL;
	autoptr(roots) s = NULL;
	autoptr(roots) l = NULL;

	(void)dialect;
	one = track(project, "f", "one");
	project_commit(project, "1");
	two = track(project, "f", "two");
	project_commit(project, "2");
	three = track(project, "f", "three");
	project_commit(project, "3");
	disk = track(project, "f", "disk");
	w = collect(project, &workspace);
	g_assert_true(is_live(w, &disk) && !is_live(w, &three));
	b = collect(project, &branches);
	g_assert_true(is_live(b, &three) && !is_live(b, &two) && !is_live(b, &disk));
	r = collect(project, &revision);
	g_assert_true(is_live(r, &two) && !is_live(r, &one) && !is_live(r, &three));
	m = collect(project, &more);
	g_assert_true(is_live(m, &two) && is_live(m, &one));
	s = collect(project, &since);
	g_assert_true(is_live(s, &one) && is_live(s, &three));
	l = collect(project, &long_ago);
	g_assert_cmpuint(g_hash_table_size(l->live), ==, 0);
}

static void projects_of_one_repository_share_a_store(struct project *project, gconstpointer dialect)
{
	struct oid top, nested;
	autoptr(roots) roots = NULL;

	(void)dialect;
	top = track(project, "f", "top");
	project_commit(project, "top");
	project_enter(project, "nested");
	nested = track(project, "g", "nested");
	roots = collect(project, &roots_scope_all);
	g_assert_true(is_live(roots, &top));
	g_assert_true(is_live(roots, &nested));
}

static void broken_history_is_kept_by_guess(struct project *project, gconstpointer dialect)
{
	struct oid kept;
	autoptr(roots) roots = NULL;
	g_autofree char *pointer = NULL, *broken = NULL;

	(void)dialect;
	kept = track(project, "f", "kept");
	pointer = project_read(project, "f.mlv");
	broken = g_strconcat("<<<<<<< ours\n", pointer, NULL);
	project_write(project, "f.mlv", broken);
	project_commit(project, "broken");
	project_delete(project, "f.mlv");
	project_commit(project, "gone");
	roots = collect(project, &roots_scope_all);
	g_assert_true(is_live(roots, &kept));
	g_assert_cmpuint(roots->problems->len, ==, 1);
	g_assert_cmpstr(((struct roots_problem *)roots->problems->pdata[0])->file, ==, "f.mlv");
}

static void an_unsafe_output_keeps_its_object(struct project *project, gconstpointer dialect)
{
	struct oid kept;
	autoptr(roots) roots = NULL;
	char text[OID_TEXT_MAX];
	g_autofree char *pointer = NULL;

	(void)dialect;
	kept = track(project, "f", "kept");
	pointer = g_strdup_printf("outs:\n- sha256: %s\n  hash: sha256\n  path: ../f\n", oid_text(&kept, text));
	project_write(project, "f.mlv", pointer);
	project_commit(project, "unsafe");
	project_delete(project, "f.mlv");
	project_commit(project, "gone");
	roots = collect(project, &roots_scope_all);
	g_assert_true(is_live(roots, &kept));
}

static void what_is_broken_now_stops_a_collection(struct project *project, gconstpointer dialect)
{
	const struct roots_scope workspace = {.workspace = true}, index = {.worktrees = true}, head = {.heads = true};
	g_autoptr(GError) disk = NULL, staged = NULL, committed = NULL;

	(void)dialect;
	project_write(project, "f.mlv", "outs: [\n");
	g_assert_null(roots_collect(project->ws, &workspace, &disk));
	g_assert_error(disk, MLV_ERROR, ERROR_CORRUPT);
	g_assert_nonnull(strstr(disk->message, "f.mlv"));
	kit_git(project->dir, "add", "f.mlv");
	g_assert_null(roots_collect(project->ws, &index, &staged));
	g_assert_nonnull(strstr(staged->message, "the index of"));
	project_commit(project, "broken");
	g_assert_null(roots_collect(project->ws, &head, &committed));
	g_assert_nonnull(strstr(committed->message, "commit"));
}

static void an_absent_manifest_is_told(struct project *project, gconstpointer dialect)
{
	struct oid manifest;
	autoptr(roots) roots = NULL;

	(void)dialect;
	project_write(project, "d/a", "a");
	project_add(project, "d");
	manifest = project_oid(project, "d");
	project_lose(project, &manifest);
	roots = collect(project, &roots_scope_all);
	g_assert_true(is_live(roots, &manifest));
	g_assert_cmpuint(roots->unknown->len, ==, 1);
}

/* "path where" of each visited output. */
static bool note_output(const struct output *output, const char *where, void *user, GError **error)
{
	(void)error;
	g_string_append_printf(user, "%s%s%s in %.6s", ((GString *)user)->len ? "|" : "", output->path,
			       output->no_push ? "!" : "", where);
	return true;
}

static void visits_see_outputs_as_pipelines_describe_them(struct project *project, gconstpointer dialect)
{
	const struct roots_scope commits = {.commits = true};
	g_autoptr(GString) seen = g_string_new(NULL);
	g_autoptr(GError) error = NULL;

	(void)dialect;
	track(project, "f", "f");
	project_write(project, "p/mlv.yaml",
		      "stages:\n  s:\n    cmd: x\n    wdir: ..\n    outs:\n    - m:\n        push: false\n");
	project_write(project, "p/mlv.lock",
		      "schema: '2.0'\nstages:\n  s:\n    cmd: x\n    outs:\n    - path: m\n      hash: sha256\n"
		      "      sha256: fcde2b2edba56bf408601fb721fe9b5c338d10ee429ea04fae5511b68fbf8fb9\n");
	project_write(project, "nested/.mlvconfig", "");
	project_write(project, "nested/g.mlv",
		      "outs:\n- sha256: 2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae\n"
		      "  hash: sha256\n  path: g\n");
	project_commit(project, "1");
	/* The same blobs again are not visited again. */
	project_write(project, "README", "r");
	project_commit(project, "2");
	roots_each(project->ws, &commits, note_output, seen, NULL, &error);
	g_assert_no_error(error);
	g_assert_cmpstr(seen->str, ==, "f in commit|m! in commit");
}

static void experiments_count_when_asked_for(struct project *project, gconstpointer dialect)
{
	const struct roots_scope experiments = {.experiments = true}, branches = {.branches = true};
	struct oid tried;
	autoptr(roots) with = NULL;
	autoptr(roots) without = NULL;

	(void)dialect;
	project_commit(project, "1");
	tried = track(project, "f", "tried");
	project_commit(project, "2");
	kit_git(project->dir, "update-ref", "refs/mlv/exps/ab/one", "HEAD");
	kit_git(project->dir, "reset", "-q", "--hard", "HEAD~1");
	with = collect(project, &experiments);
	without = collect(project, &branches);
	g_assert_true(is_live(with, &tried));
	g_assert_false(is_live(without, &tried));
}

#define ADD(test) g_test_add("/roots/" #test, struct project, &dialect_native, project_set_up, test, project_tear_down)

int main(int argc, char **argv)
{
	kit_init(argc, argv);
	ADD(every_place_keeps_its_objects);
	ADD(scopes_are_kept_apart);
	ADD(projects_of_one_repository_share_a_store);
	ADD(broken_history_is_kept_by_guess);
	ADD(an_unsafe_output_keeps_its_object);
	ADD(what_is_broken_now_stops_a_collection);
	ADD(an_absent_manifest_is_told);
	ADD(visits_see_outputs_as_pipelines_describe_them);
	ADD(experiments_count_when_asked_for);
	return g_test_run();
}
