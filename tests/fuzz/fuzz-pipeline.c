/* Input: a pipeline file, a NUL, what every parameter file holds. What is accepted has stages that can be found and are
 * whole. */
#include "format/pipeline.h"
#include "fuzz.h"

#include <string.h>

struct input {
	const char *text;
	size_t length;
};

static char *load(const char *path, size_t *length, void *user, GError **error)
{
	const struct input *input = user;

	(void)error; /* nothing fails here */
	if (g_str_has_prefix(path, "absent"))
		return NULL;
	*length = input->length;
	return g_strndup(input->text, input->length);
}

static void check_stage(const struct pipeline *pipeline, const struct pipeline_stage *stage)
{
	if (pipeline_find(pipeline, stage->name) != stage)
		fuzz_fail("stage '%s' cannot be found", stage->name);
	if (!stage->wdir || !stage->cmd || (stage->cmd->kind != NODE_STRING && stage->cmd->kind != NODE_LIST))
		fuzz_fail("stage '%s' is not whole", stage->name);
	for (guint i = 0; i < stage->outs->len; i++)
		if (!*((struct entry *)stage->outs->pdata[i])->path)
			fuzz_fail("stage '%s' has an output without a path", stage->name);
	for (guint i = 0; i < stage->params->len; i++) {
		const struct pipeline_params *params = stage->params->pdata[i];

		if (!*params->file || (params->keys && !*params->keys))
			fuzz_fail("stage '%s' has parameters of no file, or none of a file", stage->name);
	}
}

/* Values that stages took from files are scalars, each told once. */
static void check_used(const struct pipeline *pipeline)
{
	g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);

	for (guint i = 0; i < pipeline->used->len; i++) {
		const struct pipeline_variable *variable = pipeline->used->pdata[i];

		if (variable->value->kind == NODE_LIST || variable->value->kind == NODE_MAP)
			fuzz_fail("'%s' is no scalar", variable->key);
		if (!g_hash_table_add(seen, g_strconcat(variable->file, "\n", variable->key, NULL)))
			fuzz_fail("'%s' of '%s' is told twice", variable->key, variable->file);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct pipeline_options options = {.bool_optional = true, .list_append = true};
	const char *text = (const char *)data;
	size_t length = strnlen(text, size);
	struct input input = {text + length + (length < size), size - length - (length < size)};
	const struct pipeline_files files = {load, &input};
	g_autoptr(GError) error = NULL;
	autoptr(pipeline) pipeline =
		pipeline_read(text, length, "dvc.yaml", &dialect_dvc, &files, &options, &error);

	if (!pipeline && !error)
		fuzz_fail("refused without an error");
	for (guint i = 0; pipeline && i < pipeline->stages->len; i++)
		check_stage(pipeline, pipeline->stages->pdata[i]);
	if (pipeline)
		check_used(pipeline);
	return 0;
}
