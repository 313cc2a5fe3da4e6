/* Whatever aws_ini_read() accepts can be asked for; what it refuses has a message without the text. */
#include "backend/aws/aws-ini.h"
#include "fuzz.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const known[] = {"aws_access_key_id", "region", "s3", NULL};
	g_autoptr(GError) error = NULL;
	autoptr(aws_ini) ini = aws_ini_read((const char *)data, size, "fuzz", &error);
	const char *value;

	if (!ini) {
		if (!error || strncmp(error->message, "fuzz:", 5) != 0 || strlen(error->message) > 80)
			fuzz_fail("no message, or one that tells too much");
		return 0;
	}
	value = aws_ini_get(ini, "default", "region");
	if (value && (!*value || !aws_ini_has(ini, "default")))
		fuzz_fail("a value of nothing");
	aws_ini_get_nested(ini, "profile x", "s3", "endpoint_url");
	value = aws_ini_find_other(ini, known);
	if (value && g_strv_contains(known, value))
		fuzz_fail("'%s' is known", value);
	return 0;
}
