/*
 * known-hosts: which keys of a server its users have accepted, from the texts of known_hosts files (sshd(8)).
 *
 * libcurl 7.88 takes the first hashed line for that of any server, knows no patterns, and lets the first line choose
 * the kind of key. So it is given only the plain lines of the one host that is asked for. Pure; any thread.
 */
#ifndef BACKEND_SFTP_KNOWN_HOSTS_H
#define BACKEND_SFTP_KNOWN_HOSTS_H

#include "base/auto.h"

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

struct known_hosts;

/* The keys of a host: nothing is known yet. */
struct known_hosts *known_hosts_new(const char *host, unsigned port);

/* Take what a file says of the host. Lines that make no sense are passed over. */
void known_hosts_add(struct known_hosts *known, const char *text, size_t length);

/*
 * The keys that are accepted as lines for `host`, which may be another name than it is known by: strongest kind first;
 * "" if there is none. Keys of the plain host count for another port if it has none of its own, as with ssh. A revoked
 * key is left out. New string.
 */
char *known_hosts_lines(const struct known_hosts *known, const char *host);

/* Free it. NULL is fine. */
void known_hosts_free(struct known_hosts *known);

AUTO_DEFINE(known_hosts, known_hosts_free);

#endif
