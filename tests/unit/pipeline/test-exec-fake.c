#include "exec-conformance.h"
#include "fake-exec.h"

#include "../tap.h"

int main(int argc, char **argv)
{
	static const struct exec_body body = {.ops = &fake_exec, .imitates = true};

	tap_init(argc, argv);
	exec_conformance_add(&body);
	return g_test_run();
}
