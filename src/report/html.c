#include "report/html.h"

#include <stdbool.h>
#include <string.h>

/* Stands for what must not get into a page. */
#define REPLACEMENT "\xEF\xBF\xBD"

static void append_char(GString *out, gunichar c)
{
	switch (c) {
	case '&':
		g_string_append(out, "&amp;");
		break;
	case '<':
		g_string_append(out, "&lt;");
		break;
	case '>':
		g_string_append(out, "&gt;");
		break;
	case '"':
		g_string_append(out, "&quot;");
		break;
	case '\'':
		g_string_append(out, "&#39;");
		break;
	default:
		/* Controls, and the marks that turn the direction of what follows: a name must not reach beyond itself. */
		if ((c < 0x20 && c != '\t' && c != '\n') || (c >= 0x7F && c < 0xA0) || (c >= 0x202A && c <= 0x202E) ||
		    (c >= 0x2066 && c <= 0x2069))
			g_string_append(out, REPLACEMENT);
		else
			g_string_append_unichar(out, c);
	}
}

void html_text_cut(GString *out, const char *text, size_t limit)
{
	for (size_t count = 0; *text; count++) {
		gunichar c = g_utf8_get_char_validated(text, -1);
		bool good = c != (gunichar)-1 && c != (gunichar)-2;
		const char *next = good ? g_utf8_next_char(text) : text + 1;

		if (count + 1 >= limit && *next) {
			g_string_append(out, "\xE2\x80\xA6");
			return;
		}
		if (good)
			append_char(out, c);
		else
			g_string_append(out, REPLACEMENT);
		text = next;
	}
}

void html_text(GString *out, const char *text)
{
	html_text_cut(out, text, strlen(text) + 1);
}

void html_number(GString *out, double value)
{
	char buffer[G_ASCII_DTOSTR_BUF_SIZE];
	char *end;

	g_ascii_formatd(buffer, sizeof(buffer), "%.2f", value);
	end = buffer + strlen(buffer);
	while (end[-1] == '0')
		*--end = '\0';
	if (end[-1] == '.')
		end[-1] = '\0';
	g_string_append(out, strcmp(buffer, "-0") == 0 ? "0" : buffer);
}
