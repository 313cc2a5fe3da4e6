/*
 * Whatever lockfile_read() accepts is written back unchanged; with one stage changed it still reads, and so does a new file
 * with its stages, which says the same.
 */
#include "format/lockfile.h"
#include "fuzz.h"

/* Write the lock and read it again. */
static struct lockfile *again(const struct lockfile *lockfile)
{
	g_autofree char *text = NULL;
	g_autoptr(GError) error = NULL;
	struct lockfile *result;
	size_t length;

	text = lockfile_write(lockfile, &length);
	result = lockfile_read(text, length, "again.lock", lockfile->dialect, &error);
	if (!result || result->stages->len != lockfile->stages->len)
		fuzz_fail("a written lock does not read: %s\n%s", error ? error->message : "", text);
	return result;
}

static void check_copy(const struct lockfile *lockfile)
{
	autoptr(lockfile) copy = lockfile_new(lockfile->dialect);
	autoptr(lockfile) read = NULL;

	for (guint i = 0; i < lockfile->stages->len; i++)
		lockfile_set(copy, lockfile->stages->pdata[i]);
	read = again(copy);
	for (guint i = 0; i < lockfile->stages->len; i++) {
		const struct lockfile_stage *stage = lockfile->stages->pdata[i];
		const struct lockfile_stage *same = lockfile_find(read, stage->name);

		if (!same || same->deps->len != stage->deps->len || same->outs->len != stage->outs->len)
			fuzz_fail("the copy of stage '%s' says something else", stage->name);
	}
}

static void check(const uint8_t *data, size_t size, const struct dialect *dialect)
{
	autoptr(lockfile) lockfile = lockfile_read((const char *)data, size, "fuzz.lock", dialect, NULL);
	autoptr(lockfile) changed = NULL;
	autoptr(lockfile) shorter = NULL;
	struct lockfile_stage *first;
	g_autofree char *same = NULL;
	size_t length;

	if (!lockfile || lockfile->stages->len == 0)
		return;
	same = lockfile_write(lockfile, &length);
	if (length != size || memcmp(same, data, size) != 0)
		fuzz_fail("an unchanged lock changed:\n%s", same);
	check_copy(lockfile);
	first = lockfile->stages->pdata[0];
	g_ptr_array_add(first->outs, entry_new("new: path"));
	changed = again(lockfile);
	lockfile_remove(lockfile, first->name);
	shorter = again(lockfile);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	check(data, size, &dialect_dvc);
	check(data, size, &dialect_native);
	return 0;
}
