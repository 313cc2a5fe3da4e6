/*
 * exec-conformance: what every body of exec_ops must do. A program for a body, test-exec-<name>.c, is no more than
 *
 *	static const struct exec_body body = {.ops = &exec_local};
 *
 *	int main(int argc, char **argv)
 *	{
 *		tap_init(argc, argv);
 *		exec_conformance_add(&body);
 *		return g_test_run();
 *	}
 */
#ifndef TESTS_PIPELINE_EXEC_CONFORMANCE_H
#define TESTS_PIPELINE_EXEC_CONFORMANCE_H

#include "pipeline/exec.h"

struct exec_body {
	const struct exec_ops *ops;
	bool imitates;    /* it runs nothing: of commands it knows "true", "exit N" and "sleep N", which lasts until stop(); no logs */
	unsigned wait_ms; /* how long a trivial job may take to end; 0: 20 s */
	/* Why it cannot be tested here (NULL: it can); may change the options, which name a fresh state_dir. May be NULL. */
	const char *(*prepare)(struct exec_options *options);
};

/* Add the tests of this body, which stays where it is, as /exec/NAME/…. */
void exec_conformance_add(const struct exec_body *body);

#endif
