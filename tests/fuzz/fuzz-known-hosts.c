/*
 * Input: a known_hosts file. What is found in it must be found again in what was made of it.
 */
#include "backend/sftp/known-hosts.h"
#include "fuzz.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	autoptr(known_hosts) known = known_hosts_new("box.example", 2222);
	autoptr(known_hosts) again = known_hosts_new("addr", 2222);
	known_hosts_add(known, (const char *)data, size);
	g_autofree char *lines = known_hosts_lines(known, "addr");
	known_hosts_add(again, lines, strlen(lines));
	g_autofree char *same = known_hosts_lines(again, "addr");
	if (strcmp(lines, same) != 0)
		fuzz_fail("'%s' is read as '%s'", lines, same);
	return 0;
}
