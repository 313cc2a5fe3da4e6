/*
 * Manifests as a hostile repository or remote may send them. The first byte chooses the encoding. What is accepted must hold what the
 * header promises, and be written back: native text byte by byte, JSON to a text that reads the same.
 */
#include "base/path.h"
#include "fuzz.h"
#include "store/manifest.h"

#include <string.h>

static void check_entries(const struct manifest *manifest)
{
	const char *a, *b;

	for (size_t i = 0; i < manifest_count(manifest); i++) {
		const struct manifest_entry *entry = manifest_get(manifest, i);

		g_assert_true(path_check(entry->path, NULL));
		g_assert_true(i == 0 || strcmp(manifest_get(manifest, i - 1)->path, entry->path) < 0);
		g_assert_true(manifest_find(manifest, entry->path) == entry);
	}
	manifest_size(manifest);
	manifest_folded_clash(manifest, &a, &b);
}

static void check_write(const struct manifest *manifest, const struct manifest_format *format, const char *data, size_t length)
{
	g_autoptr(GString) out = manifest_write(manifest);
	g_autoptr(GArray) changes = NULL;
	autoptr(manifest) back = manifest_read(out->str, out->len, format, NULL);

	g_assert_nonnull(back);
	g_assert_true(!format->text || (out->len == length && memcmp(out->str, data, length) == 0));
	changes = manifest_diff(manifest, back, true);
	g_assert_cmpuint(changes->len, ==, 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct manifest_format format = {.text = false, .algo = OID_MD5};
	autoptr(manifest) manifest = NULL;
	g_autoptr(GError) error = NULL;

	if (size == 0)
		return 0;
	if (data[0] == 'T')
		format = (struct manifest_format){.text = true, .algo = OID_SHA256};
	manifest = manifest_read((const char *)data + 1, size - 1, &format, &error);
	g_assert_true(!manifest == !!error);
	if (!manifest)
		return 0;
	check_entries(manifest);
	check_write(manifest, &format, (const char *)data + 1, size - 1);
	return 0;
}
