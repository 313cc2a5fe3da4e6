#include "format/configobj-int.h"

const char *const configobj_named_kinds[] = {"remote", "machine", "db", NULL};

static void option_free(gpointer data)
{
	struct configobj_option *option = data;

	g_free(option->name);
	g_free(option->value);
	g_free(option);
}

static void section_free(gpointer data)
{
	struct configobj_section *section = data;

	g_free(section->name);
	g_ptr_array_free(section->options, TRUE);
	g_free(section);
}

struct configobj *configobj_new(void)
{
	struct configobj *config = g_new0(struct configobj, 1);

	config->sections = g_ptr_array_new_with_free_func(section_free);
	return config;
}

void configobj_free(struct configobj *config)
{
	g_ptr_array_free(config->sections, TRUE);
	g_free(config);
}

size_t configobj_named(const char *section, const char *kind)
{
	size_t length = strlen(kind);

	return strncmp(section, kind, length) == 0 && strncmp(section + length, " \"", 2) == 0 ? length + 2 : 0;
}

char *configobj_canonical(const char *name)
{
	g_autofree char *lower = g_utf8_validate(name, -1, NULL) ? g_utf8_strdown(name, -1) : g_ascii_strdown(name, -1);
	const char *trimmed = g_strstrip(lower);

	for (const char *const *kind = configobj_named_kinds; *kind; kind++) {
		size_t length = strlen(*kind);
		const char *rest = trimmed + length;

		if (strncmp(trimmed, *kind, length) != 0 || !*rest)
			continue;
		rest += strspn(rest, " \t");
		if (*rest == '"' && strlen(rest) >= 2 && g_str_has_suffix(rest, "\""))
			return g_strdup_printf("%s %s", *kind, rest);
	}
	return g_strdup(trimmed);
}

struct configobj_section *configobj_find(const struct configobj *config, const char *name)
{
	for (guint i = 0; i < config->sections->len; i++) {
		struct configobj_section *section = g_ptr_array_index(config->sections, i);

		if (strcmp(section->name, name) == 0)
			return section;
	}
	return NULL;
}

struct configobj_section *configobj_add(struct configobj *config, const char *name)
{
	struct configobj_section *section = g_new0(struct configobj_section, 1);

	section->name = g_strdup(name);
	section->options = g_ptr_array_new_with_free_func(option_free);
	g_ptr_array_add(config->sections, section);
	return section;
}

struct configobj_option *configobj_find_option(const struct configobj_section *section, const char *name)
{
	for (guint i = 0; i < section->options->len; i++) {
		struct configobj_option *option = g_ptr_array_index(section->options, i);

		if (strcmp(option->name, name) == 0)
			return option;
	}
	return NULL;
}

void configobj_add_option(struct configobj_section *section, const char *name, const char *value)
{
	struct configobj_option *option = g_new0(struct configobj_option, 1);

	option->name = g_strdup(name);
	option->value = g_strdup(value);
	g_ptr_array_add(section->options, option);
}

/* The section that a caller names in any spelling. */
static struct configobj_section *find_spelled(const struct configobj *config, const char *section)
{
	g_autofree char *name = configobj_canonical(section);

	return configobj_find(config, name);
}

static struct configobj_option *find_spelled_option(const struct configobj_section *section, const char *option)
{
	g_autofree char *name = g_ascii_strdown(option, -1);

	return configobj_find_option(section, name);
}

const char *configobj_get(const struct configobj *config, const char *section, const char *option)
{
	const struct configobj_section *found = find_spelled(config, section);
	const struct configobj_option *entry = found ? find_spelled_option(found, option) : NULL;

	return entry ? entry->value : NULL;
}

void configobj_set(struct configobj *config, const char *section, const char *option, const char *value)
{
	g_autofree char *name = configobj_canonical(section);
	g_autofree char *key = g_ascii_strdown(option, -1);
	struct configobj_section *found = configobj_find(config, name);
	struct configobj_option *entry;

	if (!found)
		found = configobj_add(config, name);
	entry = configobj_find_option(found, key);
	if (entry) {
		char *copy = g_strdup(value);

		g_free(entry->value);
		entry->value = copy;
	} else {
		configobj_add_option(found, key, value);
	}
}

bool configobj_unset(struct configobj *config, const char *section, const char *option)
{
	struct configobj_section *found = find_spelled(config, section);
	struct configobj_option *entry = found ? find_spelled_option(found, option) : NULL;

	return entry && g_ptr_array_remove(found->options, entry);
}

bool configobj_unset_section(struct configobj *config, const char *section)
{
	struct configobj_section *found = find_spelled(config, section);

	return found && g_ptr_array_remove(config->sections, found);
}

char **configobj_sections(const struct configobj *config)
{
	GPtrArray *names = g_ptr_array_new();

	for (guint i = 0; i < config->sections->len; i++) {
		const struct configobj_section *section = g_ptr_array_index(config->sections, i);

		g_ptr_array_add(names, g_strdup(section->name));
	}
	g_ptr_array_add(names, NULL);
	return (char **)g_ptr_array_free(names, FALSE);
}

char **configobj_options(const struct configobj *config, const char *section)
{
	const struct configobj_section *found = find_spelled(config, section);
	GPtrArray *names = g_ptr_array_new();

	for (guint i = 0; found && i < found->options->len; i++) {
		const struct configobj_option *option = g_ptr_array_index(found->options, i);

		g_ptr_array_add(names, g_strdup(option->name));
	}
	g_ptr_array_add(names, NULL);
	return (char **)g_ptr_array_free(names, FALSE);
}
