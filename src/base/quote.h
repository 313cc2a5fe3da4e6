/*
 * quote: file names as text, the way Git quotes them (git-config(1), core.quotePath).
 */
#ifndef BASE_QUOTE_H
#define BASE_QUOTE_H

#include <glib.h>
#include <stdbool.h>

/*
 * Append text to out, C-quoted in double quotes if it has a control character, DEL, '"' or '\\' - or, with `ascii`, a
 * byte above 0x7F. Otherwise append it as it is. Escapes: \a \b \t \n \v \f \r \" \\ and three octal digits.
 */
void quote_append(GString *out, const char *text, bool ascii);

/* quote_append() into a new string, for messages and terminals: also quotes what is not valid UTF-8. */
char *quote_path(const char *text);

/*
 * Undo quote_append(): text starting with '"' is decoded up to its closing quote, other text taken whole up to
 * `length`. New string. ERROR_CORRUPT for an unknown escape, a missing closing quote, bytes after it, or a NUL inside.
 */
char *quote_decode(const char *text, gsize length, GError **error);

#endif
