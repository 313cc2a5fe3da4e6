#include "../tap.h"

#include "base/error.h"
#include "base/path.h"
#include "doc/yaml.h"
#include "format/entry.h"

#define MD5 "d41d8cd98f00b204e9800998ecf8427e"
#define SHA256 "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

/* An entry with the document that it belongs to. */
struct sample {
	struct doc *doc;
	struct entry *entry;
};

static struct sample read_sample(const char *text, const struct dialect *dialect)
{
	g_autoptr(GError) error = NULL;
	struct sample sample = {.doc = yaml_read(text, strlen(text), "x", NULL)};

	sample.entry = entry_read(sample.doc, sample.doc->root, dialect, &error);
	g_assert_no_error(error);
	return sample;
}

static void sample_clear(struct sample *sample)
{
	entry_free(sample->entry);
	doc_free(sample->doc);
}

/* The entry as YAML. */
static char *write_sample(const struct sample *sample, const struct dialect *dialect, enum entry_order order)
{
	autoptr(doc) doc = doc_new();

	return g_string_free(yaml_write(entry_write(doc, sample->entry, dialect, order)), FALSE);
}

static void reads_fields(void)
{
	struct sample s = read_sample("{md5: D41D8CD98F00B204E9800998ECF8427E.dir, size: 9223372036854775807, nfiles: 0, hash: md5,"
				      " path: a b, cache: false, push: false, persist: true, isexec: true, remote: r, etag: E,"
				      " meta: {x: 1}}",
				      &dialect_dvc);
	char text[OID_TEXT_MAX];

	g_assert_cmpint(s.entry->oid.algo, ==, OID_MD5);
	g_assert_cmpstr(oid_text(&s.entry->oid, text), ==, MD5 ".dir");
	g_assert_cmpuint(s.entry->size, ==, G_MAXINT64);
	g_assert_true(s.entry->has_nfiles && s.entry->no_cache && s.entry->no_push && s.entry->persist && s.entry->isexec);
	g_assert_cmpstr(s.entry->path, ==, "a b");
	g_assert_cmpstr(s.entry->remote, ==, "r");
	g_assert_cmpstr(s.entry->etag, ==, "E");
	g_assert_false(entry_changed(s.entry, &dialect_dvc));
	sample_clear(&s);
}

static void kinds_of_hashes(void)
{
	static const struct {
		const char *text;
		enum oid_algo algo;
	} cases[] = {
		{"{md5: " MD5 ", path: x}", OID_MD5_2X},  {"{md5: " MD5 ", hash: md5, path: x}", OID_MD5},
		{"{hash: md5, path: x}", OID_NONE},	  {"{md5: '', hash: md5, path: x}", OID_NONE},
		{"{md5: null, path: x}", OID_NONE},	  {"{sha256: " SHA256 ", hash: sha256, path: x}", OID_SHA256},
		{"{md5: 12345678901234567890123456789012, hash: md5, path: x}", OID_MD5},
	};

	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		struct sample s = read_sample(cases[i].text, &dialect_native);

		g_assert_cmpint(s.entry->oid.algo, ==, cases[i].algo);
		g_assert_false(entry_changed(s.entry, &dialect_native));
		sample_clear(&s);
	}
}

static void refused(void)
{
	static const char *const texts[][2] = {
		{"[]", "must be a map"},
		{"{path: x, nope: 1}", "unknown key 'nope'"},
		{"{path: x, sha256: " SHA256 ", hash: sha256}", "unknown key 'sha256'"},
		{"{md5: " MD5 "}", "no path"},
		{"{path: ''}", "no path"},
		{"{path: 1}", "'path' must be a string"},
		{"{path: x, size: -1}", "negative"},
		{"{path: x, size: 9223372036854775808}", "'size' must be"},
		{"{path: x, size: '1'}", "'size' must be"},
		{"{path: x, md5: abc}", "is not a"},
		{"{path: x, md5: " MD5 ".exe}", "is not a"},
		{"{path: x, hash: crc}", "'crc' is not known"},
		{"{path: x, cache: 1}", "'cache' must be"},
		{"{path: x, repo: {rev: a}}", "no url"},
		{"{path: x, repo: {url: a, bad: 1}}", "unknown key 'bad'"},
		{"{path: x, files: [{md5: " MD5 "}]}", "relpath"},
		{"{path: x, files: [{relpath: a}, {relpath: a}]}", "comes twice"},
		{"{path: x, 1: 2}", "must be strings"},
	};

	for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
		autoptr(doc) doc = yaml_read(texts[i][0], strlen(texts[i][0]), "x.dvc", NULL);
		g_autoptr(GError) error = NULL;

		g_assert_null(entry_read(doc, doc->root, &dialect_dvc, &error));
		g_assert_true(error_is(error, ERROR_CORRUPT));
		if (!strstr(error->message, texts[i][1]))
			g_error("%s: not in: %s", texts[i][1], error->message);
	}
}

/* Natively a path may stand in quotes, with nothing between them. */
static void empty_quoted_path_is_refused(void)
{
	static const char text[] = "{path: '\"\"'}";
	autoptr(doc) doc = yaml_read(text, strlen(text), "x.mlv", NULL);
	g_autoptr(GError) error = NULL;

	g_assert_null(entry_read(doc, doc->root, &dialect_native, &error));
	g_assert_true(error_is(error, ERROR_CORRUPT));
	g_assert_nonnull(strstr(error->message, "no path"));
}

static void long_paths_are_refused(void)
{
	g_autofree char *name = g_strnfill(PATH_LIMIT + 1, 'x');
	g_autofree char *text = g_strdup_printf("{path: %s}", name);
	autoptr(doc) doc = yaml_read(text, strlen(text), "x.dvc", NULL);

	g_assert_null(entry_read(doc, doc->root, &dialect_dvc, NULL));
}

static void orders(void)
{
	struct sample s = read_sample("{path: x, md5: " MD5 ", hash: md5, isexec: true, nfiles: 1, size: 2, desc: d}", &dialect_dvc);
	g_autofree char *pointer = write_sample(&s, &dialect_dvc, ENTRY_POINTER);
	g_autofree char *lock = write_sample(&s, &dialect_dvc, ENTRY_LOCK);

	g_assert_cmpstr(pointer, ==, "md5: " MD5 "\nsize: 2\nnfiles: 1\nisexec: true\nhash: md5\npath: x\ndesc: d\n");
	g_assert_cmpstr(lock, ==, "path: x\nhash: md5\nmd5: " MD5 "\nsize: 2\nnfiles: 1\nisexec: true\ndesc: d\n");
	sample_clear(&s);
}

/* What names the old content goes with it; what describes the output stays. */
static void changed_content(void)
{
	struct sample s = read_sample("{md5: " MD5 ", hash: md5, path: x, version_id: v, cloud: {r: {etag: e}}, meta: 1}",
				      &dialect_dvc);
	g_autofree char *text = NULL;

	s.entry->oid.digest[0] = 0;
	g_assert_true(entry_changed(s.entry, &dialect_dvc));
	text = write_sample(&s, &dialect_dvc, ENTRY_POINTER);
	g_assert_cmpstr(text, ==, "md5: 001d8cd98f00b204e9800998ecf8427e\nhash: md5\npath: x\nmeta: 1\n");
	sample_clear(&s);
}

static void version_aware_files(void)
{
	static const char source[] = "hash: md5\npath: d\nfiles:\n"
				     "- relpath: a\n  md5: " MD5 "\n  size: 0\n  cloud:\n    v:\n      etag: e\n"
				     "- relpath: b\n  md5: " MD5 "\n  size: 0\n";
	struct sample s = read_sample(source, &dialect_dvc);
	g_autofree char *same = write_sample(&s, &dialect_dvc, ENTRY_POINTER);
	g_autofree char *changed = NULL;

	g_assert_cmpuint(s.entry->file_count, ==, 2);
	g_assert_cmpstr(s.entry->files[1].path, ==, "b");
	g_assert_cmpstr(same, ==, source);
	s.entry->files[0].oid.digest[0] = 0;
	s.entry->files[0].size = 7;
	changed = write_sample(&s, &dialect_dvc, ENTRY_POINTER);
	g_assert_cmpstr(changed, ==,
			"hash: md5\npath: d\nfiles:\n"
			"- relpath: a\n  md5: 001d8cd98f00b204e9800998ecf8427e\n  size: 7\n"
			"- relpath: b\n  md5: " MD5 "\n  size: 0\n");
	sample_clear(&s);
}

static void an_empty_list_of_files_stays(void)
{
	struct sample s = read_sample("{hash: md5, path: d, files: []}", &dialect_dvc);
	g_autofree char *text = write_sample(&s, &dialect_dvc, ENTRY_POINTER);

	g_assert_nonnull(s.entry->files);
	g_assert_cmpstr(text, ==, "hash: md5\npath: d\nfiles: []\n");
	sample_clear(&s);
}

/* Native paths may be any bytes; DVC's are what they are. */
static void paths(void)
{
	static const struct {
		const char *path, *native, *dvc;
	} cases[] = {
		{"a b", "path: a b\n", "path: a b\n"},
		{"caf\xe9", "path: '\"caf\\351\"'\n", NULL},
		{"\"q\"", "path: '\"\\\"q\\\"\"'\n", "path: '\"q\"'\n"},
		{"x\ny", "path: \"x\\ny\"\n", "path: \"x\\ny\"\n"},
		{"\xc3\xa9", "path: \xc3\xa9\n", "path: \xc3\xa9\n"},
	};

	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		for (const struct dialect *const *dialect = dialect_all; *dialect; dialect++) {
			const char *wanted = *dialect == &dialect_native ? cases[i].native : cases[i].dvc;
			autoptr(entry) entry = entry_new(cases[i].path);
			autoptr(doc) doc = doc_new();
			g_autoptr(GString) text = NULL;
			struct node *map = entry_write(doc, entry, *dialect, ENTRY_POINTER);
			autoptr(entry) again = NULL;

			if (!wanted)
				continue;
			node_unset(map, "hash");
			text = yaml_write(map);
			g_assert_cmpstr(text->str, ==, wanted);
			again = entry_read(doc, map, *dialect, NULL);
			g_assert_cmpstr(again->path, ==, cases[i].path);
		}
	}
}

static void native_hashes(void)
{
	autoptr(entry) entry = entry_new("x");
	autoptr(doc) doc = doc_new();
	g_autoptr(GString) text = NULL;

	g_assert_true(oid_parse(&entry->oid, OID_SHA256, SHA256, NULL));
	entry->has_size = true;
	text = yaml_write(entry_write(doc, entry, &dialect_native, ENTRY_POINTER));
	g_assert_cmpstr(text->str, ==, "sha256: " SHA256 "\nsize: 0\nhash: sha256\npath: x\n");
}

int main(int argc, char **argv)
{
	tap_init(argc, argv);
	g_test_add_func("/entry/reads_fields", reads_fields);
	g_test_add_func("/entry/kinds_of_hashes", kinds_of_hashes);
	g_test_add_func("/entry/refused", refused);
	g_test_add_func("/entry/empty_quoted_path_is_refused", empty_quoted_path_is_refused);
	g_test_add_func("/entry/long_paths_are_refused", long_paths_are_refused);
	g_test_add_func("/entry/orders", orders);
	g_test_add_func("/entry/changed_content", changed_content);
	g_test_add_func("/entry/version_aware_files", version_aware_files);
	g_test_add_func("/entry/an_empty_list_of_files_stays", an_empty_list_of_files_stays);
	g_test_add_func("/entry/paths", paths);
	g_test_add_func("/entry/native_hashes", native_hashes);
	return g_test_run();
}
