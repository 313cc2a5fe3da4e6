/*
 * fake-http: a web server in a thread of the test, on 127.0.0.1 with a port of its own, that answers as a function of
 * the test says. It serves one connection at a time and closes it after the answer.
 */
#ifndef TESTS_UNIT_BACKEND_FAKE_HTTP_H
#define TESTS_UNIT_BACKEND_FAKE_HTTP_H

#include "base/auto.h"

#include <glib.h>
#include <stdbool.h>

struct fake_question {
	char *method, *path; /* with its query */
	char *headers;       /* all lines, names in lower case */
	char *body;
};

struct fake_answer {
	unsigned status;
	char *body; /* freed by the server; NULL: none */
};

struct fake_http {
	char *url; /* http://127.0.0.1:PORT */

	int listener;
	GThread *thread;
	struct fake_answer (*answer)(const struct fake_question *question, void *user);
	void *user;
};

/* Start one. `answer` is called on its thread. */
struct fake_http *fake_http_start(struct fake_answer (*answer)(const struct fake_question *question, void *user),
				  void *user);

/* Whether the question has this header line, "name: value". */
bool fake_question_has(const struct fake_question *question, const char *line);

/* Stop it. */
void fake_http_stop(struct fake_http *server);

AUTO_DEFINE(fake_http, fake_http_stop);

#endif
