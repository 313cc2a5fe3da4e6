/*
 * sftp: a remote on a machine that one can log in to with ssh: ssh://[user@]host[:port]/path, or sftp://.
 *
 * The layout is that of a folder remote. An object is uploaded to a temporary name in .mlv/tmp/ and then renamed, so it
 * appears whole or not at all; of two who send the same one, the later finds it there and takes its own copy away.
 * A file of the object's size is taken for the object. The server's key must be in known_hosts.
 */
#ifndef BACKEND_SFTP_SFTP_H
#define BACKEND_SFTP_SFTP_H

#include "remote/remote.h"

extern const struct remote_ops remote_ssh;  /* ssh:// */
extern const struct remote_ops remote_sftp; /* sftp:// */

#endif
