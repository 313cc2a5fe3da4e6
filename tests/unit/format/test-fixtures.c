/* Files that DVC wrote: they are read and written again byte for byte, and changed as DVC changed them. */
#include "../tap.h"

#include "doc/yaml.h"
#include "fixture.h"
#include "format/configobj.h"
#include "format/lockfile.h"
#include "format/pointer.h"

/* Files below dir whose names end so, relative to it, DVC's own folder left out. */
static char **find_files(const char *dir, const char *suffix)
{
	g_autofree char *quoted = g_shell_quote(dir);
	g_autofree char *command = g_strdup_printf(
		"sh -c 'cd \"$1\" && find . -name .dvc -prune -o -name .git -prune -o -type f -name \"*$2\" -print' - %s %s",
		quoted, suffix);
	g_autofree char *out = NULL;

	g_assert_true(g_spawn_command_line_sync(command, &out, NULL, NULL, NULL));
	g_strchomp(out);
	return g_strsplit(out, "\n", -1);
}

static char *write_pointer(const struct pointer *pointer)
{
	size_t length;

	return pointer_write(pointer, &length);
}

static struct pointer *read_pointer(const char *text)
{
	g_autoptr(GError) error = NULL;
	struct pointer *pointer = pointer_read(text, strlen(text), "file.dvc", &dialect_dvc, &error);

	g_assert_no_error(error);
	return pointer;
}

/* The tree, written from nothing, is what DVC wrote, unless the text has comments or a style of its own. */
static void assert_rewrites(const char *text)
{
	autoptr(doc) doc = yaml_read(text, strlen(text), "file", NULL);
	g_autoptr(GString) again = NULL;

	g_assert_nonnull(doc);
	again = yaml_write(doc->root);
	if (!strpbrk(text, "#{[") && !strstr(text, "\xe2\x80\xa8"))
		g_assert_cmpstr(again->str, ==, text);
}

static void pointers_and_locks(gconstpointer name)
{
	g_autofree char *project = fixture_unpack(name, NULL);
	g_auto(GStrv) pointers = NULL, locks = NULL;

	if (!project)
		return;
	pointers = find_files(project, ".dvc");
	locks = find_files(project, "dvc.lock");
	for (char **file = pointers; *file && **file; file++) {
		g_autofree char *text = fixture_read(project, *file, NULL);
		autoptr(pointer) pointer = read_pointer(text);
		g_autofree char *again = write_pointer(pointer);

		g_assert_cmpstr(again, ==, text);
		assert_rewrites(text);
	}
	for (char **file = locks; *file && **file; file++) {
		size_t length;
		g_autofree char *text = fixture_read(project, *file, &length);
		autoptr(lockfile) lockfile = lockfile_read(text, length, *file, &dialect_dvc, NULL);
		g_autofree char *again = NULL;

		g_assert_nonnull(lockfile);
		again = lockfile_write(lockfile, &length);
		g_assert_cmpstr(again, ==, text);
		assert_rewrites(text);
	}
}

/* The text without what stands from `from` up to `to`. New string. */
static char *cut(const char *text, const char *from, const char *to)
{
	g_auto(GStrv) before = g_strsplit(text, from, 2);
	g_auto(GStrv) after = g_strsplit(text, to, 2);

	g_assert_cmpuint(g_strv_length(before), ==, 2);
	g_assert_cmpuint(g_strv_length(after), ==, 2);
	return g_strconcat(before[0], to, after[1], NULL);
}

/* Every value in the lock of 10-yaml is one of DVC's styles; the one stage whose values DVC cannot read back is left out. */
static void every_style(void)
{
	g_autofree char *project = fixture_unpack("10-yaml", NULL);
	g_autofree char *text = NULL, *wanted = NULL;
	autoptr(doc) doc = NULL;
	g_autoptr(GString) again = NULL;

	if (!project)
		return;
	text = fixture_read(project, "dvc.lock", NULL);
	wanted = cut(text, "  odd:\n", "  long:\n");
	doc = yaml_read(wanted, strlen(wanted), "dvc.lock", NULL);
	again = yaml_write(doc->root);
	g_assert_cmpstr(again->str, ==, wanted);
}

/* Give each entry the content that the entry of the same place has in `from`. */
static void take_content(const GPtrArray *to, const GPtrArray *from)
{
	g_assert_cmpuint(to->len, ==, from->len);
	for (guint i = 0; i < to->len; i++) {
		struct entry *entry = g_ptr_array_index(to, i);
		const struct entry *other = g_ptr_array_index(from, i);

		g_free(entry->path);
		entry->path = g_strdup(other->path);
		entry->oid = other->oid;
		entry->has_size = other->has_size;
		entry->size = other->size;
		entry->has_nfiles = other->has_nfiles;
		entry->nfiles = other->nfiles;
		entry->isexec = other->isexec;
		entry->repo = other->repo;
	}
}

struct update {
	const char *fixture, *files;
};

/* From the old file and the new values alone comes the very text that DVC wrote. */
static void updates(gconstpointer data)
{
	const struct update *update = data;
	g_autofree char *project = fixture_unpack(update->fixture, NULL);
	g_autofree char *home = fixture_home();
	g_autofree char *answers = g_strdup_printf("%s/%s.expected/%s", home, update->fixture, update->files);
	g_auto(GStrv) files = NULL;

	if (!project)
		return;
	files = find_files(answers, ".dvc");
	g_assert_true(files[0] && *files[0]);
	for (char **file = files; *file; file++) {
		g_autofree char *old = fixture_read(project, *file, NULL);
		g_autofree char *new = fixture_read(answers, *file, NULL);
		autoptr(pointer) wanted = read_pointer(new);
		autoptr(pointer) pointer = read_pointer(old);
		g_autofree char *text = NULL;

		/* DVC takes needless quotes away all over a file that it changes; here they stay. */
		if (strpbrk(old, "\"'"))
			continue;
		take_content(pointer->deps, wanted->deps);
		take_content(pointer->outs, wanted->outs);
		text = write_pointer(pointer);
		g_assert_cmpstr(text, ==, new);
	}
}

/* DVC's config files are written as they were read. */
static void configs(void)
{
	static const char *const states[] = {"set/set-project", "set/modify2", "set/modify3", "set/modify-empty",
					     "set/remove", "set/url-rel", "rename-with-local-part/rename"};
	g_autofree char *home = fixture_home();

	if (!g_file_test(home, G_FILE_TEST_IS_DIR)) {
		g_test_skip("the fixtures are not here");
		return;
	}
	for (size_t i = 0; i < G_N_ELEMENTS(states); i++) {
		static const char *const names[] = {"config", "config.local"};

		for (size_t k = 0; k < G_N_ELEMENTS(names); k++) {
			g_autofree char *file = g_strdup_printf("states/%s.files/.dvc/%s", states[i], names[k]);
			g_autofree char *text = fixture_answer("09-config", file);
			autoptr(configobj) config = configobj_read(text, strlen(text), file, NULL);
			g_autofree char *again = NULL;
			g_autoptr(GError) error = NULL;
			size_t length;

			configobj_check(config, file, &error);
			g_assert_no_error(error);
			again = configobj_write(config, &length);
			g_assert_cmpstr(again, ==, text);
		}
	}
}

int main(int argc, char **argv)
{
	static const char *const fixtures[] = {"01-files", "02-dir",   "03-legacy2x", "04-pipeline", "05-templating",
					       "06-multi", "07-flags", "08-imports",  "10-yaml",     "12-runcache"};
	static const struct update update_list[] = {
		{"01-files", "states/changed/add.files"},     {"02-dir", "states/changed/add.files"},
		{"03-legacy2x", "states/changed/add.files"},  {"03-legacy2x", "states/migrate-files/migrate.files"},
		{"07-flags", "states/changed/add.files"},     {"08-imports", "states/source-moved/update.files"},
		{"10-yaml", "states/edit/add.files"},
	};

	tap_init(argc, argv);
	for (size_t i = 0; i < G_N_ELEMENTS(fixtures); i++) {
		g_autofree char *path = g_strdup_printf("/fixtures/pointers_and_locks/%s", fixtures[i]);

		g_test_add_data_func(path, fixtures[i], pointers_and_locks);
	}
	for (size_t i = 0; i < G_N_ELEMENTS(update_list); i++) {
		g_autofree char *path = g_strdup_printf("/fixtures/updates/%zu-%s", i, update_list[i].fixture);

		g_test_add_data_func(path, &update_list[i], updates);
	}
	g_test_add_func("/fixtures/every_style", every_style);
	g_test_add_func("/fixtures/configs", configs);
	return g_test_run();
}
