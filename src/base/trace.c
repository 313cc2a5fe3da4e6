#include "base/trace.h"
#include "base/file.h"

#include <fcntl.h>
#include <time.h>
#include <unistd.h>

/* The descriptor that traces go to, -1 for none. Read from the environment once. */
static int trace_fd(void)
{
	/* Holds the descriptor + 2, because GLib keeps 0 for "not yet". */
	static gsize once;

	if (g_once_init_enter(&once)) {
		const char *where = g_getenv("GIT_MLV_TRACE");
		int fd = STDERR_FILENO;

		if (!where || !*where || g_str_equal(where, "0"))
			fd = -1;
		else if (where[0] == '/')
			fd = open(where, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOCTTY, 0666);
		g_once_init_leave(&once, (gsize)(fd + 2));
	}
	return (int)once - 2;
}

bool trace_on(void)
{
	return trace_fd() >= 0;
}

/* "HH:MM:SS.uuuuuu " in local time. */
static void append_time(GString *line)
{
	gint64 now = g_get_real_time();
	time_t seconds = (time_t)(now / G_USEC_PER_SEC);
	struct tm tm = {0};

	localtime_r(&seconds, &tm);
	g_string_append_printf(line, "%02d:%02d:%02d.%06d ", tm.tm_hour, tm.tm_min, tm.tm_sec,
			       (int)(now % G_USEC_PER_SEC));
}

void trace(const char *area, const char *format, ...)
{
	g_autoptr(GString) line = NULL;
	va_list args;
	gsize text;

	if (!trace_on())
		return;
	line = g_string_sized_new(120);
	append_time(line);
	g_string_append_printf(line, "%s: ", area);
	text = line->len;
	va_start(args, format);
	g_string_append_vprintf(line, format, args);
	va_end(args);

	/* A name from outside must not forge lines nor drive the terminal. */
	for (gsize i = text; i < line->len; i++)
		if (g_ascii_iscntrl(line->str[i]))
			line->str[i] = '?';
	g_string_append_c(line, '\n');
	/* One write, so that lines of several threads and processes do not mix. There is nobody to tell if it fails. */
	file_write_all(trace_fd(), line->str, line->len, NULL);
}
