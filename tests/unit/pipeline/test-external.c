/* external: what lies outside the project; the text in which the network program answers */
#include "pipeline-kit.h"

#include "pipeline/external-answer.h"
#include "pipeline/stale.h"

#include <string.h>

static void answers_come_back(void)
{
	const struct external_answer answers[] = {
		{.state = EXTERNAL_FOUND, .key = "etag", .text = "\"a b\"", .has_size = true, .size = 12},
		{.state = EXTERNAL_ABSENT},
		{.state = EXTERNAL_FAILED, .text = "no such host"},
		{.state = EXTERNAL_FOUND, .key = "checksum", .text = "x"},
	};
	g_autoptr(GString) text = g_string_new(NULL);
	g_autoptr(GError) error = NULL;
	const char *at, *end;

	for (size_t i = 0; i < G_N_ELEMENTS(answers); i++)
		external_answer_write(&answers[i], text);
	at = text->str;
	end = text->str + text->len;
	for (size_t i = 0; i < G_N_ELEMENTS(answers); i++) {
		struct external_answer read;

		g_assert_true(external_answer_read(&at, end, &read, &error));
		g_assert_no_error(error);
		g_assert_cmpint(read.state, ==, answers[i].state);
		g_assert_cmpstr(read.key, ==, answers[i].key);
		g_assert_cmpstr(read.text, ==, answers[i].text);
		g_assert_cmpint(read.has_size, ==, answers[i].has_size);
		g_assert_cmpuint(read.size, ==, answers[i].size);
	}
	g_assert_true(at == end);
}

static void assert_refused(const char *text, size_t length)
{
	const char *at = text;
	struct external_answer answer;
	g_autoptr(GError) error = NULL;

	g_assert_false(external_answer_read(&at, text + length, &answer, &error));
	g_assert_true(error_is(error, ERROR_CORRUPT));
}

#define REFUSED(text) assert_refused(text, sizeof(text) - 1)

static void other_texts_are_refused(void)
{
	REFUSED("");
	REFUSED("found\0etag\0x\0");
	REFUSED("lost\0etag\0x\0\0");
	REFUSED("found\0sha1\0x\0\0");
	REFUSED("found\0etag\0\0\0");
	REFUSED("found\0etag\0x\0-1\0");
	REFUSED("found\0etag\0x\00099999999999999999999\0");
}

static void marks_are_compared(void)
{
	struct external_fact fact = {.found = true, .etag = (char *)"\"AbC\""};
	autoptr(entry) entry = entry_new("https://example.org/x");

	g_assert_false(external_is_same(&fact, NULL));
	g_assert_false(external_is_same(&fact, entry));
	entry->etag = g_strdup("\"abc\"");
	g_assert_false(external_is_same(&fact, entry));
	fact.is_checksum = true;
	g_assert_true(external_is_same(&fact, entry));
	fact.found = false;
	g_assert_false(external_is_same(&fact, entry));
}

/* What status says of stage t, one reason a line, with the entry that external_fill() would make. New string. */
static char *told(struct project *project, struct entry *entry)
{
	const struct stale_options options = {.no_store = true};
	GString *text = g_string_new(NULL);
	g_autoptr(GError) error = NULL;
	g_autoptr(GPtrArray) reasons = NULL;
	autoptr(facts) facts = NULL;
	const struct external_fact *fact;
	const struct stage *stage;
	struct loaded loaded;

	project_reopen(project);
	facts = facts_new(project->ws);
	kit_load(&loaded, project);
	stage = kit_stage(&loaded, "t");
	reasons = stale_reasons(stage, stage->lock, facts, &options, &error);
	g_assert_no_error(error);
	for (guint i = 0; i < reasons->len; i++) {
		const struct reason *reason = reasons->pdata[i];

		g_string_append_printf(text, "%s %s %s\n", reason->what, reason->word, reason->new ? reason->new : "-");
	}
	fact = externals_at(facts_externals(facts), stage, &g_array_index(stage->deps, struct stage_dep, 0), &error);
	g_assert_no_error(error);
	external_fill(entry, fact);
	g_assert_true(index_commit(workspace_index(project->ws, NULL), NULL));
	kit_unload(&loaded);
	return g_string_free(text, false);
}

#define ONE "c4ca4238a0b923820dcc509a6f75849b"

static void write_stage(struct project *project, const char *path)
{
	g_autofree char *lock = g_strdup_printf("schema: '2.0'\nstages:\n  t:\n    cmd: 'true'\n    deps:\n    - path: %s\n"
						"      hash: md5\n      md5: " ONE "\n      size: 1\n", path);
	g_autofree char *yaml = g_strdup_printf("stages:\n  t:\n    cmd: 'true'\n    deps: [%s]\n", path);

	project_write(project, "dvc.yaml", yaml);
	project_write(project, "dvc.lock", lock);
}

static void assert_told(struct project *project, const char *expected, struct entry *entry)
{
	g_autofree char *text = told(project, entry);

	g_assert_cmpstr(text, ==, expected);
}

static void files_elsewhere_are_hashed(struct project *project, gconstpointer dialect)
{
	autoptr(entry) entry = entry_new("x");
	g_autofree char *dir = g_dir_make_tmp("mlv-test-elsewhere-XXXXXX", NULL);
	g_autofree char *path = g_build_filename(dir, "file", NULL), *gone = NULL, *changed = NULL;

	(void)dialect;
	write_stage(project, path);
	gone = g_strdup_printf("%s deleted -\n", path);
	assert_told(project, gone, entry);
	g_assert_true(g_file_set_contents(path, "1", 1, NULL));
	assert_told(project, "", entry);
	g_assert_cmpuint(entry->size, ==, 1);
	g_assert_true(g_file_set_contents(path, "2", 1, NULL));
	changed = g_strdup_printf("%s modified c81e728d9d4c\n", path);
	assert_told(project, changed, entry);
	g_assert_cmpint(unlink(path) | rmdir(dir), ==, 0);
}

static void folders_elsewhere_are_hashed(struct project *project, gconstpointer dialect)
{
	autoptr(entry) entry = entry_new("x");
	char id[OID_TEXT_MAX];
	g_autofree char *inside = NULL, *expected = NULL, *place = NULL, *shown = NULL;

	(void)dialect;
	project_write(project, "../elsewhere/a", "1");
	project_write(project, "../elsewhere/sub/b", "2");
	project_write(project, "../elsewhere/.git/x", "x");
	write_stage(project, "../elsewhere");
	/* What DVC makes of the same files inside a project. */
	project_write(project, "in/a", "1");
	project_write(project, "in/sub/b", "2");
	inside = told(project, entry);
	{
		const struct oid oid = project_oid(project, "in");

		g_assert_true(oid_equal(&entry->oid, &oid));
		/* Which DVC names by its whole path. */
		place = path_join(project->root, "../elsewhere");
		shown = path_normal(place);
		expected = g_strdup_printf("%s modified %.12s\n", shown, oid_text(&oid, id));
	}
	g_assert_cmpstr(inside, ==, expected);
	g_assert_cmpuint(entry->nfiles, ==, 2);
	g_assert_cmpuint(entry->size, ==, 2);
	g_assert_true(entry->has_nfiles);
}

int main(int argc, char **argv)
{
	tap_init(argc, argv);
	g_test_add_func("/external/answers", answers_come_back);
	g_test_add_func("/external/refused", other_texts_are_refused);
	g_test_add_func("/external/marks", marks_are_compared);
	g_test_add("/external/file", struct project, &dialect_dvc, project_set_up, files_elsewhere_are_hashed,
		   project_tear_down);
	g_test_add("/external/folder", struct project, &dialect_dvc, project_set_up, folders_elsewhere_are_hashed,
		   project_tear_down);
	return g_test_run();
}
