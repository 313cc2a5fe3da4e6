/*
 * git-mlv-network: the commands that need the network or archives. git-mlv runs it; nobody calls it by hand.
 */
#include "cmd/commands.h"
#include "hash/digest.h"

int main(int argc, char **argv)
{
	digest_setup();
	return cli_main(&program_network, argc, argv);
}
