#include "view/graph-draw-int.h"

/* The first of the things that hang together with i; paths are halved on the way. */
static guint find_root(guint *parents, guint i)
{
	while (parents[i] != i)
		i = parents[i] = parents[parents[i]];
	return i;
}

static void graph_part_free(gpointer data)
{
	struct graph_part *part = data;

	g_array_free(part->nodes, TRUE);
	g_array_free(part->edges, TRUE);
	g_free(part);
}

static struct graph_part *add_part(GPtrArray *parts)
{
	struct graph_part *part = g_new0(struct graph_part, 1);

	part->nodes = g_array_new(FALSE, FALSE, sizeof(guint));
	part->edges = g_array_new(FALSE, FALSE, sizeof(struct graph_draw_edge));
	g_ptr_array_add(parts, part);
	return part;
}

GPtrArray *graph_parts(const struct graph_draw_input *input)
{
	GPtrArray *parts = g_ptr_array_new_with_free_func(graph_part_free);
	g_autofree guint *parents = g_new(guint, input->node_count);
	g_autofree guint *part_of = g_new(guint, input->node_count);
	g_autofree guint *local = g_new(guint, input->node_count);

	for (guint i = 0; i < input->node_count; i++)
		parents[i] = i;
	for (guint i = 0; i < input->edge_count; i++) {
		guint a = find_root(parents, input->edges[i].from), b = find_root(parents, input->edges[i].to);

		/* The smaller one stays the root, so that a part is met at its first node. */
		parents[MAX(a, b)] = MIN(a, b);
	}
	for (guint i = 0; i < input->node_count; i++) {
		guint root = find_root(parents, i);
		struct graph_part *part;

		part_of[i] = root == i ? parts->len : part_of[root];
		part = root == i ? add_part(parts) : parts->pdata[part_of[i]];
		local[i] = part->nodes->len;
		g_array_append_val(part->nodes, i);
	}
	for (guint i = 0; i < input->edge_count; i++) {
		guint from = input->edges[i].from;
		struct graph_draw_edge edge = {local[from], local[input->edges[i].to]};
		struct graph_part *part = parts->pdata[part_of[from]];

		g_array_append_val(part->edges, edge);
	}
	return parts;
}

void graph_links_init(struct graph_links *links, guint count, const struct graph_draw_edge *edges, guint edge_count,
		      bool back)
{
	g_autofree guint *next = g_new(guint, count);

	links->first = g_new0(guint, (gsize)count + 1);
	links->list = g_new(guint, edge_count);
	for (guint i = 0; i < edge_count; i++)
		links->first[(back ? edges[i].to : edges[i].from) + 1]++;
	for (guint i = 0; i < count; i++) {
		next[i] = links->first[i];
		links->first[i + 1] += links->first[i];
	}
	for (guint i = 0; i < edge_count; i++)
		links->list[next[back ? edges[i].to : edges[i].from]++] = back ? edges[i].from : edges[i].to;
}

void graph_links_clear(struct graph_links *links)
{
	g_clear_pointer(&links->first, g_free);
	g_clear_pointer(&links->list, g_free);
}

/* Mark the neighbours of a node, and have those that were not marked looked at. */
static void mark_links(const struct graph_links *links, guint node, bool *marks, GArray *todo)
{
	for (guint i = links->first[node]; i < links->first[node + 1]; i++) {
		guint other = links->list[i];

		if (!marks[other])
			g_array_append_val(todo, other);
		marks[other] = true;
	}
}

void graph_draw_reach(const struct graph_draw_input *input, bool *marks, bool around)
{
	g_autoptr(GArray) todo = g_array_new(FALSE, FALSE, sizeof(guint));
	struct graph_links above, below;

	graph_links_init(&above, input->node_count, input->edges, input->edge_count, true);
	graph_links_init(&below, input->node_count, input->edges, input->edge_count, false);
	for (guint i = 0; i < input->node_count; i++) {
		if (marks[i])
			g_array_append_val(todo, i);
	}
	while (todo->len > 0) {
		guint node = g_array_index(todo, guint, todo->len - 1);

		g_array_set_size(todo, todo->len - 1);
		mark_links(&above, node, marks, todo);
		if (around)
			mark_links(&below, node, marks, todo);
	}
	graph_links_clear(&above);
	graph_links_clear(&below);
}
