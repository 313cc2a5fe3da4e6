#include "../workspace/project.h"

#include "measure/snapshot.h"
#include "repo/revision.h"

#define LIMIT ((size_t)1 << 20)

static struct snapshot *open_at(struct project *project, const char *revision)
{
	g_autoptr(GError) error = NULL;
	char id[REVISION_ID_MAX];
	struct snapshot *snapshot;

	g_assert_true(!revision || revision_resolve(project->repo, revision, id, &error));
	g_assert_no_error(error);
	snapshot = snapshot_open(project->ws, revision ? id : NULL, &error);
	g_assert_no_error(error);
	return snapshot;
}

static void assert_reads(struct snapshot *snapshot, const char *path, const char *text)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *data = NULL;
	size_t length;

	g_assert_true(snapshot_read(snapshot, path, LIMIT, &data, &length, &error));
	g_assert_cmpstr(data, ==, text);
	g_assert_cmpuint(length, ==, strlen(text));
}

static void assert_refuses(struct snapshot *snapshot, const char *path, enum error_code code, const char *hint)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *data = NULL;

	g_assert_false(snapshot_read(snapshot, path, LIMIT, &data, NULL, &error));
	g_assert_error(error, MLV_ERROR, (int)code);
	g_assert_cmpstr(error_get_hint(error), ==, hint);
}

static void assert_expands(struct snapshot *snapshot, const char *path, const char *joined)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GPtrArray) files = snapshot_expand(snapshot, path, &error);
	g_autofree char *text = NULL;

	g_assert_no_error(error);
	text = kit_join(files);
	g_assert_cmpstr(text, ==, joined);
}

/* One file in Git, one tracked, a tracked folder; then all of them change. */
static void set_up(struct project *project)
{
	project_write(project, "plain", "old plain");
	project_write(project, "file", "old file");
	project_write(project, "dir/a", "old a");
	project_write(project, "dir/sub/b", "old b");
	project_add(project, "file", "dir");
	project_commit(project, "first");
	project_write(project, "plain", "new plain");
	project_write(project, "file", "new file");
	project_write(project, "dir/a", "new a");
}

static void each_place_is_looked_at(struct project *project, gconstpointer dialect)
{
	autoptr(snapshot) now = NULL;
	autoptr(snapshot) then = NULL;

	(void)dialect;
	set_up(project);
	now = open_at(project, NULL);
	then = open_at(project, "HEAD");
	assert_reads(now, "plain", "new plain");
	assert_reads(now, "file", "new file");
	assert_reads(now, "dir/a", "new a");
	assert_reads(then, "plain", "old plain");
	assert_reads(then, "file", "old file");
	assert_reads(then, "dir/sub/b", "old b");
	assert_refuses(then, "dir/none", ERROR_NOT_FOUND, "git mlv fetch dir");
	assert_refuses(now, "none", ERROR_NOT_FOUND, NULL);
	assert_refuses(now, "../x", ERROR_UNSAFE, NULL);
	assert_refuses(now, "dir", ERROR_UNSAFE, NULL);
	project_delete(project, "file");
	project_delete(project, "dir");
	assert_reads(now, "file", "old file");
	assert_reads(now, "dir/a", "old a");
}

static void what_the_store_lost_is_missed(struct project *project, gconstpointer dialect)
{
	autoptr(snapshot) then = NULL;
	struct oid oid;

	(void)dialect;
	project_write(project, "file", "text");
	project_add(project, "file");
	project_commit(project, "first");
	oid = project_oid(project, "file");
	project_lose(project, &oid);
	then = open_at(project, "HEAD");
	assert_refuses(then, "file", ERROR_NOT_FOUND, "git mlv fetch file");
}

static void folders_stand_for_their_files(struct project *project, gconstpointer dialect)
{
	autoptr(snapshot) now = NULL;
	autoptr(snapshot) then = NULL;

	set_up(project);
	project_write(project, dialect == &dialect_dvc ? ".dvcignore" : ".mlvignore", "/dir/*.tmp\n");
	project_write(project, "dir/c", "c");
	project_write(project, "dir/x.tmp", "x");
	project_write(project, "more/p", "p");
	project_write(project, "more/q/r", "r");
	project_add(project, "more/q");
	project_commit(project, "second");
	project_delete(project, "dir/a");
	project_reopen(project);
	now = open_at(project, NULL);
	then = open_at(project, "HEAD");
	assert_expands(now, "dir", "dir/a|dir/c|dir/sub/b");
	assert_expands(then, "dir", "dir/a|dir/sub/b");
	assert_expands(then, "dir/sub", "dir/sub/b");
	assert_expands(now, "plain", "plain");
	assert_expands(now, "none", "none");
	assert_expands(then, "file", "file");
	assert_expands(then, "more", "more/.gitignore|more/p|more/q/r");
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		void (*test)(struct project *, gconstpointer);
	} tests[] = {
		{"each-place", each_place_is_looked_at},
		{"lost", what_the_store_lost_is_missed},
		{"folders", folders_stand_for_their_files},
	};
	static const struct dialect *const dialects[] = {&dialect_native, &dialect_dvc};

	tap_init(argc, argv);
	for (gsize i = 0; i < G_N_ELEMENTS(tests); i++)
		for (gsize j = 0; j < G_N_ELEMENTS(dialects); j++) {
			g_autofree char *path = g_strdup_printf("/measure/snapshot/%s/%zu", tests[i].name, j);

			g_test_add(path, struct project, dialects[j], project_set_up, tests[i].test, project_tear_down);
		}
	return g_test_run();
}
