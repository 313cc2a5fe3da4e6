/*
 * sftp-int: an open SFTP remote, and requests to it.
 */
#ifndef BACKEND_SFTP_SFTP_INT_H
#define BACKEND_SFTP_SFTP_INT_H

#include "backend/sftp/sftp-list.h"
#include "remote/remote.h"

struct ssh_config;

/* Where our own files lie below the root, and uploads until they have their name. */
#define SFTP_OURS ".mlv/"
#define SFTP_TEMP SFTP_OURS "tmp/"

struct remote_conn {
	char *place;   /* for people: "ssh://user@host:port/path" */
	char *ssh;     /* the command that logs in there */
	char *address; /* "host" or "[host]:port", as known_hosts files write it */
	char *url;     /* of the root for libcurl, ending in '/' */
	char *root;    /* the same as a path in commands: "/path/", "path/" below the home directory, "/" or "" */
	char *user, *password;
	struct access *access;
	int known_hosts;  /* in memory: the keys of this host */
	GHashTable *dirs; /* directories below the root that are there, ending in '/' */
	GHashTable *left; /* objects to the names of unfinished uploads that nobody is at; NULL: not looked for */
	char *session;    /* see sftp-temp.h */
	guint serial;
};

/* Connect: find out how, log in, see that the root is there; with REMOTE_WRITE make it. */
struct remote_conn *sftp_open(const struct remote_spec *spec, enum remote_mode mode, GError **error);

/*
 * sftp-login.c: log in, with one key after the other, and see that the root is there; with REMOTE_WRITE make it, with
 * REMOTE_COLLECT take away uploads that were never finished.
 */
bool sftp_log_in(struct remote_conn *conn, const struct remote_spec *spec, const struct ssh_config *config,
		 enum remote_mode mode, GError **error);

/* Whether an option is set to what means yes. */
bool sftp_option_is_on(const struct remote_spec *spec, const char *name);

/* Forget it all. */
void sftp_close(struct remote_conn *conn);

/* A request for a key ("" for the root, with '/' at its end a directory's listing). */
struct request *sftp_request(const struct remote_conn *conn, const char *method, const char *key);

/* A request that only runs commands, added with sftp_before(). */
struct request *sftp_commands(const struct remote_conn *conn);

/* Add a command with one key or two, to be run before or after the bytes move. `name` begins with '*' if it may fail.
 */
void sftp_before(const struct remote_conn *conn, struct request *request, const char *name, const char *first,
		 const char *second);
void sftp_after(const struct remote_conn *conn, struct request *request, const char *name, const char *first,
		const char *second);

/* Ask for a directory's listing, whose key is "" or ends in '/'. */
struct request *sftp_list(const struct remote_conn *conn, const char *key);

/* A fresh key for an upload of this object. New string. */
char *sftp_temp_key(struct remote_conn *conn, const char *object);

/*
 * Make a request's error one that says what is meant: libcurl tells the server's words only as text. The error is
 * replaced in place.
 */
void sftp_explain(const struct remote_conn *conn, GError **error);

/* Whether an error says that the server's key is another one, or that the login failed. */
bool sftp_error_is_key(const GError *error);
bool sftp_error_is_login(const GError *error);

/* Whether a file of this size is taken for the object. */
bool sftp_is_sound(const struct transfer *transfer, uint64_t size);

/* What an error means that has no meaning of its own to a step: try again, or the end. */
struct verdict sftp_judge_error(const GError *error);

/* Have the request make the directories above a key that are not known to be there; those that are stay. */
void sftp_make_parents(const struct remote_conn *conn, struct request *request, const char *key);

/* The directories above a key are there. */
void sftp_note_parents(struct remote_conn *conn, const char *key);

/* Have the request remove the empty directories above a key of ours. */
void sftp_prune_parents(struct remote_conn *conn, struct request *request, const char *key);

/* PUT and MOVE: sftp-put.c, sftp-move.c. `error` is the step's, explained, NULL if it went well. */
void sftp_shape_put(struct remote_conn *conn, struct transfer *transfer, struct step *step);
struct verdict sftp_judge_put(struct remote_conn *conn, struct transfer *transfer, const struct reply *reply,
			      const GError *error);
void sftp_forget_put(struct transfer *transfer);
void sftp_shape_move(struct remote_conn *conn, struct transfer *transfer, struct step *step);
struct verdict sftp_judge_move(struct remote_conn *conn, struct transfer *transfer, const GError *error);

#endif
