/*
 * urlmatch: which of Git's settings "section.<url>.name" hold for an URL, as `git config --get-urlmatch` decides.
 *
 * A setting without an url matches all. One with an url matches if scheme, host (a label may be "*"), port and user, if
 * it names one, are the same and its path leads to ours. A setting is passed over if an earlier one of the same name
 * matched better: by a longer host, then a longer path, then the user. Pure.
 */
#ifndef REMOTE_URLMATCH_H
#define REMOTE_URLMATCH_H

#include "repo/config.h"

#include <glib.h>
#include <stdbool.h>

/* One setting that matches; `specific` if it named an url. name is in lower case. */
typedef void (*urlmatch_visit)(const char *name, const char *value, bool specific, void *user);

/* Call visit for each setting of the section that holds for the url, later ones overriding. Nothing for what is no url.
 */
void urlmatch_each(const struct config *config, const char *section, const char *url, urlmatch_visit visit, void *user);

/*
 * The origin of an url: "scheme://host" in lower case, with ":port" unless that is the scheme's own; without user,
 * password and path; webdav and webdavs are http and https. NULL if it has no host. New string.
 */
char *urlmatch_origin(const char *url);

#endif
