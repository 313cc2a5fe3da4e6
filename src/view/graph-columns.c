#include "view/graph-draw-int.h"

#include <math.h>

/* Blank columns between two boxes, and beside a line that passes. */
#define BOX_GAP 3
#define WIRE_GAP 1

/* How often columns are brought closer to their neighbours', downwards and upwards. */
#define ROUNDS 4

/* A line that passes wants more than a box to stand below what is above it: it should be straight. */
#define WIRE_WEIGHT 64

/* What may go astray in sums of columns that should be whole or half. */
#define TREMOR 1e-6

/* Neighbours in a layer that stand shoulder to shoulder and move as one. */
struct block {
	double sum, weight; /* of where they want to be, each less its own place in the block's layer */
	guint count;
};

static bool is_wire(const struct graph_layout *layout, guint item)
{
	return item >= layout->boxes;
}

/* The least distance between the middles of two neighbours. */
static double distance(const struct graph_layout *layout, guint left, guint right)
{
	guint left_width = graph_layout_item(layout, left)->width, right_width = graph_layout_item(layout, right)->width;
	guint gap = is_wire(layout, left) || is_wire(layout, right) ? WIRE_GAP : BOX_GAP;

	return left_width - left_width / 2 + gap + right_width / 2;
}

/* The mean column of an item's neighbours; its own if it has none on that side. */
static double mean_column(const struct graph_layout *layout, const struct graph_links *links, guint item)
{
	guint count = links->first[item + 1] - links->first[item];
	double sum = 0;

	for (guint i = links->first[item]; i < links->first[item + 1]; i++)
		sum += graph_layout_item(layout, links->list[i])->wanted;
	return count ? sum / count : graph_layout_item(layout, item)->wanted;
}

/* Append a block; as long as it would stand left of the block before, both become one. */
static void add_block(GArray *blocks, struct block block)
{
	while (blocks->len > 0) {
		const struct block *last = &g_array_index(blocks, struct block, blocks->len - 1);

		if (last->sum / last->weight <= block.sum / block.weight)
			break;
		block.sum += last->sum;
		block.weight += last->weight;
		block.count += last->count;
		g_array_set_size(blocks, blocks->len - 1);
	}
	g_array_append_val(blocks, block);
}

/*
 * Place a layer so that the squares of the distances to the wanted columns are least, with the order kept and nothing
 * overlapping: a regression with monotone values, since what must not overlap is a lower bound of a difference.
 */
static void place_layer(struct graph_layout *layout, guint layer, const struct graph_links *links)
{
	const GArray *items = graph_layout_layer(layout, layer);
	g_autoptr(GArray) blocks = g_array_new(FALSE, FALSE, sizeof(struct block));
	g_autofree double *offsets = g_new0(double, items->len);
	guint next = 0;

	for (guint i = 0; i < items->len; i++) {
		guint item = g_array_index(items, guint, i);
		double weight = is_wire(layout, item) ? WIRE_WEIGHT : 1;

		if (i > 0)
			offsets[i] = offsets[i - 1] + distance(layout, g_array_index(items, guint, i - 1), item);
		add_block(blocks, (struct block){(mean_column(layout, links, item) - offsets[i]) * weight, weight, 1});
	}
	for (guint i = 0; i < blocks->len; i++) {
		const struct block *block = &g_array_index(blocks, struct block, i);

		for (guint k = 0; k < block->count; k++, next++)
			graph_layout_item(layout, g_array_index(items, guint, next))->wanted =
				block->sum / block->weight + offsets[next];
	}
}

/* All items as far left as they can be. */
static void pack(struct graph_layout *layout)
{
	for (guint l = 0; l < layout->layers->len; l++) {
		const GArray *items = graph_layout_layer(layout, l);
		double column = 0;

		for (guint i = 0; i < items->len; i++) {
			guint item = g_array_index(items, guint, i);

			column += i > 0 ? distance(layout, g_array_index(items, guint, i - 1), item)
					: graph_layout_item(layout, item)->width / 2;
			graph_layout_item(layout, item)->wanted = column;
		}
	}
}

/* Whole columns, the leftmost 0. But for the tremor of sums, rounding keeps distances that are whole. */
static void settle(struct graph_layout *layout)
{
	int left = G_MAXINT, right = 0;

	for (guint i = 0; i < layout->items->len; i++) {
		struct graph_item *item = graph_layout_item(layout, i);

		item->column = (int)floor(item->wanted + 0.5 + TREMOR);
		left = MIN(left, graph_item_left(item));
	}
	for (guint i = 0; i < layout->items->len; i++) {
		struct graph_item *item = graph_layout_item(layout, i);

		item->column -= left;
		right = MAX(right, graph_item_left(item) + (int)item->width);
	}
	layout->width = (guint)right;
}

void graph_layout_columns(struct graph_layout *layout)
{
	guint depth = layout->layers->len;

	pack(layout);
	for (guint round = 0; round < ROUNDS; round++) {
		for (guint i = depth - 1; i-- > 0;)
			place_layer(layout, i, &layout->below);
		for (guint i = 1; i < depth; i++)
			place_layer(layout, i, &layout->above);
	}
	settle(layout);
	if (layout->width <= GRAPH_DRAW_WIDTH)
		return;
	pack(layout);
	settle(layout);
}
