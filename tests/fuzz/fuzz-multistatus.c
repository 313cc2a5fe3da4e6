/* Whatever members multistatus_read() gives have names that are one component, and lead nowhere else. */
#include "backend/web/multistatus.h"
#include "fuzz.h"
#include "remote/transfer.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	g_autoptr(GPtrArray) members = multistatus_read((const char *)data, size, "/dav/files/", NULL);

	for (guint i = 0; members && i < members->len; i++) {
		const struct multistatus_member *member = members->pdata[i];

		if (!*member->name || strchr(member->name, '/') || strcmp(member->name, ".") == 0 ||
		    strcmp(member->name, "..") == 0 || (member->size > G_MAXINT64 && member->size != TRANSFER_ANY_SIZE))
			fuzz_fail("'%s' is no name", member->name);
	}
	return 0;
}
