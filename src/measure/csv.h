/*
 * csv: tables as text, RFC 4180 with what programs make of it: any line ends, blank lines, a byte order mark, quotes in the
 * middle of a field, and rows that are shorter or longer than others.
 *
 * Read in place: the text is taken apart where it stands, so that a table costs no copy. Any thread.
 */
#ifndef MEASURE_CSV_H
#define MEASURE_CSV_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

/* Most fields in one row. */
#define CSV_FIELD_LIMIT ((size_t)65536)

/*
 * Called for each row that is not blank: its fields, valid as long as the text, in an array that is valid during the call, and
 * the line that it begins in. Return false to stop with *error set.
 */
typedef bool (*csv_row)(char **fields, size_t count, size_t line, void *user, GError **error);

/*
 * Take text (length bytes and a NUL behind them; it is overwritten) apart. `name` is for messages. ERROR_CORRUPT with the line
 * for a byte that is not UTF-8, a NUL, or a quote that is never closed; ERROR_UNSAFE for a row of more than CSV_FIELD_LIMIT
 * fields; ERROR_CANCELLED; what row() sets.
 */
bool csv_read(char *text, size_t length, char delimiter, const char *name, csv_row row, void *user, GError **error);

#endif
