/*
 * The conformance suite over Git LFS servers: an open one, and one that wants a password and sends clients to another port
 * for the bytes.
 */
#include "../remote/conformance.h"
#include "../tap.h"
#include "backend/lfs/lfs.h"

static const struct body bodies[] = {
	{.name = "lfs", .ops = &remote_lfs, .server = "lfs", .objects_only = true, .keeps_first = true},
	{.name = "lfs-basic",
	 .ops = &remote_lfs,
	 .server = "lfs",
	 .kind = "basic",
	 .objects_only = true,
	 .keeps_first = true},
};

int main(int argc, char **argv)
{
	tap_init(argc, argv);
	conformance_add(bodies, G_N_ELEMENTS(bodies));
	return g_test_run();
}
