/*
 * lfs-endpoint: where the Git LFS server of a remote is. Pure functions.
 *
 *	lfs::https://host/owner/repo.git/info/lfs    this endpoint
 *	lfs::ssh://git@host/owner/repo.git           the one that `git-lfs-authenticate` tells on that host
 *	lfs::origin                                  the one of this Git remote
 *	lfs::                                        the one of the default Git remote
 */
#ifndef BACKEND_LFS_LFS_ENDPOINT_H
#define BACKEND_LFS_LFS_ENDPOINT_H

#include "base/auto.h"
#include "repo/config.h"

#include <glib.h>
#include <stdbool.h>

/* What a remote's URL begins with. */
#define LFS_PREFIX "lfs::"

struct lfs_endpoint {
	char *url;                              /* http or https, no login, no '/' at the end */
	char *login_url;                        /* the same with the user and password that stood in it */
	char *ssh_host, *ssh_port, *ssh_path;   /* ask there for url and headers; host with "user@", port may be NULL.
						   NULL: no ssh; then url is where to go if ssh tells none */
	bool committed;                         /* the URL came from the clone's .lfsconfig */
};

/* Where settings come from; any of them may be NULL. */
struct lfs_settings {
	const struct config *git;       /* Git's */
	const struct config *lfsconfig; /* the clone's .lfsconfig, of which nothing but URLs of servers is used */
};

/*
 * Find the endpoint for a remote's URL, for sending (`upload`) or fetching. ERROR_USAGE for what is no URL of a server
 * (a folder, an unknown protocol, a host or port that a program could take for an option), ERROR_NOT_FOUND for a Git
 * remote that does not exist.
 */
struct lfs_endpoint *lfs_endpoint_find(const char *url, const struct lfs_settings *settings, bool upload,
				       GError **error);

/* Free it. */
void lfs_endpoint_free(struct lfs_endpoint *endpoint);

AUTO_DEFINE(lfs_endpoint, lfs_endpoint_free);

#endif
