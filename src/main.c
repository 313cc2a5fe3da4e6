/*
 * git-mlv: the local program. It must start as fast as git itself, so it has neither libcurl nor libarchive.
 */
#include "cmd/commands.h"
#include "hash/digest.h"

int main(int argc, char **argv)
{
	digest_setup();
	return cli_main(&program_local, argc, argv);
}
