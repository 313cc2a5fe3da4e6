#include "cli/option.h"

#include "base/error.h"

#include <errno.h>

#define COMMON(member) .offset = offsetof(struct option_common, member)

const struct option_spec option_common_specs[] = {
	{.kind = OPTION_FLAG, .short_name = 'h', COMMON(usage), .help = "show this text"},
	{.kind = OPTION_FLAG, .long_name = "help", COMMON(help), .help = "show the manual page"},
	{.kind = OPTION_FLAG,
	 .short_name = 'q',
	 .long_name = "quiet",
	 COMMON(quiet),
	 .help = "say only what went wrong"},
	{.kind = OPTION_COUNT, .short_name = 'v', .long_name = "verbose", COMMON(verbose), .help = "say more"},
	{.kind = OPTION_FLAG, .long_name = "no-progress", COMMON(no_progress), .help = "draw no progress bar"},
	{.kind = OPTION_STRING,
	 .long_name = "cd",
	 COMMON(cd),
	 .value = "<dir>",
	 .help = "run as if started in <dir>",
	 .completion = COMPLETE_DIR},
	{.kind = OPTION_FLAG,
	 .long_name = "wait-for-lock",
	 COMMON(wait_for_lock),
	 .help = "wait as long as another command works here"},
	OPT_END,
};

/* The work in hand: where options are looked up, and where the results go. */
struct parser {
	const struct option_spec *tables[2]; /* the command's own and the common one */
	char *targets[2];
	char **next; /* the arguments not looked at yet */
	bool own, elsewhere;
};

/* A found option and the struct that it fills. */
struct match {
	const struct option_spec *spec;
	char *target;
};

bool option_takes_value(const struct option_spec *spec)
{
	return spec->kind == OPTION_STRING || spec->kind == OPTION_STRINGS || spec->kind == OPTION_INT;
}

static bool parse_int(const char *text, int64_t *value)
{
	static const struct {
		const char *suffix;
		unsigned shift;
	} units[] = {{"", 0}, {"k", 10}, {"m", 20}, {"g", 30}};
	char *end;

	if (!g_ascii_isdigit(*text) && !(*text == '-' && g_ascii_isdigit(text[1])))
		return false;
	errno = 0;
	*value = g_ascii_strtoll(text, &end, 10);
	if (errno != 0)
		return false;
	for (unsigned i = 0; i < G_N_ELEMENTS(units); i++)
		if (g_ascii_strcasecmp(end, units[i].suffix) == 0)
			return !__builtin_mul_overflow(*value, (int64_t)1 << units[i].shift, value);
	return false;
}

static void append_string(char ***list, const char *text)
{
	unsigned count = *list ? g_strv_length(*list) : 0;

	*list = g_renew(char *, *list, count + 2);
	(*list)[count] = g_strdup(text);
	(*list)[count + 1] = NULL;
}

/* Put what the option says where it belongs. `shown` is the option as the user wrote it. */
static bool store(struct parser *parser, const struct match *match, const char *shown, const char *value,
		  GError **error)
{
	char *member = match->target + match->spec->offset;

	parser->own |= match->target == parser->targets[0];
	parser->elsewhere |= match->spec->elsewhere;
	switch (match->spec->kind) {
	case OPTION_END:
		break;
	case OPTION_FLAG:
	case OPTION_NO:
		*(bool *)member = match->spec->kind == OPTION_FLAG;
		break;
	case OPTION_COUNT:
		++*(unsigned *)member;
		break;
	case OPTION_STRING:
		g_free(*(char **)member);
		*(char **)member = g_strdup(value);
		break;
	case OPTION_STRINGS:
		append_string((char ***)member, value);
		break;
	case OPTION_INT:
		if (!parse_int(value, (int64_t *)member)) {
			error_set(error, ERROR_USAGE, "option '%s' wants a number, not '%s'", shown, value);
			return false;
		}
	}
	return true;
}

static bool find_short(const struct parser *parser, char name, struct match *match)
{
	for (unsigned i = 0; i < 2; i++)
		for (const struct option_spec *spec = parser->tables[i]; spec && spec->kind != OPTION_END; spec++)
			if (spec->short_name == name) {
				*match = (struct match){spec, parser->targets[i]};
				return true;
			}
	return false;
}

/* Two names for one thing are no reason to ask back. */
static bool is_synonym(const struct match *a, const struct match *b)
{
	return a->target == b->target && a->spec->offset == b->spec->offset && a->spec->kind == b->spec->kind;
}

/* Find a long option by its name or a clear beginning of it. */
static bool find_long(const struct parser *parser, const char *name, size_t length, struct match *match, GError **error)
{
	const struct option_spec *rival = NULL;

	match->spec = NULL;
	for (unsigned i = 0; i < 2; i++)
		for (const struct option_spec *spec = parser->tables[i]; spec && spec->kind != OPTION_END; spec++) {
			struct match found = {spec, parser->targets[i]};

			if (!spec->long_name || strncmp(spec->long_name, name, length) != 0)
				continue;
			if (spec->long_name[length] == '\0') {
				*match = found;
				return true;
			}
			if (!match->spec)
				*match = found;
			else if (!is_synonym(match, &found))
				rival = spec;
		}
	if (!match->spec)
		error_set(error, ERROR_USAGE, "unknown option '--%.*s'", (int)length, name);
	else if (rival)
		error_set(error, ERROR_USAGE, "unclear option '--%.*s': '--%s' or '--%s'?", (int)length, name,
			  match->spec->long_name, rival->long_name);
	return match->spec && !rival;
}

/* The next argument as a value; NULL with the error set if there is none. */
static const char *take_value(struct parser *parser, const char *shown, GError **error)
{
	if (!*parser->next) {
		error_set(error, ERROR_USAGE, "option '%s' wants a value", shown);
		return NULL;
	}
	return *parser->next++;
}

/* "--name", "--name=value", "--name value" if there must be one; `text` follows the dashes. */
static bool parse_long(struct parser *parser, const char *text, GError **error)
{
	size_t length = strcspn(text, "=");
	const char *value = text[length] == '=' ? text + length + 1 : NULL;
	g_autofree char *shown = NULL;
	struct match match;

	if (!find_long(parser, text, length, &match, error))
		return false;
	shown = g_strconcat("--", match.spec->long_name, NULL);
	if (!option_takes_value(match.spec) && value) {
		error_set(error, ERROR_USAGE, "option '%s' takes no value", shown);
		return false;
	}
	if (option_takes_value(match.spec) && !value) {
		value = match.spec->fallback ? match.spec->fallback : take_value(parser, shown, error);
		if (!value)
			return false;
	}
	return store(parser, &match, shown, value, error);
}

/* A bundle of short options, the last of which may have a value; `text` follows the dash. */
static bool parse_short(struct parser *parser, const char *text, GError **error)
{
	for (; *text; text++) {
		char shown[] = {'-', *text, '\0'};
		const char *value = NULL;
		struct match match;

		if (!find_short(parser, *text, &match)) {
			if ((unsigned char)*text < 0x80)
				error_set(error, ERROR_USAGE, "unknown option '%s'", shown);
			else
				error_set(error, ERROR_USAGE, "unknown option '-%s'", text);
			return false;
		}
		if (!option_takes_value(match.spec)) {
			store(parser, &match, shown, NULL, NULL);
			continue;
		}
		value = text[1] ? text + 1 : match.spec->fallback;
		if (!value)
			value = take_value(parser, shown, error);
		return value && store(parser, &match, shown, value, error);
	}
	return true;
}

/* Go through the arguments; what is no option ends up in rest. */
static bool parse_all(struct parser *parser, bool stop_at_first, struct option_common *common, GPtrArray *rest,
		      GError **error)
{
	while (*parser->next && !common->usage && !common->help) {
		const char *argument = *parser->next;

		if (argument[0] != '-' || argument[1] == '\0') {
			if (stop_at_first)
				return true;
			g_ptr_array_add(rest, g_strdup(argument));
			parser->next++;
			continue;
		}
		parser->next++;
		if (strcmp(argument, "--") == 0)
			return true;
		if (!(argument[1] == '-' ? parse_long(parser, argument + 2, error)
					 : parse_short(parser, argument + 1, error)))
			return false;
	}
	return true;
}

bool option_parse(const struct option_spec *specs, char **argv, void *target, bool stop_at_first,
		  struct option_result *result, GError **error)
{
	struct parser parser = {
		{specs, option_common_specs}, {target, (char *)&result->common}, argv + 1, false, false};
	g_autoptr(GPtrArray) rest = g_ptr_array_new_with_free_func(g_free);

	if (!parse_all(&parser, stop_at_first, &result->common, rest, error))
		return false;
	for (; *parser.next; parser.next++)
		g_ptr_array_add(rest, g_strdup(*parser.next));
	g_ptr_array_add(rest, NULL);
	g_strfreev(result->rest);
	result->rest = (char **)g_ptr_array_free(g_steal_pointer(&rest), FALSE);
	result->own = parser.own;
	result->elsewhere |= parser.elsewhere;
	return true;
}

void option_clear(const struct option_spec *specs, void *target)
{
	for (const struct option_spec *spec = specs; spec && spec->kind != OPTION_END; spec++) {
		char *member = (char *)target + spec->offset;

		if (spec->kind == OPTION_STRING)
			g_clear_pointer((char **)member, g_free);
		else if (spec->kind == OPTION_STRINGS)
			g_clear_pointer((char ***)member, g_strfreev);
	}
}

void option_result_clear(struct option_result *result)
{
	option_clear(option_common_specs, &result->common);
	g_clear_pointer(&result->rest, g_strfreev);
}
