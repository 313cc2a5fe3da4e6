#include "view/view.h"

#include "base/error.h"
#include "base/quote.h"
#include "view/message.h"
#include "view/progress.h"
#include "view/text.h"

#include <errno.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#define STYLE_END "\033[m"

static const char *const styles[] = {
	[VIEW_PLAIN] = "",           [VIEW_HEADING] = "\033[1m",   [VIEW_ADDED] = "\033[32m",
	[VIEW_DELETED] = "\033[31m", [VIEW_MODIFIED] = "\033[33m", [VIEW_RENAMED] = "\033[36m",
	[VIEW_MISSING] = "\033[35m", [VIEW_DIM] = "\033[2m",       [VIEW_OK] = "\033[32m",
	[VIEW_BAD] = "\033[1;31m",
};

static bool is_terminal(FILE *stream)
{
	int fd = fileno(stream);

	return fd >= 0 && isatty(fd);
}

/* Whether what is written to one comes among what is written to the other: one terminal, or a log that takes both. */
static bool is_same_place(FILE *a, FILE *b)
{
	struct stat of_a, of_b;

	return fileno(a) >= 0 && fileno(b) >= 0 && fstat(fileno(a), &of_a) == 0 && fstat(fileno(b), &of_b) == 0 &&
	       of_a.st_dev == of_b.st_dev && of_a.st_ino == of_b.st_ino;
}

void view_set_colour(struct view *view, enum view_colour colour)
{
	view->colour = colour == VIEW_COLOUR_ALWAYS || (colour == VIEW_COLOUR_AUTO && view->out_terminal);
	view->colour_err = colour == VIEW_COLOUR_ALWAYS || (colour == VIEW_COLOUR_AUTO && view->err_terminal);
	progress_set_colour(view->watch, view->colour_err);
}

void view_set_volume(struct view *view, bool quiet, unsigned verbose, bool progress)
{
	view->quiet = quiet;
	view->verbose = verbose;
	view->progress = progress && !quiet && view->err_terminal;
	if (!view->progress)
		progress_stop(view->watch);
}

struct view *view_new(FILE *out, FILE *err, enum view_colour colour, bool quiet, unsigned verbose, bool progress)
{
	struct view *view = g_new0(struct view, 1);

	view->out = out;
	view->err = err;
	view->out_terminal = is_terminal(out);
	view->err_terminal = is_terminal(err);
	view->together = (view->out_terminal && view->err_terminal) || is_same_place(out, err);
	view->ascii_paths = true;
	view->width = progress_terminal_width(view->out_terminal ? fileno(out) : -1);
	view->watch = progress_new(err, view->err_terminal, false);
	view_set_volume(view, quiet, verbose, progress);
	view_set_colour(view, colour);
	return view;
}

bool view_close(struct view *view)
{
	int error = view->write_error;

	if (fflush(view->out) != 0 && error == 0)
		error = errno;
	/* A write that failed behind our back left a mark but no reason. */
	if (error == 0 && ferror(view->out))
		error = EIO;
	progress_free(view->watch);
	fflush(view->err);
	g_free(view);
	errno = error;
	return error == 0;
}

void view_free(struct view *view)
{
	if (view)
		view_close(view);
}

const char *view_style_start(enum view_style style)
{
	return styles[style];
}

void view_write(struct view *view, const char *data, size_t length)
{
	if (view->first_output) {
		void (*call)(void *user) = view->first_output;

		view->first_output = NULL;
		call(view->first_output_user);
	}
	if (view->out_terminal)
		progress_hide(view->watch);
	if (fwrite(data, 1, length, view->out) < length && view->write_error == 0)
		view->write_error = errno;
}

/* Text in a style, then what follows it. */
static void write_styled(struct view *view, enum view_style style, GString *text)
{
	if (view->colour && style != VIEW_PLAIN && text->len > 0) {
		g_string_prepend(text, styles[style]);
		g_string_append(text, STYLE_END);
	}
	view_write(view, text->str, text->len);
}

void view_print(struct view *view, enum view_style style, const char *format, ...)
{
	g_autoptr(GString) text = g_string_sized_new(128);
	va_list arguments;

	va_start(arguments, format);
	g_string_vprintf(text, format, arguments);
	va_end(arguments);
	write_styled(view, style, text);
}

void view_path(struct view *view, enum view_style style, const char *path, int terminator)
{
	g_autoptr(GString) text = NULL;
	char last = terminator;

	if (terminator == '\0') {
		view_write(view, path, strlen(path) + 1);
		return;
	}
	text = g_string_sized_new(256);
	if (view->out_terminal && !view->ascii_paths) {
		g_autofree char *quoted = quote_path(path);

		g_string_append(text, quoted);
	} else {
		quote_append(text, path, view->ascii_paths);
	}
	write_styled(view, style, text);
	if (terminator >= 0)
		view_write(view, &last, 1);
}

/* One message on err, the bar out of its way and standard output before it, as it happened. */
static void say(struct view *view, enum message_kind kind, const char *text)
{
	progress_hide(view->watch);
	if (view->together && fflush(view->out) != 0 && view->write_error == 0)
		view->write_error = errno;
	message_print(view->err, view->colour_err, kind, text);
}

void view_note(struct view *view, const char *format, ...)
{
	g_autofree char *text = NULL;
	va_list arguments;

	if (view->quiet)
		return;
	va_start(arguments, format);
	text = g_strdup_vprintf(format, arguments);
	va_end(arguments);
	say(view, MESSAGE_NOTE, text);
}

void view_warn(struct view *view, const char *format, ...)
{
	g_autofree char *text = NULL;
	va_list arguments;

	va_start(arguments, format);
	text = g_strdup_vprintf(format, arguments);
	va_end(arguments);
	say(view, MESSAGE_WARNING, text);
}

static void say_error(struct view *view, enum message_kind kind, const GError *error)
{
	const char *hint = error_get_hint(error);

	say(view, kind, error->message);
	if (hint)
		say(view, MESSAGE_HINT, hint);
}

void view_error(struct view *view, const GError *error)
{
	say_error(view, MESSAGE_ERROR, error);
}

void view_fatal(struct view *view, const GError *error)
{
	say_error(view, MESSAGE_FATAL, error);
}

/* One line from standard input; NULL at its end or when a signal came, which poll() reports and a restarted read()
 * would not. */
static char *read_answer(void)
{
	struct pollfd wait = {.fd = STDIN_FILENO, .events = POLLIN};
	char *line = NULL;
	size_t size = 0;

	if (poll(&wait, 1, -1) < 0 || getline(&line, &size, stdin) < 0) {
		free(line);
		return NULL;
	}
	return line;
}

bool view_confirm(struct view *view, const char *format, ...)
{
	g_autoptr(GString) text = NULL;
	g_autofree char *question = NULL;
	va_list arguments;
	char *answer;
	bool yes;

	if (!view->err_terminal || !isatty(STDIN_FILENO))
		return false;
	va_start(arguments, format);
	question = g_strdup_vprintf(format, arguments);
	va_end(arguments);
	text = g_string_new(NULL);
	text_append_safe(text, question, 0);
	progress_hide(view->watch);
	fflush(view->out);
	fprintf(view->err, "%s [y/N] ", text->str);
	fflush(view->err);
	answer = read_answer();
	if (!answer) {
		fputc('\n', view->err);
		return false;
	}
	g_strstrip(answer);
	yes = g_ascii_strcasecmp(answer, "y") == 0 || g_ascii_strcasecmp(answer, "yes") == 0;
	free(answer);
	return yes;
}
