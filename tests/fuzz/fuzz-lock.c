/* Whatever lockfile_read() accepts is written back unchanged, and with one stage changed it still reads. */
#include "format/lockfile.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	autoptr(lockfile) lockfile = lockfile_read((const char *)data, size, "fuzz.lock", &dialect_dvc, NULL);
	autoptr(lockfile) again = NULL;
	g_autofree char *same = NULL, *changed = NULL;
	g_autoptr(GError) error = NULL;
	size_t length;

	if (!lockfile || lockfile->stages->len == 0)
		return 0;
	same = lockfile_write(lockfile, &length);
	if (length != size || memcmp(same, data, size) != 0)
		g_error("an unchanged lock changed:\n%s", same);
	g_ptr_array_add(((struct lockfile_stage *)g_ptr_array_index(lockfile->stages, 0))->outs, entry_new("new: path"));
	changed = lockfile_write(lockfile, &length);
	again = lockfile_read(changed, length, "again.lock", &dialect_dvc, &error);
	if (!again || again->stages->len != lockfile->stages->len)
		g_error("a changed lock does not read: %s\n%s", error ? error->message : "", changed);
	return 0;
}
