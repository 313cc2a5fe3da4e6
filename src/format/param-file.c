#include "format/param-file.h"

#include "doc/json.h"
#include "doc/python.h"
#include "doc/toml.h"
#include "doc/yaml.h"

#include <string.h>

struct doc *param_file_read(const char *text, size_t length, const char *name, GError **error)
{
	const char *dot = strrchr(name, '.');

	if (dot && g_ascii_strcasecmp(dot, ".json") == 0)
		return json_read(text, length, name, error);
	if (dot && g_ascii_strcasecmp(dot, ".toml") == 0)
		return toml_read(text, length, name, error);
	if (dot && g_ascii_strcasecmp(dot, ".py") == 0)
		return python_read(text, length, name, error);
	return yaml_read(text, length, name, error);
}
