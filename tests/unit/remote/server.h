/*
 * server: real servers for tests, from tests/services/. Each is started once for a test program, on first use, and ended at
 * its exit, however that comes about. Main thread only.
 */
#ifndef TESTS_REMOTE_SERVER_H
#define TESTS_REMOTE_SERVER_H

#include "base/auto.h"
#include "remote/spec.h"

#include <glib.h>
#include <stdbool.h>

struct server;

/*
 * The running service of that name (ceph, swift, nginx, apache, sshd, lfs); NULL if it cannot run here, with the reason
 * in *why (owned by the program), which is for g_test_skip(). A service that is there but fails ends the program.
 */
struct server *server_get(const char *name, const char **why);

/* What the service says of itself, by name: "HTTP_URL", "CA_FILE" …; NULL if it does not. */
const char *server_value(const struct server *server, const char *key);

/* A fresh, empty remote on a server, and how else one can come to it; what the server cannot offer is NULL. */
struct server_place {
	struct remote_spec *spec;
	struct remote_spec *readonly; /* as one who may only read */
	struct remote_spec *wrong;    /* with a wrong password or key */
	struct remote_spec *missing;  /* a place that does not exist */
	GHashTable *values;           /* all that the service said of it */
};

/* Make one; `kind` as tests/services/NAME.bash lists them, NULL for the usual. */
struct server_place *server_place_new(struct server *server, const char *kind);

/* Free what describes it; the server keeps the place to its end. */
void server_place_free(struct server_place *place);

AUTO_DEFINE(server_place, server_place_free);

/* Kill what clients talk to, as a crash would, and start it again where it was. */
void server_kill(struct server *server);
void server_revive(struct server *server);

#endif
