/* Whatever config_parse() accepts has keys of a section's and a setting's name, and the last value of each is the one
 * that holds. */
#include "fuzz.h"
#include "repo/config-int.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	autoptr(config) config = config_new();

	if (!config_parse(config, "fuzz", (const char *)data, size, NULL))
		return 0;
	for (size_t i = config_count(config); i > 0; i--) {
		const struct config_value *value = config_at(config, i - 1), *holds = config_find(config, value->key);

		if (!*value->key || strchr(value->key, '\n') || holds < value)
			fuzz_fail("key '%s' has value '%s', but '%s' holds", value->key, value->value, holds->value);
	}
	return 0;
}
