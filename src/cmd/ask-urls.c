#include "base/error.h"
#include "cmd/commands.h"
#include "pipeline/external-answer.h"
#include "sync/look.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

/* Look at one URL and put what it said. What cannot be told of one does not keep the others from being asked. */
static void answer(struct workspace *ws, const char *url, GString *out)
{
	struct external_answer answer = {.state = EXTERNAL_ABSENT};
	g_autoptr(GError) error = NULL;
	struct look look;

	if (!look_at_url(ws, url, &look, &error)) {
		answer.state = EXTERNAL_FAILED;
		answer.text = error->message;
	} else if (look.found) {
		answer.state = EXTERNAL_FOUND;
		answer.key = look.key;
		answer.text = look.mark;
		answer.has_size = look.has_size;
		answer.size = look.size;
	}
	external_answer_write(&answer, out);
	look_clear(&look);
}

static int ask_urls_run(struct context *context, GError **error)
{
	g_autoptr(GString) out = g_string_new(NULL);
	g_autofree char *url = NULL;
	size_t capacity = 0;

	while (getdelim(&url, &capacity, '\0', stdin) > 0)
		answer(context->ws, url, out);
	if (ferror(stdin)) {
		error_set_errno(error, errno, "read the URLs");
		return -1;
	}
	view_write(context->view, out->str, out->len);
	return EXIT_DONE;
}

/* Lives in the network program: the local one, whose stages have dependencies elsewhere, runs it as a child. */
const struct command cmd_ask_urls = {
	.name = "ask-urls",
	.group = "Pipelines",
	.synopsis = "<urls",
	.summary = "Tell what lies at URLs, given and answered as pipeline/external-answer.h says",
	.needs = NEEDS_WORKSPACE,
	.elsewhere = true,
	.run = ask_urls_run,
};
