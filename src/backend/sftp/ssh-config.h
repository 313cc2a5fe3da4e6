/*
 * ssh-config: how the user's ssh would reach a host, as `ssh -G` tells it: ~/.ssh/config and the machine's with their
 * Host and Match blocks. Where ssh is not installed its defaults hold.
 *
 * $HOME is the home directory, as for Git; ssh itself takes the account's.
 */
#ifndef BACKEND_SFTP_SSH_CONFIG_H
#define BACKEND_SFTP_SSH_CONFIG_H

#include "base/auto.h"

#include <glib.h>
#include <stdbool.h>

struct ssh_config {
	char *host;             /* to connect to */
	char *alias;            /* that its keys are known by; often `host` */
	char *user;             /* to log in as */
	unsigned port;          /* 22 unless said otherwise */
	GPtrArray *identities;  /* files with private keys that may be there, of char *, owned */
	GPtrArray *known_hosts; /* files with host keys, the same */
	bool agent;             /* false: the agent must not be asked */
	bool proxied;           /* it is reached through another host or a command */
};

/*
 * Ask for the host that a URL names. user NULL, port 0: as the settings say. ERROR_USAGE if host or user could be taken
 * for anything but a name; they may come from a committed URL.
 */
struct ssh_config *ssh_config_ask(const char *host, const char *user, unsigned port, GError **error);

/* What the output of `ssh -G` for this host means. Pure but for the names of user and home directory. */
struct ssh_config *ssh_config_parse(const char *text, const char *host);

/* Free it. NULL is fine. */
void ssh_config_free(struct ssh_config *config);

AUTO_DEFINE(ssh_config, ssh_config_free);

#endif
