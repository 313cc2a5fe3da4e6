/*
 * credential: who we are to one HTTP server: the user and password (or token, or header) of the remote's own settings
 * and url, else what `git credential` knows or asks for, so that helpers, GIT_ASKPASS and GIT_TERMINAL_PROMPT work as
 * Git's.
 *
 * One for each open remote, for one origin. Requests carry what is known; the first 401 makes a job ask, which all
 * others that were refused wait for, so that many transfers ask once. What the server refuses is rejected at once, what
 * it takes is approved at the end: a helper may take its time, and no transfer is to wait for it. Each login has a
 * number: a reply to an older one says nothing about the present one.
 *
 *	login = credential_apply(credential, request);                  when a request is shaped
 *	credential_challenge(credential, reply);                        on a 401, before a job
 *	credential_renew(credential, login, &error);                    in the job; then shape again
 *	credential_accept(credential, login);                           on success
 */
#ifndef REMOTE_CREDENTIAL_H
#define REMOTE_CREDENTIAL_H

#include "base/auto.h"
#include "remote/request.h"
#include "remote/spec.h"

#include <glib.h>
#include <stdbool.h>

struct credential;

/*
 * For the server of `url` (http, https, webdav, webdavs, ssh). Takes from the spec's options: user, password, token,
 * custom_auth_header, auth (basic, digest, custom), ask_password; and user:password@ of the url, the password only if
 * the url is the user's own. ERROR_USAGE for what makes no sense, ERROR_UNSAFE for an url with control characters.
 */
struct credential *credential_new(const struct remote_spec *spec, const char *url, GError **error);

/* [any] Put the present login, if there is one, into a request to that server; its number. */
unsigned credential_apply(struct credential *credential, struct request *request);

/* [any] Whether a login must be asked for before the first request (ask_password): then begin with a job that renews.
 */
bool credential_is_due(struct credential *credential);

/*
 * [any] A 401: note which scheme the server wants, basic or digest. A login that was shown in the other one is tried
 * again, once: it gets another number.
 */
void credential_challenge(struct credential *credential, const struct reply *reply);

/*
 * [any] Get another login than number `refused`; may take long, and ask on the terminal. At once if there is a newer
 * one. ERROR_DENIED if there is none to be had, or a wrong one was refused; the same error from then on. The hint says
 * where the secret came from.
 */
bool credential_renew(struct credential *credential, unsigned refused, GError **error);

/* [any] The server has accepted the login of this number: git is to remember it. */
void credential_accept(struct credential *credential, unsigned login);

/* Free it; secrets are wiped. Tells git's helpers what is to be remembered, which may take long. */
void credential_free(struct credential *credential);

AUTO_DEFINE(credential, credential_free);

#endif
