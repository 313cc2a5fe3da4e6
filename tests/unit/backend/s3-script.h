/*
 * s3-script: a server that plays an S3 with lines learned by heart: one answer after the other, whatever is asked. What
 * was asked is kept for the test to look at.
 */
#ifndef TESTS_REMOTE_S3_SCRIPT_H
#define TESTS_REMOTE_S3_SCRIPT_H

#include "../remote/http-server.h"
#include "../remote/kit.h"

#include <glib.h>

struct s3_line {
	const char *status;  /* "200 OK" */
	const char *headers; /* each line with \r\n at its end; NULL: none */
	const char *body;    /* NULL: none */
};

struct s3_script {
	struct http_server *server;
	struct remote_spec *spec; /* of "s3://bucket/pre" there, with keys */
	enum remote_mode mode;    /* to open it with */
	struct remote *remote;    /* NULL as long as nobody has opened it */
	struct engine *engine;
	const struct s3_line *lines;
	gsize count;
	GMutex mutex;
	GPtrArray *asks; /* of char *, owned: "METHOD path\nheaders\n\nbody" */
};

/* Start one. The lines stay where they are; what is asked beyond them gets 500. */
struct s3_script *s3_script_new(const struct s3_line *lines, gsize count);

/* Set an option of the remote, before it is opened. */
void s3_script_option(struct s3_script *script, const char *name, const char *value);

/* Run a transfer there. */
enum transfer_status s3_script_run(struct s3_script *script, struct transfer *transfer);

/* What was asked i-th, from 0; it must have been asked. */
const char *s3_script_ask(struct s3_script *script, guint i);

/* Check that there were so many requests and free it. With S3_SCRIPT_ANY they are not counted: some were dropped. */
#define S3_SCRIPT_ANY G_MAXUINT
void s3_script_end(struct s3_script *script, guint asked);

#define S3_ERROR(code, rest) "<Error><Code>" code "</Code>" rest "</Error>"

#endif
