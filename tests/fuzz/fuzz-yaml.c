/* Whatever yaml_read() accepts, yaml_write() and json_write() can write, and the YAML reads back as the same tree. */
#include "doc/json.h"
#include "doc/yaml.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	autoptr(doc) doc = yaml_read((const char *)data, size, "fuzz.yaml", NULL);
	autoptr(doc) again = NULL;
	g_autoptr(GError) error = NULL;
	g_autoptr(GString) text = NULL;

	if (!doc)
		return 0;
	g_string_free(json_write(doc->root, JSON_SORTED_PYTHON), TRUE);
	text = yaml_write(doc->root);
	again = yaml_read(text->str, text->len, "again.yaml", &error);
	if (again && !node_equal(doc->root, again->root))
		g_error("written and read back, the tree differs:\n%s", text->str);
	return 0;
}
