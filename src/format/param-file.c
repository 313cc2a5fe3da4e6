#include "format/param-file.h"

#include "base/error.h"
#include "doc/json.h"
#include "doc/yaml.h"

#include <string.h>

struct doc *param_file_read(const char *text, size_t length, const char *name, GError **error)
{
	const char *dot = strrchr(name, '.');

	if (dot && g_ascii_strcasecmp(dot, ".json") == 0)
		return json_read(text, length, name, error);
	if (dot && (g_ascii_strcasecmp(dot, ".toml") == 0 || g_ascii_strcasecmp(dot, ".py") == 0)) {
		error_set(error, ERROR_FAILED, "%s: variables can be read from YAML and JSON only", name);
		return NULL;
	}
	return yaml_read(text, length, name, error);
}
