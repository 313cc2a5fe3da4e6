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

/* Where a setting stands: in a file that Git tracks; in one of all the user's repositories; in one of this clone alone.
 */
enum spec_scope { SPEC_COMMITTED, SPEC_EVERYWHERE, SPEC_HERE };

/* What settings say about a remote and where; who reads them keeps account of it here. */
struct spec_given {
	GHashTable *scopes;           /* option or "url" -> enum spec_scope */
	char *own_url, *own_endpoint; /* of SPEC_EVERYWHERE, in force or not */
};

struct remote_spec {
	char *name;
	char *url;           /* a path is absolute: relative ones are taken from their config file's own directory */
	GHashTable *options; /* char * to char *, owned: all else by DVC's option names ("endpointurl" …) */
	const struct repo *repo;     /* where `git credential` runs; borrowed; NULL: nowhere */
	const struct config *config; /* Git's settings, for http.* and http.<url>.*; borrowed; NULL: none */
	bool committed; /* the url came from a file that Git tracks: secrets given for another host must not go there */
	char *withheld; /* options that were left out for that reason, for messages ("password, token"); NULL: none */
	char *note_place; /* the origin that secrets are now used for the first time; NULL: none, or it is known */
	struct spec_given given;
};

/* Git's setting for that origin; with the remote's name. */
#define SPEC_PLACE_KEY "mlv-remote.%s.secrets-for"

/* A spec without options; name and url are copied. */
struct remote_spec *remote_spec_new(const char *name, const char *url);

/* options[name], NULL if unset. Owned by the spec. */
const char *remote_spec_get(const struct remote_spec *spec, const char *name);

/* Free it. */
void remote_spec_free(struct remote_spec *spec);

AUTO_DEFINE(remote_spec, remote_spec_free);

#endif
