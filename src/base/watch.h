/*
 * watch: how long work tells that it goes on. Domain code reports here and never prints; view/ draws a bar, tests
 * record.
 *
 * All calls come from the main thread. A NULL watch swallows everything, so callees need not ask.
 */
#ifndef BASE_WATCH_H
#define BASE_WATCH_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

struct watch {
	/* A phase begins: `what` is a verb ("Adding"), totals in items and bytes, 0: not known. Phases do not nest. */
	void (*begin)(struct watch *watch, const char *what, uint64_t items, uint64_t bytes);
	/* So much more is done; `name` (may be NULL) is what was worked on last. */
	void (*advance)(struct watch *watch, const char *name, uint64_t items, uint64_t bytes);
	/* The phase is over. */
	void (*end)(struct watch *watch);
	/* Something that the user should read, but that is no error: one line without newline. */
	void (*warn)(struct watch *watch, const char *line);
	/* Work on `name` begins; an advance() of that name with items ends it. May be NULL: nobody wants to know. */
	void (*start)(struct watch *watch, const char *name);
	/* Something failed and is tried again: with what (may be NULL), and why. May be NULL: nobody wants to know. */
	void (*retry)(struct watch *watch, const char *name, const char *reason);
};

/* Call watch->begin unless watch is NULL. */
void watch_begin(struct watch *watch, const char *what, uint64_t items, uint64_t bytes);

/* Call watch->advance unless watch is NULL. */
void watch_advance(struct watch *watch, const char *name, uint64_t items, uint64_t bytes);

/* Call watch->end unless watch is NULL. */
void watch_end(struct watch *watch);

/* Format one line and call watch->warn unless watch is NULL. */
void watch_warn(struct watch *watch, const char *format, ...) G_GNUC_PRINTF(2, 3);

/* Call watch->start unless that or watch is NULL. */
void watch_start(struct watch *watch, const char *name);

/* Call watch->retry unless that or watch is NULL. */
void watch_retry(struct watch *watch, const char *name, const char *reason);

#endif
