/*
 * conformance: what every back-end must do, run over one body after another through the engine.
 *
 * A program for a family of back-ends, test-conformance-<family>.c, is no more than
 *
 *	static const struct body bodies[] = {
 *		{.name = "ceph", .ops = &remote_s3, .server = "ceph"},
 *		{.name = "swift", .ops = &remote_s3, .server = "swift"},
 *	};
 *
 *	int main(int argc, char **argv)
 *	{
 *		tap_init(argc, argv);
 *		conformance_add(bodies, G_N_ELEMENTS(bodies));
 *		return g_test_run();
 *	}
 *
 * with a line of Makemodule.am. The real server is started on first use (server.h); where it is not installed, its tests
 * are one that is skipped. What a body cannot do (remote_ops.abilities) is not asked of it.
 */
#ifndef TESTS_REMOTE_CONFORMANCE_H
#define TESTS_REMOTE_CONFORMANCE_H

#include "remote/remote.h"
#include "server.h"

#include <stdbool.h>
#include <stddef.h>

/* A fresh, empty remote of some body. */
struct place {
	struct remote_spec *spec;
	void *state;                 /* the body's */
	struct server_place *served; /* of a real server, else NULL */
};

struct body {
	const char *name;
	const struct remote_ops *ops;

	/* On a real server: the service of tests/services/ and the kind of its place, NULL for the usual. */
	const char *server, *kind;
	/* Options that it needs beyond those that the service prints: "name=value", NULL-terminated; may be NULL. */
	const char *const *options;
	bool objects_only; /* keys can be those of objects alone */
	bool keeps_first;  /* what it has cannot be sent anew */
	bool hides_dots;   /* the server does not list names that begin with a dot */

	/* Without one. */
	void (*make)(struct place *place);
	void (*unmake)(struct place *place);
	/* From now on (`on`) nothing can be written there. */
	void (*lock)(struct place *place, bool on);
};

/* Add the tests of these bodies, which stay where they are. */
void conformance_add(const struct body *bodies, size_t n);

#endif
