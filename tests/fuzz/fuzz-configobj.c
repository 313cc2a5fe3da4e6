/* Whatever configobj_read() accepts and configobj_check() passes is written so that it reads back as the same values. */
#include "format/configobj.h"
#include "fuzz.h"

static void compare_section(const struct configobj *a, const struct configobj *b, const char *section)
{
	g_auto(GStrv) options = configobj_options(a, section);

	for (char **option = options; *option; option++)
		if (g_strcmp0(configobj_get(a, section, *option), configobj_get(b, section, *option)) != 0)
			fuzz_fail("[%s] %s reads back as something else", section, *option);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	autoptr(configobj) config = configobj_read((const char *)data, size, "fuzz", NULL);
	autoptr(configobj) again = NULL;
	g_auto(GStrv) sections = NULL;
	g_autofree char *text = NULL;
	g_autoptr(GError) error = NULL;
	size_t length;

	if (!config)
		return 0;
	text = configobj_write(config, &length);
	if (!configobj_check(config, "fuzz", NULL))
		return 0;
	again = configobj_read(text, length, "again", &error);
	if (!again)
		fuzz_fail("%s\n%s", error->message, text);
	sections = configobj_sections(config);
	for (char **section = sections; *section; section++)
		compare_section(config, again, *section);
	return 0;
}
