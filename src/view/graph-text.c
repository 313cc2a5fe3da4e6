#include "view/graph-draw-int.h"

#include <string.h>

static void append_styled(GString *out, const struct graph_draw_node *node, bool colour)
{
	const char *start = colour ? view_style_start(node->style) : "";

	g_string_append(out, start);
	g_string_append(out, node->label);
	if (*start)
		g_string_append(out, "\033[m");
	g_string_append_c(out, '\n');
}

void graph_draw_listing(GString *out, const struct graph_draw_input *input, const struct graph_draw_options *options)
{
	struct graph_links above;

	graph_links_init(&above, input->node_count, input->edges, input->edge_count, true);
	for (guint i = 0; i < input->node_count; i++) {
		append_styled(out, &input->nodes[i], options->colour);
		for (guint k = above.first[i]; k < above.first[i + 1]; k++) {
			bool last = k + 1 == above.first[i + 1];

			if (options->unicode)
				g_string_append(out, last ? "└── " : "├── ");
			else
				g_string_append(out, last ? "`-- " : "|-- ");
			append_styled(out, &input->nodes[above.list[k]], options->colour);
		}
	}
	graph_links_clear(&above);
}

/* A quoted string of DOT. */
static void append_dot(GString *out, const char *label)
{
	g_string_append_c(out, '"');
	for (; *label; label++) {
		if (*label == '"' || *label == '\\')
			g_string_append_c(out, '\\');
		g_string_append_c(out, *label);
	}
	g_string_append_c(out, '"');
}

void graph_draw_dot(GString *out, const struct graph_draw_input *input)
{
	g_string_append(out, "strict digraph  {\n");
	for (guint i = 0; i < input->node_count; i++) {
		append_dot(out, input->nodes[i].label);
		g_string_append(out, ";\n");
	}
	for (guint i = 0; i < input->edge_count; i++) {
		append_dot(out, input->nodes[input->edges[i].from].label);
		g_string_append(out, " -> ");
		append_dot(out, input->nodes[input->edges[i].to].label);
		g_string_append(out, ";\n");
	}
	g_string_append(out, "}\n");
}

/* What a sort by name needs to know. */
struct by_name {
	const struct graph_draw_input *input;
	const struct graph_part *part;
};

static const char *name_of(const struct by_name *names, guint node)
{
	return names->input->nodes[g_array_index(names->part->nodes, guint, node)].label;
}

static int compare_names(gconstpointer a, gconstpointer b, gpointer user)
{
	return strcmp(name_of(user, *(const guint *)a), name_of(user, *(const guint *)b));
}

static int compare_guints(gconstpointer a, gconstpointer b)
{
	guint x = *(const guint *)a, y = *(const guint *)b;

	return x < y ? -1 : x > y;
}

static void append_mermaid_node(GString *out, guint number, const char *label)
{
	g_string_append_printf(out, "\tnode%u[\"", number);
	/* Quotes are written as entities of HTML there. */
	for (; *label; label++) {
		if (*label == '"')
			g_string_append(out, "#quot;");
		else
			g_string_append_c(out, *label);
	}
	g_string_append(out, "\"]\n");
}

/* One part; its nodes are numbered from *number + 1 on. */
static void append_mermaid_part(GString *out, const struct by_name *names, guint *number)
{
	const struct graph_part *part = names->part;
	guint count = part->nodes->len;
	g_autoptr(GArray) order = g_array_sized_new(FALSE, FALSE, sizeof(guint), count);
	g_autofree guint *numbers = g_new(guint, count);
	struct graph_links below;

	for (guint i = 0; i < count; i++)
		g_array_append_val(order, i);
	g_array_sort_with_data(order, compare_names, (gpointer)names);
	for (guint i = 0; i < count; i++) {
		guint node = g_array_index(order, guint, i);

		numbers[node] = ++*number;
		append_mermaid_node(out, *number, name_of(names, node));
	}
	graph_links_init(&below, count, (const struct graph_draw_edge *)part->edges->data, part->edges->len, false);
	for (guint i = 0; i < count; i++) {
		guint node = g_array_index(order, guint, i), links = below.first[node + 1] - below.first[node];
		g_autoptr(GArray) targets = g_array_sized_new(FALSE, FALSE, sizeof(guint), links);

		for (guint k = below.first[node]; k < below.first[node + 1]; k++)
			g_array_append_val(targets, numbers[below.list[k]]);
		g_array_sort(targets, compare_guints);
		for (guint k = 0; k < targets->len; k++)
			g_string_append_printf(out, "\tnode%u-->node%u\n", numbers[node], g_array_index(targets, guint, k));
	}
	graph_links_clear(&below);
}

void graph_draw_mermaid(GString *out, const struct graph_draw_input *input)
{
	g_autoptr(GPtrArray) parts = graph_parts(input);
	struct by_name names = {.input = input};
	guint number = 0;

	g_string_append(out, "flowchart TD\n");
	for (guint i = 0; i < parts->len; i++) {
		names.part = parts->pdata[i];
		append_mermaid_part(out, &names, &number);
	}
}
