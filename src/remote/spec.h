/*
 * spec: a remote as the settings describe it, before anyone connects to it.
 */
#ifndef REMOTE_SPEC_H
#define REMOTE_SPEC_H

#include "base/auto.h"
#include "repo/config.h"
#include "repo/repo.h"

#include <glib.h>
#include <stdbool.h>

struct remote_spec {
	char *name;
	char *url;           /* a path is absolute: relative ones are taken from their config file's own directory */
	GHashTable *options; /* char * to char *, owned: all else by DVC's option names ("endpointurl" …) */
	const struct repo *repo;     /* where `git credential` runs; borrowed; NULL: nowhere */
	const struct config *config; /* Git's settings, for http.* and http.<url>.*; borrowed; NULL: none */
	bool committed; /* the url came from a file that Git tracks: secrets given for another host must not go there */
};

/* A spec without options; name and url are copied. */
struct remote_spec *remote_spec_new(const char *name, const char *url);

/* options[name], NULL if unset. Owned by the spec. */
const char *remote_spec_get(const struct remote_spec *spec, const char *name);

/* Free it. */
void remote_spec_free(struct remote_spec *spec);

AUTO_DEFINE(remote_spec, remote_spec_free);

#endif
