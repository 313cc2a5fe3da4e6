/*
 * message: lines for the user on standard error: "warning: …", "error: …", "hint: …". Main thread only.
 */
#ifndef VIEW_MESSAGE_H
#define VIEW_MESSAGE_H

#include <glib.h>
#include <stdbool.h>
#include <stdio.h>

enum message_kind { MESSAGE_NOTE, MESSAGE_WARNING, MESSAGE_ERROR, MESSAGE_FATAL, MESSAGE_HINT };

/*
 * Write one message, with its prefix and a newline, in a single write so that lines of several processes do not mix.
 * Lines after the first are indented; control characters are made harmless.
 */
void message_print(FILE *err, bool colour, enum message_kind kind, const char *text);

#endif
