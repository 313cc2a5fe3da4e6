/*
 * credential-ask: talks to `git credential` (gitprotocol: git-credential(1)). Any thread; blocks as long as it takes.
 */
#ifndef REMOTE_CREDENTIAL_ASK_H
#define REMOTE_CREDENTIAL_ASK_H

#include <glib.h>
#include <stdbool.h>

/* What is asked about, and the answer. */
struct credential_query {
	char *protocol, *host,
		*path; /* host with its port, if that is not the protocol's; path without '/' before it */
	char *user, *password;
};

/*
 * Have `git credential fill` find user and password, in directory `dir` (NULL: here). ERROR_DENIED, with git's own
 * words, if it has none; ERROR_UNSAFE for a value with a line break or NUL.
 */
bool credential_ask_fill(const char *dir, struct credential_query *query, GError **error);

/* Tell helpers to keep (approve) or forget (reject) it; what goes wrong there is only traced. */
void credential_ask_tell(const char *dir, const char *action, const struct credential_query *query);

/*
 * Ask for the password of a client certificate or key in the file `path`, as Git does (protocol "cert"), in the
 * directory `dir` (NULL: here). New string; NULL with ERROR_DENIED if there is none.
 */
char *credential_ask_for_key(const char *dir, const char *path, GError **error);

/* Free what the query holds (not the struct), wiping the password, and zero it. */
void credential_query_clear(struct credential_query *query);

/* Free a secret, leaving nothing of it in memory. NULL is fine. */
void credential_wipe(char *secret);

#endif
