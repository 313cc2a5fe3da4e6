#include "pipeline/stage-error.h"

/* The node of the path: where the stage runs, what it reads, what it writes; NULL for what is no single path there. */
static const struct node *find_node(const struct pipeline_stage *body, const char *written)
{
	const struct node *deps = node_get(body->body, "deps"), *wdir = node_get(body->body, "wdir");

	if (wdir && wdir->kind == NODE_STRING && g_str_equal(wdir->text, written))
		return wdir;
	for (size_t i = 0; deps && deps->kind == NODE_LIST && i < deps->count; i++) {
		if (deps->items[i]->kind == NODE_STRING && g_str_equal(deps->items[i]->text, written))
			return deps->items[i];
	}
	for (guint i = 0; i < body->outs->len; i++) {
		if (g_str_equal(((const struct entry *)body->outs->pdata[i])->path, written))
			return body->out_info[i].path;
	}
	return NULL;
}

void stage_error(GError **error, enum error_code code, const struct stage_place *place, const char *text)
{
	const struct node *node = place->body ? find_node(place->body, place->written) : NULL;
	const struct doc *doc = node ? outputs_doc(place->outputs, place->file) : NULL;

	if (doc)
		node_error_as(error, code, doc, node, text);
	else
		error_set(error, code, "%s: %s", place->file, text);
}
