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
		g_error("stage '%s' cannot be found", stage->name);
	if (!stage->wdir || !stage->cmd || (stage->cmd->kind != NODE_STRING && stage->cmd->kind != NODE_LIST))
		g_error("stage '%s' is not whole", stage->name);
	for (guint i = 0; i < stage->outs->len; i++)
		if (!*((struct entry *)stage->outs->pdata[i])->path)
			g_error("stage '%s' has an output without a path", stage->name);
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
		g_error("refused without an error");
	for (guint i = 0; pipeline && i < pipeline->stages->len; i++)
		check_stage(pipeline, pipeline->stages->pdata[i]);
	return 0;
}
