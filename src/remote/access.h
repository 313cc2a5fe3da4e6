/*
 * access: how a URL is reached: TLS, proxy, timeouts, host keys. What Git's http.* and http.<url>.* settings, the
 * environment and the remote's own options come to. Plain data; made once for each open remote, constant after.
 */
#ifndef REMOTE_ACCESS_H
#define REMOTE_ACCESS_H

#include "base/auto.h"
#include "remote/spec.h"

#include <glib.h>
#include <stdbool.h>

struct access {
	bool insecure;             /* do not check the server's certificate */
	char *ca_file, *ca_path;   /* NULL: the system's */
	char *cert, *key;          /* client certificate and key; NULL: none */
	char *key_password;        /* of key; a secret */
	char *proxy;               /* "": none; NULL: by the environment */
	char *user_agent;          /* never NULL */
	GPtrArray *headers;        /* http.extraHeader, of char *, owned: secret, for this URL's origin alone; or NULL */
	bool http1;                /* http.version = HTTP/1.1: no HTTP/2 */
	unsigned connect_timeout;  /* seconds */
	char *known_hosts;         /* sftp: checked always */
	char *ssh_key;             /* sftp: private key; NULL: those that ssh tries */
	bool ssh_agent;            /* sftp: ask the agent */
};

/*
 * What holds for `url`: Git's settings in the spec's repository, overridden by the remote's options (dvc-formats 14.3:
 * ssl_verify, connect_timeout, cert_path, key_path, keyfile, …). ERROR_USAGE names a setting that makes no sense. No
 * secret of a committed url's spec is given to a host that it was not given for.
 */
struct access *access_new(const struct remote_spec *spec, const char *url, GError **error);

/* Free it. */
void access_free(struct access *access);

AUTO_DEFINE(access, access_free);

#endif
