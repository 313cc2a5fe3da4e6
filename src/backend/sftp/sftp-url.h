/*
 * sftp-url: the parts of ssh://[user@]host[:port]/path and of sftp:// URLs, and how paths are written to libcurl. Pure.
 */
#ifndef BACKEND_SFTP_SFTP_URL_H
#define BACKEND_SFTP_SFTP_URL_H

#include "base/auto.h"

#include <glib.h>

struct sftp_url {
	char *user;    /* NULL: not said */
	char *host;    /* an IPv6 address without its brackets */
	unsigned port; /* 0: not said */
	char *path;    /* normal: "/absolute", "/", or below the home directory, of "/~/path": "path", "" */
};

/*
 * Take a URL apart; %XX is decoded as Git does. ERROR_USAGE if it is none of these, has a password (which is not
 * repeated) or a path that leaves the home directory.
 */
struct sftp_url *sftp_url_parse(const char *url, GError **error);

/* Free it. NULL is fine. */
void sftp_url_free(struct sftp_url *url);

AUTO_DEFINE(sftp_url, sftp_url_free);

/* A command of CURLOPT_QUOTE: its name and one path, or two if `second` is not NULL. New string. */
char *sftp_command(const char *name, const char *first, const char *second);

#endif
