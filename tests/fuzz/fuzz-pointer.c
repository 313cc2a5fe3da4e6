/* Whatever pointer_read() accepts is written back unchanged, and with another hash it still reads. */
#include "format/pointer.h"
#include "fuzz.h"
#include "hash/digest.h"

static void try_dialect(const uint8_t *data, size_t size, const struct dialect *dialect)
{
	autoptr(pointer) pointer = pointer_read((const char *)data, size, "fuzz", dialect, NULL);
	autoptr(pointer) again = NULL;
	g_autofree char *same = NULL, *changed = NULL;
	g_autoptr(GError) error = NULL;
	size_t length;

	if (!pointer)
		return;
	same = pointer_write(pointer, &length);
	if (length != size || memcmp(same, data, size) != 0)
		fuzz_fail("an unchanged pointer changed:\n%s", same);
	if (pointer->outs->len == 0)
		return;
	digest_bytes(data, size, dialect->algo, &((struct entry *)g_ptr_array_index(pointer->outs, 0))->oid);
	changed = pointer_write(pointer, &length);
	again = pointer_read(changed, length, "again", dialect, &error);
	if (!again || again->outs->len != pointer->outs->len)
		fuzz_fail("a changed pointer does not read: %s\n%s", error ? error->message : "", changed);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	try_dialect(data, size, &dialect_native);
	try_dialect(data, size, &dialect_dvc);
	return 0;
}
