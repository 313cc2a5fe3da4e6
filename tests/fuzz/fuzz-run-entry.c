/* What run_entry_read() accepts has the same key, value and inputs after it was written and read again. */
#include "format/run-entry.h"
#include "fuzz.h"

#include <string.h>

static struct lockfile *read_entry(const char *text, size_t length, const struct dialect *dialect, GError **error)
{
	return run_entry_read(text, length, "runs/entry", "stage", dialect, error);
}

static void check_same(const struct lockfile_stage *a, const struct lockfile_stage *b, const struct dialect *dialect)
{
	g_autofree char *left = run_entry_inputs(a, dialect), *right = run_entry_inputs(b, dialect);

	if (strcmp(left, right) != 0)
		fuzz_fail("other inputs:\n%s\n%s", left, right);
	for (int whole = 0; whole < 2; whole++) {
		char key[RUN_ENTRY_HEX + 1], same[RUN_ENTRY_HEX + 1];

		run_entry_key(a, dialect, whole, key);
		run_entry_key(b, dialect, whole, same);
		if (strcmp(key, same) != 0)
			fuzz_fail("another %s", whole ? "value" : "key");
	}
}

static void check(const char *data, size_t size, const struct dialect *dialect)
{
	g_autoptr(GError) error = NULL;
	autoptr(lockfile) entry = read_entry(data, size, dialect, &error);
	autoptr(lockfile) again = NULL;
	g_autofree char *text = NULL;
	size_t length;

	if (!entry && !error)
		fuzz_fail("refused without an error");
	if (!entry)
		return;
	text = run_entry_write(entry->stages->pdata[0], dialect, &length);
	again = read_entry(text, length, dialect, &error);
	if (!again)
		fuzz_fail("a written entry does not read: %s\n%s", error->message, text);
	check_same(entry->stages->pdata[0], again->stages->pdata[0], dialect);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	check((const char *)data, size, &dialect_dvc);
	check((const char *)data, size, &dialect_native);
	return 0;
}
