#include "view/text.h"

#include <string.h>

/* The character at text, 1 to 6 bytes long as *length says; a broken byte stands for itself. */
static unsigned character_width(const char *text, unsigned *length)
{
	gunichar c = g_utf8_get_char_validated(text, -1);

	if (c == (gunichar)-1 || c == (gunichar)-2) {
		*length = 1;
		return 1;
	}
	*length = g_utf8_next_char(text) - text;
	if (g_unichar_iszerowidth(c))
		return 0;
	return g_unichar_iswide(c) ? 2 : 1;
}

unsigned text_width(const char *text)
{
	unsigned width = 0, length;

	for (; *text; text += length)
		width += character_width(text, &length);
	return width;
}

void text_append_cut(GString *out, const char *text, unsigned width)
{
	unsigned have = text_width(text), length;

	if (have <= width) {
		g_string_append(out, text);
		return;
	}
	if (width == 0)
		return;
	while (have > width - 1) {
		have -= character_width(text, &length);
		text += length;
	}
	g_string_append(out, "…");
	g_string_append(out, text);
}

void text_append_safe(GString *out, const char *text, unsigned indent)
{
	for (; *text; text++) {
		unsigned char c = *text;

		if (c == '\n' && !text[1])
			return;
		/* C1 controls, as UTF-8 writes them: U+009B alone begins a terminal's command. */
		if (c == 0xC2 && ((unsigned char)text[1] & 0xE0) == 0x80) {
			text++;
			c = 0x7F;
		}
		if ((c < 0x20 && c != '\n' && c != '\t') || c == 0x7F)
			c = '?';
		g_string_append_c(out, c);
		if (c == '\n')
			g_string_append_printf(out, "%*s", (int)indent, "");
	}
}
