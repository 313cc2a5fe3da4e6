/*
 * The conformance suite over SFTP.
 */
#include "../remote/conformance.h"
#include "../tap.h"
#include "backend/sftp/sftp.h"

static const struct body bodies[] = {
	{.name = "ssh", .ops = &remote_ssh, .server = "sshd"},
};

int main(int argc, char **argv)
{
	tap_init(argc, argv);
	const struct server *sshd = server_get("sshd", NULL);
	/* its keys are known to this user alone */
	if (sshd)
		g_assert_true(g_setenv("HOME", server_value(sshd, "SSH_HOME"), TRUE));
	conformance_add(bodies, G_N_ELEMENTS(bodies));
	return g_test_run();
}
