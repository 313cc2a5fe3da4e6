/*
 * trace: what the program does, for people who debug it. GIT_MLV_TRACE=1 writes to standard error, an absolute path
 * appends to that file; unset, empty or 0 is off. Secrets never come here.
 */
#ifndef BASE_TRACE_H
#define BASE_TRACE_H

#include <glib.h>
#include <stdbool.h>

/* Whether tracing is on: ask before building an expensive text. */
bool trace_on(void);

/* Write one line "HH:MM:SS.uuuuuu area: text". Any thread; no newline in the format. */
void trace(const char *area, const char *format, ...) G_GNUC_PRINTF(2, 3);

#endif
