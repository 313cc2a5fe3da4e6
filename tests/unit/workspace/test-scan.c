#include "project.h"

#include "index/index.h"
#include "workspace/scan.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

static struct scan *scan(struct project *project, const char *path, const char *inside, bool no_hash)
{
	const struct scan_options options = {
		.path = path, .inside = inside, .algo = project->ws->dialect->algo, .no_hash = no_hash};
	g_autoptr(GError) error = NULL;
	struct scan *found = scan_path(project->ws, &options, &error);

	g_assert_no_error(error);
	return found;
}

/* "path mode" of each file that was found, joined by '|'; modes as native manifests write them. */
static void assert_files(const struct scan *found, const char *expected)
{
	g_autoptr(GString) text = g_string_new(NULL);

	for (guint i = 0; i < found->files->len; i++) {
		const struct scan_file *file = scan_get(found, i);

		g_string_append_printf(text, "%s%s %c", i ? "|" : "", file->path, "-xld"[file->mode]);
	}
	g_assert_cmpstr(text->str, ==, expected);
}

static void link_to(struct project *project, const char *path, const char *target)
{
	g_autofree char *full = path_join(project->root, path);

	g_assert_cmpint(symlink(target, full), ==, 0);
}

static void make_executable(struct project *project, const char *path)
{
	g_autofree char *full = path_join(project->root, path);

	g_assert_cmpint(chmod(full, 0755), ==, 0);
}

static void make_socket(struct project *project, const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	auto_fd int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	/* Socket names are short: go where it is to be. */
	g_assert_cmpint(chdir(project->root), ==, 0);
	g_strlcpy(address.sun_path, path, sizeof(address.sun_path));
	g_assert_cmpint(bind(fd, (struct sockaddr *)&address, sizeof(address)), ==, 0);
}

/* A folder with one of everything. */
static void make_zoo(struct project *project)
{
	g_autofree char *empty = path_join(project->root, "zoo/empty"), *temp = file_temp_name();
	g_autofree char *left_over = path_join("zoo", temp);

	project_write(project, "zoo/a", "a");
	project_write(project, "zoo/run", "x");
	project_write(project, "zoo/sub/b", "bb");
	project_write(project, "zoo/.git/config", "");
	project_write(project, "zoo/skip.tmp", "");
	project_write(project, left_over, "half");
	make_executable(project, "zoo/run");
	link_to(project, "zoo/file", "a");
	link_to(project, "zoo/folder", "sub");
	link_to(project, "zoo/nowhere", "none");
	make_socket(project, "zoo/socket");
	g_assert_cmpint(mkdir(empty, 0755), ==, 0);
}

static void native_keeps_almost_everything(struct project *project, gconstpointer dialect)
{
	autoptr(scan) found = NULL;

	(void)dialect;
	project_write(project, ".mlvignore", "*.tmp\n");
	make_zoo(project);
	found = scan(project, "zoo", NULL, false);
	g_assert_cmpint(found->kind, ==, SCAN_DIR);
	assert_files(found, "a -|empty d|file l|folder l|nowhere l|run x|sub/b -");
	g_assert_null(found->refusal);
	g_assert_cmpuint(found->unkept->len, ==, 1);
	g_assert_cmpuint(found->temps->len, ==, 1);
	g_assert_true(g_str_has_prefix(found->temps->pdata[0], "zoo/" FILE_TEMP_PREFIX));
	g_assert_cmpuint(manifest_count(found->manifest), ==, 7);
	g_assert_cmpuint(manifest_files(found->manifest), ==, 6);
	g_assert_true(oid_equal(&found->oid, &(struct oid){0}) == false && found->oid.dir);
}

static void dvc_follows_links_to_files(struct project *project, gconstpointer dialect)
{
	autoptr(scan) found = NULL;

	(void)dialect;
	project_write(project, ".dvcignore", "*.tmp\n");
	make_zoo(project);
	found = scan(project, "zoo", NULL, false);
	assert_files(found, "a -|file -|run -|sub/b -");
	g_assert_true(scan_get(found, 1)->followed);
	g_assert_true(oid_equal(&scan_get(found, 0)->oid, &scan_get(found, 1)->oid));
	/* The link that leads nowhere is what DVC would stop at. */
	g_assert_nonnull(strstr(found->refusal, "nowhere"));
	g_assert_cmpuint(found->unkept->len, ==, 4);
}

static void dvc_refuses_what_it_could_not_read_back(struct project *project, gconstpointer dialect)
{
	autoptr(scan) name = NULL;
	autoptr(scan) rules = NULL;

	(void)dialect;
	project_write(project, "d/\xff", "x");
	name = scan(project, "d", NULL, false);
	g_assert_nonnull(strstr(name->refusal, "UTF-8"));
	project_write(project, "e/.dvcignore", "b\n");
	project_write(project, "e/a", "a");
	project_write(project, "e/b", "b");
	rules = scan(project, "e", NULL, false);
	g_assert_nonnull(rules->refusal);
	assert_files(rules, ".dvcignore -|a -");
}

static void any_bytes_are_a_name_natively(struct project *project, gconstpointer dialect)
{
	autoptr(scan) found = NULL;

	(void)dialect;
	project_write(project, "d/\xff\n\"", "x");
	found = scan(project, "d", NULL, false);
	g_assert_null(found->refusal);
	assert_files(found, "\xff\n\" -");
}

static void single_things_are_told_apart(struct project *project, gconstpointer dialect)
{
	autoptr(scan) file = NULL;
	autoptr(scan) link = NULL;
	autoptr(scan) none = NULL;
	autoptr(scan) socket = NULL;
	autoptr(scan) behind = NULL;

	(void)dialect;
	project_write(project, "f", "text");
	project_write(project, "dir/inner", "text");
	make_executable(project, "f");
	link_to(project, "l", "f");
	link_to(project, "way", "dir");
	make_socket(project, "s");
	file = scan(project, "f", NULL, false);
	g_assert_cmpint(file->kind, ==, SCAN_FILE);
	g_assert_true(scan_is_exec(file));
	g_assert_cmpuint(file->size, ==, 4);
	g_assert_false(oid_is_none(&file->oid));
	link = scan(project, "l", NULL, false);
	g_assert_cmpint(link->kind, ==, SCAN_LINK);
	none = scan(project, "missing/x", NULL, false);
	g_assert_cmpint(none->kind, ==, SCAN_ABSENT);
	socket = scan(project, "s", NULL, false);
	g_assert_cmpint(socket->kind, ==, SCAN_OTHER);
	/* What a link leads to is not ours to look at. */
	behind = scan(project, "way/inner", NULL, false);
	g_assert_cmpint(behind->kind, ==, SCAN_ABSENT);
}

static void a_part_of_a_folder_has_its_paths_from_the_folder(struct project *project, gconstpointer dialect)
{
	autoptr(scan) part = NULL;
	autoptr(scan) single = NULL;
	autoptr(scan) gone = NULL;

	(void)dialect;
	project_write(project, "d/in/a", "a");
	project_write(project, "d/in/deep/b", "b");
	project_write(project, "d/out", "c");
	part = scan(project, "d", "in", false);
	assert_files(part, "in/a -|in/deep/b -");
	single = scan(project, "d", "in/a", false);
	assert_files(single, "in/a -");
	g_assert_cmpint(single->kind, ==, SCAN_DIR);
	gone = scan(project, "d", "none", false);
	assert_files(gone, "");
	g_assert_cmpint(gone->kind, ==, SCAN_DIR);
}

static void the_index_saves_reading(struct project *project, gconstpointer dialect)
{
	autoptr(scan) first = NULL;
	autoptr(scan) second = NULL;
	autoptr(scan) third = NULL;
	g_autoptr(GError) error = NULL;

	(void)dialect;
	project_write(project, "d/a", "a");
	project_write(project, "d/b", "b");
	first = scan(project, "d", NULL, false);
	g_assert_cmpuint(first->hashed, ==, 2);
	/* Entries as young as the files themselves are not trusted. */
	g_usleep(50000);
	scan_free(g_steal_pointer(&first));
	first = scan(project, "d", NULL, false);
	g_assert_true(index_commit(workspace_index(project->ws, NULL), &error));
	project_reopen(project);
	second = scan(project, "d", NULL, false);
	g_assert_cmpuint(second->hashed, ==, 0);
	g_assert_true(oid_equal(&first->oid, &second->oid));
	project_write(project, "d/b", "c");
	third = scan(project, "d", NULL, true);
	g_assert_false(scan_get(third, 0)->fresh);
	g_assert_true(scan_get(third, 1)->fresh);
	g_assert_true(oid_is_none(&scan_get(third, 1)->oid));
	g_assert_null(third->manifest);
}

#define ADD(test, dialect) g_test_add("/scan/" #test, struct project, &dialect, project_set_up, test, project_tear_down)

int main(int argc, char **argv)
{
	kit_init(argc, argv);
	ADD(native_keeps_almost_everything, dialect_native);
	ADD(dvc_follows_links_to_files, dialect_dvc);
	ADD(dvc_refuses_what_it_could_not_read_back, dialect_dvc);
	ADD(any_bytes_are_a_name_natively, dialect_native);
	ADD(single_things_are_told_apart, dialect_native);
	ADD(a_part_of_a_folder_has_its_paths_from_the_folder, dialect_native);
	ADD(the_index_saves_reading, dialect_native);
	return g_test_run();
}
