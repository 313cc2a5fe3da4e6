#include "view/progress.h"

#include "base/clock.h"
#include "base/quote.h"
#include "view/message.h"
#include "view/size.h"
#include "view/text.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

/* When the bar first shows, and how often at most after that. */
#define SHOW_AFTER_US   1000000
#define REDRAW_AFTER_US 100000

/* The rate follows the last seconds, so that the time left means something after a change of speed. */
#define RATE_WINDOW_US 500000
#define RATE_WEIGHT    0.3

/* The most names kept of what is under way; of more than these only the number would be shown anyway. */
#define NAMES_KEPT 256

struct progress {
	struct watch watch; /* first, so that a watch of ours is a progress */
	FILE *err;
	bool draw, colour;
	bool active, shown;
	char *what, *name;
	GPtrArray *names; /* of what is under way, the oldest first; owned */
	struct progress_state state;
	int64_t began_us, drawn_us;
	int64_t window_us;     /* where the rate's window began … */
	uint64_t window_bytes; /* … and with how many bytes */
};

unsigned progress_terminal_width(int fd)
{
	const char *columns = g_getenv("COLUMNS");
	struct winsize size;
	guint64 value;

	if (fd >= 0 && ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
		return size.ws_col;
	if (columns && g_ascii_string_to_unsigned(columns, 10, 1, 10000, &value, NULL))
		return value;
	return 80;
}

/* Done so far in percent, by bytes where their total is known, else by items; -1 if neither is. */
static int percent(const struct progress_state *state)
{
	if (state->bytes_total > 0)
		return MIN(state->bytes, state->bytes_total) * 100.0 / state->bytes_total;
	if (state->items_total > 0)
		return MIN(state->items, state->items_total) * 100.0 / state->items_total;
	return -1;
}

static void append_items(GString *line, const struct progress_state *state)
{
	if (state->items_total > 0)
		g_string_append_printf(line, " (%" G_GUINT64_FORMAT "/%" G_GUINT64_FORMAT ")", state->items,
				       state->items_total);
	else if (state->items > 0)
		g_string_append_printf(line, " %" G_GUINT64_FORMAT, state->items);
}

static void append_bytes(GString *line, const struct progress_state *state)
{
	char done[16], total[16], rate[16];

	if (state->bytes_total > 0)
		g_string_append_printf(line, ", %s of %s", view_size(done, state->bytes),
				       view_size(total, state->bytes_total));
	else if (state->bytes > 0)
		g_string_append_printf(line, ", %s", view_size(done, state->bytes));
	if (state->rate > 0)
		g_string_append_printf(line, ", %s/s", view_size(rate, state->rate));
}

/* The time left: by the rate of bytes, else by the average time an item took. */
static void append_left(GString *line, const struct progress_state *state)
{
	double left = 0;
	char text[16];

	if (state->bytes_total > state->bytes && state->rate > 0)
		left = (double)(state->bytes_total - state->bytes) / state->rate;
	else if (state->bytes_total == 0 && state->items > 0 && state->items_total > state->items)
		left = (double)state->elapsed_us / G_USEC_PER_SEC / state->items * (state->items_total - state->items);
	if (left > 0 && left < 1e9)
		g_string_append_printf(line, ", %s left", view_duration(text, left + 0.5));
}

static void append_retries(GString *line, const struct progress_state *state)
{
	if (state->retries > 0)
		g_string_append_printf(line, ", %" G_GUINT64_FORMAT " %s", state->retries,
				       state->retries == 1 ? "retry" : "retries");
}

/* The name, cut on the left to what is free of the width, and how many more are under way. */
static void append_name(GString *line, const struct progress_state *state, unsigned room)
{
	g_autofree char *name = state->name ? quote_path(state->name) : NULL;
	g_autofree char *more = state->others ? g_strdup_printf(" and %u more", state->others) : g_strdup("");
	unsigned length = (unsigned)strlen(more);

	/* A name of which only a few characters could be seen would flicker without telling anything. */
	if (!name || room < 10 + length)
		return;
	g_string_append(line, ": ");
	text_append_cut(line, name, room - 2 - length);
	g_string_append(line, more);
}

void progress_line(GString *line, const struct progress_state *state, unsigned width)
{
	g_autoptr(GString) text = g_string_new(state->what);
	int done = percent(state);
	unsigned used;

	if (done >= 0)
		g_string_append_printf(text, " %3d%%", done);
	append_items(text, state);
	append_bytes(text, state);
	append_left(text, state);
	append_retries(text, state);
	used = text_width(text->str);
	if (used > width) {
		text_append_cut(line, text->str, width);
		return;
	}
	g_string_append(line, text->str);
	append_name(line, state, width - used);
}

void progress_hide(struct watch *watch)
{
	struct progress *progress = (struct progress *)watch;

	if (!progress->shown)
		return;
	fputs("\r\033[K", progress->err);
	fflush(progress->err);
	progress->shown = false;
}

static void update_rate(struct progress *progress, int64_t now)
{
	struct progress_state *state = &progress->state;
	int64_t passed = now - progress->window_us;
	double rate;

	if (passed < RATE_WINDOW_US)
		return;
	rate = (double)(state->bytes - progress->window_bytes) * G_USEC_PER_SEC / passed;
	state->rate = state->rate ? state->rate + (rate - state->rate) * RATE_WEIGHT : rate;
	progress->window_us = now;
	progress->window_bytes = state->bytes;
}

static void draw(struct progress *progress, int64_t now)
{
	g_autoptr(GString) line = g_string_new("\r");
	unsigned width = progress_terminal_width(fileno(progress->err));

	progress->state.what = progress->what;
	progress->state.name = progress->names->len ? g_ptr_array_index(progress->names, 0) : progress->name;
	progress->state.others = progress->names->len ? progress->names->len - 1 : 0;
	progress->state.elapsed_us = now - progress->began_us;
	/* The last column stays free: many terminals wrap as soon as it is written. */
	progress_line(line, &progress->state, width - 1);
	g_string_append(line, "\033[K");
	fwrite(line->str, 1, line->len, progress->err);
	fflush(progress->err);
	progress->drawn_us = now;
	progress->shown = true;
}

static void begin(struct watch *watch, const char *what, uint64_t items, uint64_t bytes)
{
	struct progress *progress = (struct progress *)watch;

	progress_hide(watch);
	g_free(progress->what);
	progress->what = g_strdup(what);
	g_clear_pointer(&progress->name, g_free);
	g_ptr_array_set_size(progress->names, 0);
	progress->state = (struct progress_state){.items_total = items, .bytes_total = bytes};
	progress->began_us = progress->window_us = clock_steady_us();
	progress->window_bytes = 0;
	progress->active = true;
}

static void start(struct watch *watch, const char *name)
{
	struct progress *progress = (struct progress *)watch;

	if (progress->draw && progress->active && name && progress->names->len < NAMES_KEPT)
		g_ptr_array_add(progress->names, g_strdup(name));
}

static void retry(struct watch *watch, const char *name, const char *reason)
{
	(void)name;
	(void)reason;
	((struct progress *)watch)->state.retries++;
}

/* Work on a name is over. */
static void strike_out(struct progress *progress, const char *name)
{
	guint i;

	if (g_ptr_array_find_with_equal_func(progress->names, name, g_str_equal, &i))
		g_ptr_array_remove_index(progress->names, i);
}

static void advance(struct watch *watch, const char *name, uint64_t items, uint64_t bytes)
{
	struct progress *progress = (struct progress *)watch;
	int64_t now;

	progress->state.items += items;
	progress->state.bytes += bytes;
	if (!progress->draw || !progress->active)
		return;
	if (items > 0 && name && progress->names->len > 0)
		strike_out(progress, name);
	now = clock_steady_us();
	update_rate(progress, now);
	if (now - progress->began_us < SHOW_AFTER_US || now - progress->drawn_us < REDRAW_AFTER_US)
		return;
	if (name) {
		g_free(progress->name);
		progress->name = g_strdup(name);
	}
	draw(progress, now);
}

static void end(struct watch *watch)
{
	struct progress *progress = (struct progress *)watch;

	progress_hide(watch);
	progress->active = false;
}

static void warn(struct watch *watch, const char *line)
{
	struct progress *progress = (struct progress *)watch;

	progress_hide(watch);
	message_print(progress->err, progress->colour, MESSAGE_WARNING, line);
}

struct watch *progress_new(FILE *err, bool draw_bar, bool colour)
{
	struct progress *progress = g_new0(struct progress, 1);

	progress->watch = (struct watch){begin, advance, end, warn, start, retry};
	progress->names = g_ptr_array_new_with_free_func(g_free);
	progress->err = err;
	progress->draw = draw_bar;
	progress->colour = colour;
	return &progress->watch;
}

void progress_set_colour(struct watch *watch, bool colour)
{
	((struct progress *)watch)->colour = colour;
}

void progress_stop(struct watch *watch)
{
	progress_hide(watch);
	((struct progress *)watch)->draw = false;
}

void progress_free(struct watch *watch)
{
	struct progress *progress = (struct progress *)watch;

	if (!watch)
		return;
	progress_hide(watch);
	g_free(progress->what);
	g_free(progress->name);
	g_ptr_array_unref(progress->names);
	g_free(progress);
}
