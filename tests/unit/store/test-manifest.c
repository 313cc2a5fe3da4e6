#include "../tap.h"
#include "base/error.h"
#include "hash/digest.h"
#include "store/manifest.h"

#include <string.h>

static const struct manifest_format native = {.text = true, .algo = OID_SHA256};
static const struct manifest_format dvc = {.text = false, .algo = OID_MD5};

#define H1 "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
#define H2 "60303ae22b998861bce3b28f33eec1be758a213c86c93c076dbe9f558c11c752"
#define M1 "9dd4e461268c8034f5c8564e155c67a6"

static struct oid oid_of(const char *text, enum oid_algo algo)
{
	struct oid oid;

	digest_bytes(text, strlen(text), algo, &oid);
	return oid;
}

static struct manifest *read_ok(const char *text, const struct manifest_format *format)
{
	g_autoptr(GError) error = NULL;
	struct manifest *manifest = manifest_read(text, strlen(text), format, &error);

	g_assert_no_error(error);
	g_assert_nonnull(manifest);
	return manifest;
}

static void assert_refused(const char *text, const struct manifest_format *format, enum error_code code)
{
	g_autoptr(GError) error = NULL;
	struct manifest *manifest = manifest_read(text, strlen(text), format, &error);

	if (manifest)
		g_test_message("was accepted: %s", text);
	g_assert_null(manifest);
	g_assert_error(error, MLV_ERROR, (gint)code);
}

static void assert_written(const struct manifest *manifest, const char *expected)
{
	g_autoptr(GString) out = manifest_write(manifest);

	g_assert_cmpstr(out->str, ==, expected);
}

static void text_round_trip(void)
{
	const char *text = "mlv-manifest 1\n" H1 " 4 - a b\n" H1 " 18446744073 x a-b\n" H2 " 3 l a/b\n- 0 d empty/dir\n" H1
			   " 0 - \"nl\\ntab\\tquote\\\"back\\\\\"\n" H1 " 1 - \xc3\xa9\n" H1 " 1 - \xff\n";
	autoptr(manifest) m = read_ok(text, &native);

	assert_written(m, text);
	g_assert_cmpuint(manifest_count(m), ==, 7);
	g_assert_cmpuint(manifest_files(m), ==, 6);
	g_assert_cmpuint(manifest_size(m), ==, 4 + UINT64_C(18446744073) + 3 + 2);
	g_assert_cmpstr(manifest_get(m, 4)->path, ==, "nl\ntab\tquote\"back\\");
	g_assert_cmpint(manifest_get(m, 2)->mode, ==, MANIFEST_LINK);
	g_assert_true(oid_is_none(&manifest_get(m, 3)->oid));
}

static void text_empty(void)
{
	autoptr(manifest) m = read_ok("mlv-manifest 1\n", &native);
	struct oid oid;

	g_assert_cmpuint(manifest_count(m), ==, 0);
	assert_written(m, "mlv-manifest 1\n");
	manifest_oid(m, &oid);
	g_assert_cmpint(oid.dir, ==, 1);
	g_assert_cmpint(oid.algo, ==, OID_SHA256);
}

static void text_refused(void)
{
	static const char *const lines[] = {
		H1 " 4 - b\n" H1 " 4 - a\n",                /* order */
		H1 " 4 - a\n" H1 " 4 - a\n",                /* twice */
		H1 " 4 - a\n" H1 " 4 - a-b\n" H1 " 4 - a/b\n", /* file and directory */
		"- 0 d a\n" H1 " 4 - a/b\n",                /* an empty directory that is not */
		H1 " 4 - a",                                /* no newline */
		H1 " 4 - \n" H1 "x",                        /* nothing */
		"9F86D081884C7D659A2FEAA0C55AD015A3BF4F1B2B0B822CD15D6C15B0F00A08 4 - a\n",
		"9f86 4 - a\n",
		H1 "  4 - a\n",
		H1 " 04 - a\n",
		H1 " -4 - a\n",
		H1 " +4 - a\n",
		H1 " - a\n",
		H1 " 9223372036854775808 - a\n",
		H1 " 99999999999999999999999 - a\n",
		H1 " 4 q a\n",
		H1 " 4 d a\n",
		"- 0 - a\n",
		"- 1 d a\n",
		H1 " 4096 l a\n",
		H1 " 4 - \"a\"\n",            /* needs no quotes */
		H1 " 4 - a\tb\n",             /* needs quotes */
		H1 " 4 - a\"b\n",
		H1 " 4 - \"a\\tb\n",
		H1 " 4 - \"a\\tb\" \n",
		H1 " 4 - \"a\\011b\"\n",      /* has a shorter escape */
		H1 " 4 - \"a\\000b\"\n",
		"\n",
	};
	static const char *const unsafe[] = {"/a",     "../a",  "a/../b",     "a//b",   "a/",       "./a",
					     ".git/x", "a/.GIT/hooks/x", "GIT~1/x", ".git ./x", "a/.git::$INDEX_ALLOCATION/x", ".g\xe2\x80\x8cit/x"};

	for (size_t i = 0; i < G_N_ELEMENTS(lines); i++) {
		g_autofree char *text = g_strconcat("mlv-manifest 1\n", lines[i], NULL);

		if (i == 5) /* an empty path is unsafe, not malformed */
			assert_refused(text, &native, ERROR_UNSAFE);
		else
			assert_refused(text, &native, ERROR_CORRUPT);
	}
	for (size_t i = 0; i < G_N_ELEMENTS(unsafe); i++) {
		g_autofree char *text = g_strconcat("mlv-manifest 1\n" H1 " 4 - ", unsafe[i], "\n", NULL);

		assert_refused(text, &native, ERROR_UNSAFE);
	}
	assert_refused("", &native, ERROR_CORRUPT);
	assert_refused("mlv-manifest 2\n", &native, ERROR_CORRUPT);
	assert_refused("mlv-manifest 1", &native, ERROR_CORRUPT);
}

static void text_names_the_line(void)
{
	g_autoptr(GError) error = NULL;
	const char *text = "mlv-manifest 1\n" H1 " 4 - a\n" H1 " x - b\n";

	g_assert_null(manifest_read(text, strlen(text), &native, &error));
	g_assert_nonnull(strstr(error->message, "line 3"));
}

static void json_round_trip(void)
{
	const char *text = "[{\"md5\": \"" M1 "\", \"relpath\": \"a b\"}, {\"md5\": \"" M1 "\", \"relpath\": \"a-b\"}, {\"md5\": \"" M1
			   "\", \"relpath\": \"a/b\"}, {\"md5\": \"" M1
			   "\", \"relpath\": \"nl\\ntab\\tctl\\u0001del\\u007f\"}, {\"md5\": \"" M1
			   "\", \"relpath\": \"q\\\"b\\\\\\r\\b\\f\"}, {\"md5\": \"" M1
			   "\", \"relpath\": \"\\u00e9\"}, {\"md5\": \"" M1 "\", \"relpath\": \"\\ud83d\\ude00.x\"}]";
	autoptr(manifest) m = read_ok(text, &dvc);
	autoptr(manifest) empty = read_ok("[]", &dvc);

	assert_written(m, text);
	assert_written(empty, "[]");
	g_assert_cmpuint(manifest_count(m), ==, 7);
	g_assert_cmpstr(manifest_get(m, 6)->path, ==, "\xf0\x9f\x98\x80.x");
	g_assert_cmpuint(manifest_get(m, 0)->size, ==, MANIFEST_NO_SIZE);
	g_assert_cmpuint(manifest_size(m), ==, 0);
}

/* The recomputed id of the example in the description of DVC's formats. */
static void json_known_id(void)
{
	const char *text = "[{\"md5\": \"9dd4e461268c8034f5c8564e155c67a6\", \"relpath\": \"x\"}]";
	autoptr(manifest) m = read_ok(text, &dvc);
	struct oid oid, bytes = oid_of(text, OID_MD5);
	char buffer[OID_TEXT_MAX];

	manifest_oid(m, &oid);
	g_assert_cmpmem(oid.digest, sizeof(oid.digest), bytes.digest, sizeof(bytes.digest));
	g_assert_true(g_str_has_suffix(oid_text(&oid, buffer), ".dir"));
}

/* Other layouts and further keys of the same meaning, in any order. */
static void json_lenient(void)
{
	autoptr(manifest) m = read_ok(" [ {\"relpath\":\"b\", \"size\": 3, \"md5\":\"" M1 "\"},\n{\"md5\":\"" M1
				      "\",\"relpath\":\"\xc3\xa9\"},{\"md5\":\"" M1 "\",\"relpath\":\"a\\/x\"} ]\n",
				      &dvc);
	autoptr(manifest) unsorted =
		read_ok("[{\"md5\": \"" M1 "\", \"relpath\": \"b\"}, {\"md5\": \"" M1 "\", \"relpath\": \"a\"}]", &dvc);

	g_assert_cmpuint(manifest_count(m), ==, 3);
	g_assert_cmpstr(manifest_get(m, 0)->path, ==, "a/x");
	g_assert_cmpstr(manifest_get(m, 2)->path, ==, "\xc3\xa9");
	g_assert_cmpstr(manifest_get(unsorted, 0)->path, ==, "a");
}

static void json_refused(void)
{
	static const char *const paths[] = {"a\\u0000b", "a\\ud800b", "\\udcc3\\udca9", "\\udc00", "a\\qb", "a\\u12", "\\ud83d\\u0041"};
	static const char *const texts[] = {
		"", "{}", "null", "[", "[]]", "[1]", "[{}]", "[{\"md5\": \"" M1 "\"}]", "[{\"relpath\": \"a\"}]",
		"[{\"md5\": \"xyz\", \"relpath\": \"a\"}]", "[{\"md5\": 1, \"relpath\": \"a\"}]",
		"[{\"md5\": \"" M1 ".dir\", \"relpath\": \"a\"}]",
		"[{\"md5\": \"" M1 "\", \"relpath\": \"a\"}, {\"md5\": \"" M1 "\", \"relpath\": \"a\"}]",
		"[{\"md5\": \"" M1 "\", \"relpath\": \"a/b\"}, {\"md5\": \"" M1 "\", \"relpath\": \"a\"}]",
		"[{\"md5\": \"" M1 "\", \"relpath\": \"a\"}, ]",
	};

	for (size_t i = 0; i < G_N_ELEMENTS(texts); i++)
		assert_refused(texts[i], &dvc, ERROR_CORRUPT);
	for (size_t i = 0; i < G_N_ELEMENTS(paths); i++) {
		g_autofree char *text = g_strdup_printf("[{\"md5\": \"" M1 "\", \"relpath\": \"%s\"}]", paths[i]);

		assert_refused(text, &dvc, ERROR_CORRUPT);
	}
	assert_refused("[{\"md5\": \"" M1 "\", \"relpath\": \"../a\"}]", &dvc, ERROR_UNSAFE);
	assert_refused("[{\"relpath\": \".git/a\", \"md5\": \"" M1 "\"}]", &dvc, ERROR_UNSAFE);
}

/* A name that is no UTF-8, as Python's surrogateescape writes it. */
static void json_raw_bytes(void)
{
	const char *text = "[{\"md5\": \"" M1 "\", \"relpath\": \"a\\udcff.x\"}]";
	autoptr(manifest) m = read_ok(text, &dvc);

	g_assert_cmpstr(manifest_get(m, 0)->path, ==, "a\xff.x");
	assert_written(m, text);
}

static void json_2x_entries(void)
{
	const struct manifest_format old = {.text = false, .algo = OID_MD5_2X};
	const char *text = "[{\"md5\": \"" M1 "\", \"relpath\": \"a\"}]";
	autoptr(manifest) m = read_ok(text, &old);
	struct oid oid, plain = oid_of(text, OID_MD5);

	g_assert_cmpint(manifest_get(m, 0)->oid.algo, ==, OID_MD5_2X);
	manifest_oid(m, &oid);
	g_assert_cmpint(oid.algo, ==, OID_MD5_2X);
	g_assert_cmpmem(oid.digest, 16, plain.digest, 16);
}

static struct manifest *build(const char *const *specs)
{
	struct manifest *m = manifest_new(&native);

	/* "path=content", "path!content" for an executable, "path" alone for an empty directory */
	for (; *specs; specs++) {
		const char *mark = strpbrk(*specs, "=!");
		g_autofree char *path = mark ? g_strndup(*specs, (gsize)(mark - *specs)) : g_strdup(*specs);
		struct oid oid = {0};

		if (mark)
			oid = oid_of(mark + 1, OID_SHA256);
		manifest_add(m, path, &oid, !mark ? MANIFEST_EMPTY_DIR : *mark == '!' ? MANIFEST_EXEC : MANIFEST_FILE,
			     mark ? strlen(mark + 1) : 0);
	}
	return m;
}

static void add_and_find(void)
{
	static const char *const specs[] = {"b/c=1", "a=2", "b-c=3", "b/a=4", "a=55", "z", NULL};
	autoptr(manifest) m = build(specs);
	size_t first, end;

	g_assert_cmpuint(manifest_count(m), ==, 5);
	g_assert_cmpuint(manifest_find(m, "a")->size, ==, 2);
	g_assert_null(manifest_find(m, "b"));
	g_assert_null(manifest_find(m, ""));
	g_assert_true(manifest_range(m, "b", &first, &end));
	g_assert_cmpuint(end - first, ==, 2);
	g_assert_cmpstr(manifest_get(m, first)->path, ==, "b/a");
	g_assert_true(manifest_range(m, "b-c", &first, &end));
	g_assert_cmpuint(end - first, ==, 1);
	g_assert_true(manifest_range(m, "", &first, &end));
	g_assert_cmpuint(end - first, ==, 5);
	g_assert_false(manifest_range(m, "c", &first, &end));
	g_assert_cmpuint(manifest_files(m), ==, 4);
}

static void remove_below(void)
{
	static const char *const specs[] = {"b/c=1", "a=2", "b-c=3", "b/a=4", "b0=1", NULL};
	autoptr(manifest) m = build(specs);
	struct oid oid = oid_of("new", OID_SHA256);

	g_assert_cmpuint(manifest_remove(m, "b"), ==, 2);
	g_assert_cmpuint(manifest_remove(m, "b"), ==, 0);
	manifest_add(m, "b/a", &oid, MANIFEST_FILE, 3);
	g_assert_cmpuint(manifest_remove(m, "a"), ==, 1);
	g_assert_cmpuint(manifest_count(m), ==, 3);
	g_assert_cmpuint(manifest_find(m, "b/a")->size, ==, 3);
	g_assert_nonnull(manifest_find(m, "b-c"));
	g_assert_nonnull(manifest_find(m, "b0"));
	g_assert_cmpuint(manifest_remove(m, ""), ==, 3);
	g_assert_cmpuint(manifest_count(m), ==, 0);
}

/* "before>after" for each change, "-" for none. */
static char *changes_text(GArray *changes)
{
	GString *text = g_string_new(NULL);

	for (guint i = 0; i < changes->len; i++) {
		const struct manifest_change *c = &g_array_index(changes, struct manifest_change, i);

		g_string_append_printf(text, "%s%s>%s", i ? " " : "", c->before ? c->before->path : "-",
				       c->after ? c->after->path : "-");
	}
	return g_string_free(text, FALSE);
}

static void assert_diff(const char *const *a, const char *const *b, bool renames, const char *expected)
{
	autoptr(manifest) x = a ? build(a) : NULL;
	autoptr(manifest) y = b ? build(b) : NULL;
	g_autoptr(GArray) changes = manifest_diff(x, y, renames);
	g_autofree char *text = changes_text(changes);

	g_assert_cmpstr(text, ==, expected);
}

static void diff(void)
{
	static const char *const old[] = {"a=1", "b=2", "c=3", "d=4", "dup1=5", "dup2=5", "e", NULL};
	static const char *const new[] = {"a=1", "b=22", "c!3", "f=4", "g=5", "h=5", "i=5", "j", NULL};

	assert_diff(old, new, false, "b>b c>c d>- dup1>- dup2>- e>- ->f ->g ->h ->i ->j");
	assert_diff(old, new, true, "b>b c>c e>- d>f dup1>g dup2>h ->i ->j");
	assert_diff(NULL, new, true, "->a ->b ->c ->f ->g ->h ->i ->j");
	assert_diff(old, NULL, true, "a>- b>- c>- d>- dup1>- dup2>- e>-");
	assert_diff(old, old, true, "");
	assert_diff(NULL, NULL, true, "");
}

static void folded_clash(void)
{
	static const char *const none[] = {"a/b=1", "a/c=1", "ab=2", NULL};
	static const char *const ascii[] = {"a/B=1", "a/b=1", "c=2", NULL};
	static const char *const unicode[] = {"\xc3\x89.x=1", "e\xcc\x81.x=1", "c=2", NULL};
	autoptr(manifest) x = build(none);
	autoptr(manifest) y = build(ascii);
	autoptr(manifest) z = build(unicode);
	const char *a, *b;

	g_assert_false(manifest_folded_clash(x, &a, &b));
	g_assert_true(manifest_folded_clash(y, &a, &b));
	g_assert_cmpstr(a, ==, "a/B");
	g_assert_cmpstr(b, ==, "a/b");
	g_assert_true(manifest_folded_clash(z, &a, &b));
}

/* Many entries, in disorder, in both encodings: same content back. */
static void large(void)
{
	static const struct manifest_format *const formats[] = {&native, &dvc};

	for (size_t f = 0; f < 2; f++) {
		autoptr(manifest) m = manifest_new(formats[f]);
		autoptr(manifest) back = NULL;
		g_autoptr(GString) bytes = NULL;
		g_autoptr(GError) error = NULL;
		g_autoptr(GArray) changes = NULL;

		for (unsigned i = 0; i < 20000; i++) {
			g_autofree char *path = g_strdup_printf("train/class-%u/sample_%u.jpg", i * 7919 % 100, i * 7919 % 20000);
			struct oid oid = oid_of(path, formats[f]->algo);

			manifest_add(m, path, &oid, MANIFEST_FILE, formats[f]->text ? i : MANIFEST_NO_SIZE);
		}
		bytes = manifest_write(m);
		back = manifest_read(bytes->str, bytes->len, formats[f], &error);
		g_assert_no_error(error);
		g_assert_cmpuint(manifest_count(back), ==, 20000);
		changes = manifest_diff(m, back, true);
		g_assert_cmpuint(changes->len, ==, 0);
	}
}

/* No prefix of a manifest, and no single changed byte, may crash the reader or make it accept what it would write otherwise. */
static void damaged(void)
{
	const char *texts[] = {"mlv-manifest 1\n" H1 " 4 - a\n" H1 " 4 x \"b\\n\"\n",
			       "[{\"md5\": \"" M1 "\", \"relpath\": \"a\\u00e9\"}, {\"md5\": \"" M1 "\", \"relpath\": \"b\"}]"};

	for (size_t f = 0; f < 2; f++) {
		const struct manifest_format *format = f ? &dvc : &native;
		size_t length = strlen(texts[f]);

		for (size_t at = 0; at < length; at++) {
			g_autofree char *copy = g_strdup(texts[f]);
			struct manifest *part = manifest_read(copy, at, format, NULL);
			struct manifest *m;

			if (part)
				manifest_free(part);
			copy[at] ^= 0x15;
			m = manifest_read(copy, length, format, NULL);
			if (m && format->text) {
				g_autoptr(GString) out = manifest_write(m);

				g_assert_cmpmem(out->str, out->len, copy, length);
			}
			if (m)
				manifest_free(m);
		}
	}
}

int main(int argc, char **argv)
{
	tap_init(argc, argv);
	g_test_add_func("/manifest/text/round-trip", text_round_trip);
	g_test_add_func("/manifest/text/empty", text_empty);
	g_test_add_func("/manifest/text/refused", text_refused);
	g_test_add_func("/manifest/text/names-the-line", text_names_the_line);
	g_test_add_func("/manifest/json/round-trip", json_round_trip);
	g_test_add_func("/manifest/json/known-id", json_known_id);
	g_test_add_func("/manifest/json/lenient", json_lenient);
	g_test_add_func("/manifest/json/refused", json_refused);
	g_test_add_func("/manifest/json/raw-bytes", json_raw_bytes);
	g_test_add_func("/manifest/json/2x-entries", json_2x_entries);
	g_test_add_func("/manifest/add-and-find", add_and_find);
	g_test_add_func("/manifest/remove-below", remove_below);
	g_test_add_func("/manifest/diff", diff);
	g_test_add_func("/manifest/folded-clash", folded_clash);
	g_test_add_func("/manifest/large", large);
	g_test_add_func("/manifest/damaged", damaged);
	return g_test_run();
}
