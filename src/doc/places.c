#include "doc/places-int.h"

#include "doc/node-int.h"

struct node_place places_find(struct places *places, const char *start, const char *end)
{
	const char *source = places->doc->source;
	size_t offset = (size_t)(start - source);

	if (offset < places->known)
		places->known = places->line = places->column = 0;
	for (; places->known < offset; places->known++) {
		unsigned char c = (unsigned char)source[places->known];

		if (c == '\n') {
			places->line++;
			places->column = 0;
		} else if ((c & 0xC0) != 0x80) {
			places->column++; /* the first byte of a character */
		}
	}
	return (struct node_place){
		.start = offset,
		.end = (size_t)(end - source),
		.line = places->line + 1,
		.column = places->column + 1,
	};
}

bool places_fail(struct places *places, const char *start, GError **error, const char *format, ...)
{
	struct node_place place = places_find(places, start, start);
	g_autofree char *text = NULL;
	va_list args;

	va_start(args, format);
	text = g_strdup_vprintf(format, args);
	va_end(args);
	doc_error_at(error, places->doc, &place, "%s", text);
	return false;
}

bool places_check_text(struct places *places, GError **error)
{
	const struct doc *doc = places->doc;
	const char *bad;

	if (g_utf8_validate(doc->source, (gssize)doc->source_length, &bad))
		return true;
	if (*bad == '\0')
		return places_fail(places, bad, error, "a NUL character is not allowed");
	return places_fail(places, bad, error, "this is not UTF-8");
}
