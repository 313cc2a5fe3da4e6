#include "view/message.h"

#include "view/text.h"

static const struct {
	const char *prefix, *colour;
} kinds[] = {
	[MESSAGE_NOTE] = {"", ""},
	[MESSAGE_WARNING] = {"warning: ", "\033[33m"},
	[MESSAGE_ERROR] = {"error: ", "\033[1;31m"},
	[MESSAGE_FATAL] = {"fatal: ", "\033[1;31m"},
	[MESSAGE_HINT] = {"hint: ", "\033[33m"},
};

void message_print(FILE *err, bool colour, enum message_kind kind, const char *text)
{
	g_autoptr(GString) line = g_string_new(NULL);
	const char *prefix = kinds[kind].prefix;

	if (colour && *prefix)
		g_string_append_printf(line, "%s%s\033[m", kinds[kind].colour, prefix);
	else
		g_string_append(line, prefix);
	text_append_safe(line, text, *prefix ? 2 : 0);
	g_string_append_c(line, '\n');
	fwrite(line->str, 1, line->len, err);
	fflush(err);
}
