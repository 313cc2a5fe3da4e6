/*
 * reader: what tests of a reader of documents share. The test defines READ, the function, and NAME, the name of what it reads.
 */
#ifndef TESTS_READER_H
#define TESTS_READER_H

#include "base/error.h"
#include "doc/json.h"

/* Read text; it must be accepted. */
static inline struct doc *read_text(const char *text)
{
	g_autoptr(GError) error = NULL;
	struct doc *doc = READ(text, strlen(text), NAME, &error);

	g_assert_no_error(error);
	return doc;
}

/* Text says what this JSON says. */
static inline void assert_json(const char *text, const char *json)
{
	autoptr(doc) doc = read_text(text);
	g_autofree char *written = g_string_free(json_write(doc->root, JSON_COMPACT_PYTHON), FALSE);

	g_assert_cmpstr(written, ==, json);
}

/* That text is refused at this place, "LINE:COLUMN: part of the message". */
static inline void assert_error(const char *text, const char *place)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *start = g_strconcat(NAME ":", place, NULL);

	g_assert_null(READ(text, strlen(text), NAME, &error));
	g_assert_error(error, MLV_ERROR, ERROR_CORRUPT);
	if (!g_str_has_prefix(error->message, start))
		g_error("%s: '%s', not '%s'", text, error->message, start);
}

#endif
