/*
 * Templating with the text's own values. Input: a string with ${}, a NUL, a file of parameters whose first byte chooses the
 * syntax. The string stands as a command, a path, an item of foreach and of a matrix; without a template in it there are three
 * stages.
 */
#include "format/pipeline.h"
#include "fuzz.h"

#include "doc/yaml.h"

#include <string.h>

struct input {
	const char *text;
	size_t length;
};

static char *load(const char *path, size_t *length, void *user, GError **error)
{
	const struct input *input = user;

	(void)error; /* nothing fails here */
	(void)path;
	*length = input->length;
	return g_strndup(input->text, input->length);
}

/* A pipeline with the string in all places, as text. */
static GString *make_pipeline(const char *string, const char *file)
{
	autoptr(doc) doc = doc_new();
	struct node *list = node_list(doc), *stages = node_map(doc), *plain = node_map(doc), *each = node_map(doc);
	struct node *body = node_map(doc), *grid = node_map(doc), *axes = node_map(doc), *vars = node_list(doc);

	node_append(doc, vars, node_string(doc, file));
	node_append(doc, list, node_string(doc, string));
	node_set(doc, plain, "cmd", node_string(doc, string));
	node_set(doc, plain, "outs", node_copy(doc, list));
	node_set(doc, body, "cmd", node_string(doc, "${item}"));
	node_set(doc, each, "foreach", node_copy(doc, list));
	node_set(doc, each, "do", body);
	node_set(doc, axes, "a", node_copy(doc, list));
	node_set(doc, grid, "matrix", axes);
	node_set(doc, grid, "cmd", node_string(doc, "${item.a} ${key}"));
	node_set(doc, stages, "plain", plain);
	node_set(doc, stages, "each", each);
	node_set(doc, stages, "grid", grid);
	doc->root = node_map(doc);
	node_set(doc, doc->root, "vars", vars);
	node_set(doc, doc->root, "stages", stages);
	return yaml_write(doc->root);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const files[] = {"v.yaml", "v.json", "v.toml", "v.py"};
	static const struct pipeline_options options = {.bool_optional = true, .list_append = true};
	const char *text = (const char *)data;
	size_t length = strnlen(text, size), rest = size - length;
	struct input input = {text + length + MIN(rest, 2), rest - MIN(rest, 2)};
	const struct pipeline_files from = {load, &input};
	g_autofree char *string = g_utf8_make_valid(text, (gssize)length);
	GString *yaml = make_pipeline(string, files[rest > 1 ? (uint8_t)text[length + 1] % G_N_ELEMENTS(files) : 0]);
	g_autoptr(GError) error = NULL;
	autoptr(pipeline) pipeline =
		pipeline_read(yaml->str, yaml->len, "sub/dvc.yaml", &dialect_dvc, &from, &options, &error);

	if (!pipeline && !error)
		fuzz_fail("refused without an error: %s", yaml->str);
	if (pipeline && !strstr(string, "${") && pipeline->stages->len != 3)
		fuzz_fail("%u stages of 3: %s", pipeline->stages->len, yaml->str);
	g_string_free(yaml, TRUE);
	return 0;
}
