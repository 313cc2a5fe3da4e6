#include "base/error.h"
#include "kit.h"
#include "repo/revision.h"

#include <sys/stat.h>

/* Add "MODE PATH" to the array in user. */
static bool note(const struct revision_file *file, void *user, GError **error)
{
	(void)error;
	g_ptr_array_add(user, g_strdup_printf("%o %s", file->mode, file->path));
	return true;
}

/* What a walk below path in rev visits, joined. New string. */
static char *walked(struct repo *repo, const char *rev, const char *path, revision_enter enter)
{
	g_autoptr(GPtrArray) files = g_ptr_array_new_with_free_func(g_free);
	g_autoptr(GError) error = NULL;
	char id[REVISION_ID_MAX];

	g_assert_true(revision_resolve(repo, rev, id, &error));
	g_assert_true(revision_walk(repo, id, path, enter, note, files, &error));
	g_assert_no_error(error);
	return kit_join(files);
}

/* The bytes of path in rev. New string. */
static char *bytes_of(struct repo *repo, const char *rev, const char *path)
{
	g_autoptr(GError) error = NULL;
	char id[REVISION_ID_MAX], *data = NULL;
	size_t length = 0;

	g_assert_true(revision_resolve(repo, rev, id, &error));
	revision_read(repo, id, path, 1000, &data, &length, &error);
	g_assert_no_error(error);
	g_assert_cmpuint(strlen(data), ==, length);
	return data;
}

/* All that must hold in any form of the repository that kit_repo() makes. */
static void check_standard(const char *dir)
{
	autoptr(repo) repo = kit_open(dir);
	g_autofree char *all = walked(repo, "HEAD", "", NULL), *below = walked(repo, "HEAD", "dir", NULL);
	g_autofree char *before = bytes_of(repo, "HEAD~1", "a.mlv"), *now = bytes_of(repo, "HEAD", "a.mlv");
	g_autofree char *deep = bytes_of(repo, "HEAD", "dir/b.mlv"),
			*expected = kit_ask(".", "rev-parse", "HEAD", NULL);
	g_autofree char *tree = kit_ask(".", "rev-parse", "HEAD^{tree}", NULL);
	char id[REVISION_ID_MAX], found[REVISION_ID_MAX];

	g_assert_cmpstr(all, ==, "100644 a.mlv|100644 dir-x|100644 dir/b.mlv");
	g_assert_cmpstr(below, ==, "100644 dir/b.mlv");
	g_assert_cmpstr(before, ==, "one\n");
	g_assert_cmpstr(now, ==, "two\n");
	g_assert_cmpstr(deep, ==, "bee\n");
	g_assert_true(revision_has_head(repo));
	g_assert_true(revision_resolve(repo, "HEAD", id, NULL));
	g_assert_cmpstr(id, ==, expected);
	g_assert_true(revision_tree(repo, id, found, NULL));
	g_assert_cmpstr(found, ==, tree);
}

static void reads_plain(gconstpointer reader)
{
	g_autofree char *top = kit_repo(NULL);

	kit_use_reader(reader);
	check_standard(top);
	kit_git(top, "gc", "-q");
	check_standard(top);
	kit_git(top, "checkout", "-q", "--detach");
	check_standard(top);
}

static void reads_sha256(gconstpointer reader)
{
	g_autofree char *top = kit_repo("--object-format=sha256");

	kit_use_reader(reader);
	check_standard(top);
}

static void reads_clones(gconstpointer reader)
{
	g_autofree char *top = kit_repo(NULL), *parent = path_parent(top), *url = g_strconcat("file://", top, NULL);

	kit_use_reader(reader);
	kit_git(top, "config", "uploadpack.allowFilter", "true");
	kit_git(parent, "clone", "-q", "--shared", top, "alternates");
	kit_git(parent, "clone", "-q", "--bare", top, "bare");
	kit_git(parent, "clone", "-q", "--filter=blob:none", "--no-checkout", url, "partial");
	kit_git(parent, "clone", "-q", "--depth=2", url, "shallow");
	g_assert_cmpint(chdir(parent), ==, 0);
	check_standard("alternates");
	check_standard("../bare");
	check_standard("../partial");
	check_standard("../shallow");
}

static void reads_forms(gconstpointer reader)
{
	g_autofree char *top = kit_repo(NULL), *parent = path_parent(top), *linked = path_join(parent, "linked");

	kit_use_reader(reader);
	kit_git(top, "worktree", "add", "-q", linked);
	check_standard(linked);
	kit_git(top, "config", "core.repositoryFormatVersion", "1");
	kit_git(top, "config", "extensions.worktreeConfig", "true");
	check_standard(top);
	check_standard(linked);
	kit_git(top, "update-index", "--split-index");
	check_standard(top);
}

/* In a hook, new objects may lie in a quarantine that the environment names. */
static void reads_quarantine(gconstpointer reader)
{
	g_autofree char *top = kit_repo(NULL), *parent = path_parent(top), *away = path_join(parent, "objects");
	g_autofree char *objects = path_join(top, ".git/objects");

	kit_use_reader(reader);
	g_assert_cmpint(rename(objects, away), ==, 0);
	g_assert_cmpint(g_mkdir_with_parents(objects, 0777), ==, 0);
	g_setenv("GIT_OBJECT_DIRECTORY", away, TRUE);
	check_standard(top);
	g_unsetenv("GIT_OBJECT_DIRECTORY");
}

static void obeys_replacements(gconstpointer reader)
{
	g_autofree char *top = kit_repo(NULL), *old = kit_ask(top, "rev-parse", "HEAD:a.mlv", NULL);
	g_autofree char *other = kit_ask(top, "rev-parse", "HEAD:dir/b.mlv", NULL);

	kit_use_reader(reader);
	kit_git(top, "replace", old, other);
	{
		autoptr(repo) repo = kit_open(top);
		g_autofree char *data = bytes_of(repo, "HEAD", "a.mlv");

		g_assert_cmpstr(data, ==, "bee\n");
	}
}

static void resolves(void)
{
	g_autofree char *top = kit_repo(NULL), *second = kit_ask(top, "rev-parse", "HEAD", NULL);
	g_autofree char *first = kit_ask(top, "rev-parse", "HEAD~1", NULL), *abbreviated = g_strndup(first, 10);
	const struct {
		const char *rev, *expected;
	} cases[] = {
		{"HEAD", second},  {"@", second},        {"main", second},     {"refs/heads/main", second},
		{"HEAD~1", first}, {"main^", first},     {"v1", first},        {"nested", first},
		{first, first},    {abbreviated, first}, {"HEAD@{1}", first},  {":/first", first},
		{"HEAD~2", NULL},  {"absent", NULL},     {"", NULL},           {"-q", NULL},
		{"^HEAD", NULL},   {"HEAD..v1", NULL},   {"HEAD:a.mlv", NULL}, {"HEAD\nHEAD", NULL},
		{"--all", NULL},   {"HEAD:", NULL},      {"two words", NULL},  {"\xff", NULL},
	};
	autoptr(repo) repo = NULL;

	kit_git(top, "tag", "-a", "-m", "x", "v1", first);
	kit_git(top, "tag", "-a", "-m", "x", "nested", "v1");
	repo = kit_open(top);
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(GError) error = NULL;
		char id[REVISION_ID_MAX];
		bool found = revision_resolve(repo, cases[i].rev, id, &error);

		if (cases[i].expected) {
			g_assert_no_error(error);
			g_assert_cmpstr(id, ==, cases[i].expected);
		} else {
			g_assert_false(found);
			g_assert_error(error, MLV_ERROR, ERROR_NOT_FOUND);
		}
	}
}

static void knows_unborn_head(void)
{
	g_autofree char *dir = kit_dir();
	g_autoptr(GError) error = NULL;
	g_autoptr(GPtrArray) commits = NULL;
	autoptr(repo) repo = NULL;

	kit_git(dir, "init", "-q");
	repo = kit_open(dir);
	g_assert_false(revision_has_head(repo));
	commits = revision_list(repo, ~0u, &error);
	g_assert_no_error(error);
	g_assert_cmpuint(commits->len, ==, 0);
}

static bool not_dir(const char *dir, void *user)
{
	(void)user;
	return strcmp(dir, "dir") != 0;
}

static bool stop_at_dir(const struct revision_file *file, void *user, GError **error)
{
	(void)user;
	if (!g_str_has_prefix(file->path, "dir"))
		return true;
	error_set(error, ERROR_CONFLICT, "enough");
	return false;
}

static void walks_as_told(gconstpointer reader)
{
	g_autofree char *top = kit_repo(NULL), *pruned = NULL, *absent = NULL, *file = NULL;
	autoptr(repo) repo = NULL;
	g_autoptr(GError) error = NULL;
	char id[REVISION_ID_MAX];

	kit_use_reader(reader);
	repo = kit_open(top);
	pruned = walked(repo, "HEAD", "", not_dir);
	g_assert_cmpstr(pruned, ==, "100644 a.mlv|100644 dir-x");
	absent = walked(repo, "HEAD", "no/such", NULL);
	g_assert_cmpstr(absent, ==, "");
	file = walked(repo, "HEAD", "a.mlv/x", NULL);
	g_assert_cmpstr(file, ==, "");
	g_assert_true(revision_resolve(repo, "HEAD", id, NULL));
	g_assert_false(revision_walk(repo, id, "", NULL, stop_at_dir, NULL, &error));
	g_assert_error(error, MLV_ERROR, ERROR_CONFLICT);
	g_clear_error(&error);
	memset(id, 'b', strlen(id));
	g_assert_false(revision_walk(repo, id, "", NULL, stop_at_dir, NULL, &error));
	g_assert_error(error, MLV_ERROR, ERROR_NOT_FOUND);
}

/* Kinds and names: an executable, a link, a submodule, newlines, quotes and no UTF-8. */
static void walks_odd_entries(gconstpointer reader)
{
	g_autofree char *top = kit_repo(NULL), *found = NULL, *data = NULL;
	g_autofree char *name = path_join(top, "d\n\"\xff/x\ty"), *link = path_join(top, "l"),
			*run = path_join(top, "run");
	g_autofree char *head = kit_ask(top, "rev-parse", "HEAD", NULL);
	g_autofree char *submodule = g_strdup_printf("160000,%s,s", head);
	autoptr(repo) repo = NULL;

	kit_use_reader(reader);
	kit_git(top, "rm", "-rq", ".");
	kit_write(name, "odd");
	kit_write(run, "");
	g_assert_cmpint(chmod(run, 0755), ==, 0);
	g_assert_cmpint(symlink("nowhere", link), ==, 0);
	kit_git(top, "add", ".");
	kit_git(top, "update-index", "--add", "--cacheinfo", submodule);
	kit_git(top, "commit", "-q", "-m", "odd");
	repo = kit_open(top);
	found = walked(repo, "HEAD", "", NULL);
	g_assert_cmpstr(found, ==, "100644 d\n\"\xff/x\ty|120000 l|100755 run|160000 s");
	data = bytes_of(repo, "HEAD", "d\n\"\xff/x\ty");
	g_assert_cmpstr(data, ==, "odd");
}

static void reads_within_limits(gconstpointer reader)
{
	g_autofree char *top = kit_repo(NULL), *blob = kit_ask(top, "rev-parse", "HEAD:a.mlv", NULL), *data = NULL;
	static const char *const none[] = {"absent", "dir", "dir/absent", "a.mlv/x", "../a.mlv", NULL};
	autoptr(repo) repo = NULL;
	g_autoptr(GError) error = NULL;
	char id[REVISION_ID_MAX];
	size_t length;

	kit_use_reader(reader);
	repo = kit_open(top);
	g_assert_true(revision_resolve(repo, "HEAD", id, NULL));
	for (int i = 0; none[i]; i++) {
		g_assert_false(revision_read(repo, id, none[i], 100, &data, &length, &error));
		g_assert_error(error, MLV_ERROR, ERROR_NOT_FOUND);
		g_clear_error(&error);
	}
	g_assert_false(revision_read(repo, id, "a.mlv", 3, &data, &length, &error));
	g_assert_error(error, MLV_ERROR, ERROR_UNSAFE);
	g_clear_error(&error);
	g_assert_true(revision_read(repo, id, "a.mlv", 4, &data, &length, &error));
	g_assert_cmpstr(data, ==, "two\n");
	g_clear_pointer(&data, g_free);
	g_assert_true(revision_read_blob(repo, blob, 4, &data, NULL, &error));
	g_assert_cmpstr(data, ==, "two\n");
	g_clear_pointer(&data, g_free);
	g_assert_false(revision_read_blob(repo, id, 1000, &data, &length, &error)); /* a commit */
	g_assert_error(error, MLV_ERROR, ERROR_NOT_FOUND);
	g_clear_error(&error);
	g_assert_false(revision_tree(repo, blob, id, &error));
	g_assert_error(error, MLV_ERROR, ERROR_CORRUPT);
}

/* A damaged object is an error, whoever reads it, and does not end the reading of others. */
static void refuses_corrupt_objects(gconstpointer reader)
{
	g_autofree char *top = kit_repo(NULL), *blob = kit_ask(top, "rev-parse", "HEAD:a.mlv", NULL), *data = NULL;
	g_autofree char *relative = g_strdup_printf(".git/objects/%.2s/%s", blob, blob + 2);
	g_autofree char *path = path_join(top, relative);
	autoptr(repo) repo = NULL;
	g_autoptr(GError) error = NULL;

	kit_use_reader(reader);
	g_assert_cmpint(unlink(path), ==, 0);
	kit_write(path, "no object at all");
	repo = kit_open(top);
	g_assert_false(revision_read_blob(repo, blob, 1000, &data, NULL, &error));
	g_assert_nonnull(error);
	g_clear_error(&error);
	g_assert_true(revision_has_head(repo)); /* the reader lives on */
}

/* Trees as git never writes them are made by hand. */
static void refuses_hostile_trees(gconstpointer reader)
{
	static const char *const names[] = {"..", "a/b", ".", NULL};
	g_autofree char *top = kit_repo(NULL);

	kit_use_reader(reader);
	for (int i = 0; names[i]; i++) {
		static const char *const hash[] = {"git",         "hash-object", "-t",   "tree",
						   "--literally", "-w",          "tree", NULL};
		g_autofree char *file = path_join(top, "tree"), *tree = NULL, *commit = NULL;
		g_autoptr(GString) text = g_string_new("100644 ");
		g_autoptr(GError) error = NULL;
		g_autoptr(GPtrArray) files = g_ptr_array_new_with_free_func(g_free);
		autoptr(repo) repo = NULL;

		g_string_append_len(text, names[i], strlen(names[i]) + 1);
		g_string_append_len(text, "01234567890123456789", 20);
		g_assert_true(g_file_set_contents(file, text->str, text->len, NULL));
		tree = kit_run(top, hash);
		commit = kit_ask(top, "commit-tree", "-m", "x", tree, NULL);
		repo = kit_open(top);
		g_assert_false(revision_walk(repo, commit, "", NULL, note, files, &error));
		g_assert_error(error, MLV_ERROR, ERROR_CORRUPT);
		g_assert_cmpuint(files->len, ==, 0);
	}
}

static void walks_many_once(gconstpointer reader)
{
	g_autofree char *top = kit_repo(NULL), *found = NULL;
	g_autoptr(GPtrArray) files = g_ptr_array_new_with_free_func(g_free),
			     ids = g_ptr_array_new_with_free_func(g_free);
	g_autoptr(GError) error = NULL;
	autoptr(repo) repo = NULL;

	kit_use_reader(reader);
	g_ptr_array_add(ids, kit_ask(top, "rev-parse", "HEAD", NULL));
	g_ptr_array_add(ids, kit_ask(top, "rev-parse", "HEAD~1", NULL));
	g_ptr_array_add(ids, kit_ask(top, "rev-parse", "HEAD", NULL));
	repo = kit_open(top);
	g_assert_true(revision_walk_many(repo, ids, NULL, note, files, &error));
	found = kit_join(files);
	g_assert_cmpstr(found, ==, "100644 a.mlv|100644 dir-x|100644 dir/b.mlv|100644 a.mlv|100644 dir-x");
}

/* Without a choice from outside, a run of many reads changes over to libgit2 on the way, and no answer differs. */
static void changes_reader_on_the_way(void)
{
	g_autofree char *top = kit_repo(NULL), *old = kit_ask(top, "rev-parse", "HEAD~1", NULL);
	autoptr(repo) repo = kit_open(top);

	g_unsetenv("GIT_MLV_PLUMBING");
	for (int i = 0; i < 150; i++) {
		g_autofree char *all = walked(repo, "HEAD", "", NULL), *data = bytes_of(repo, old, "a.mlv");

		g_assert_cmpstr(all, ==, "100644 a.mlv|100644 dir-x|100644 dir/b.mlv");
		g_assert_cmpstr(data, ==, "one\n");
	}
	/* Objects that came since are seen. */
	kit_git(top, "commit", "-q", "--allow-empty", "-m", "third");
	kit_git(top, "gc", "-q", "--prune=now");
	{
		g_autofree char *all = walked(repo, "HEAD", "", NULL);

		g_assert_cmpstr(all, ==, "100644 a.mlv|100644 dir-x|100644 dir/b.mlv");
	}
}

static void lists_ref_names(void)
{
	g_autofree char *top = kit_repo(NULL), *heads = NULL, *none = NULL;
	g_autoptr(GError) error = NULL;
	g_autoptr(GPtrArray) refs = NULL, empty = NULL;
	autoptr(repo) repo = NULL;

	kit_git(top, "branch", "b/\xc3\xa4");
	kit_git(top, "branch", "a");
	kit_git(top, "tag", "t");
	repo = kit_open(top);
	refs = revision_refs(repo, "refs/heads/", &error);
	empty = revision_refs(repo, "refs/hea", &error);
	g_assert_no_error(error);
	heads = kit_join(refs);
	none = kit_join(empty);
	g_assert_cmpstr(heads, ==, "refs/heads/a|refs/heads/b/\xc3\xa4|refs/heads/main");
	g_assert_cmpstr(none, ==, "");
}

int main(int argc, char **argv)
{
	kit_init(argc, argv);
	KIT_ADD_READERS("/revision/reads-plain", reads_plain);
	KIT_ADD_READERS("/revision/reads-sha256", reads_sha256);
	KIT_ADD_READERS("/revision/reads-clones", reads_clones);
	KIT_ADD_READERS("/revision/reads-forms", reads_forms);
	KIT_ADD_READERS("/revision/reads-quarantine", reads_quarantine);
	KIT_ADD_READERS("/revision/obeys-replacements", obeys_replacements);
	KIT_ADD_READERS("/revision/walks-as-told", walks_as_told);
	KIT_ADD_READERS("/revision/walks-odd-entries", walks_odd_entries);
	KIT_ADD_READERS("/revision/reads-within-limits", reads_within_limits);
	KIT_ADD_READERS("/revision/refuses-corrupt-objects", refuses_corrupt_objects);
	KIT_ADD_READERS("/revision/refuses-hostile-trees", refuses_hostile_trees);
	KIT_ADD_READERS("/revision/walks-many-once", walks_many_once);
	g_test_add_func("/revision-choice/changes-reader-on-the-way", changes_reader_on_the_way);
	g_test_add_func("/revision-names/resolves", resolves);
	g_test_add_func("/revision-names/knows-unborn-head", knows_unborn_head);
	g_test_add_func("/revision-names/lists-ref-names", lists_ref_names);
	return g_test_run();
}
