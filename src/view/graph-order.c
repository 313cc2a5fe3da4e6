#include "view/graph-draw-int.h"

/* How often the order is improved, at most; few times for what takes long. */
#define SWEEPS 16
#define SWEEPS_OF_MANY 4
#define MANY 20000

/* An item of a layer and where its neighbours want it. */
struct ranked {
	guint item, place;
	double rank;
};

static int compare_ranked(gconstpointer a, gconstpointer b)
{
	const struct ranked *x = a, *y = b;

	if (x->rank != y->rank)
		return x->rank < y->rank ? -1 : 1;
	return x->place < y->place ? -1 : x->place > y->place;
}

/* Put an item behind the others of its layer. */
static void place_item(struct graph_layout *layout, guint index)
{
	struct graph_item *item = graph_layout_item(layout, index);
	GArray *layer = layout->layers->pdata[item->layer];

	item->place = layer->len;
	g_array_append_val(layer, index);
}

/* A first order: as a walk downwards meets the items, so that what hangs together stands together. */
static void place_all(struct graph_layout *layout)
{
	g_autofree bool *met = g_new0(bool, layout->items->len);
	g_autoptr(GArray) stack = g_array_new(FALSE, FALSE, sizeof(guint));

	for (guint i = 0; i < layout->items->len; i++) {
		if (layout->above.first[i] == layout->above.first[i + 1])
			g_array_append_val(stack, i);
		while (stack->len > 0) {
			guint item = g_array_index(stack, guint, stack->len - 1);

			g_array_set_size(stack, stack->len - 1);
			if (met[item])
				continue;
			met[item] = true;
			place_item(layout, item);
			for (guint k = layout->below.first[item + 1]; k-- > layout->below.first[item];)
				g_array_append_val(stack, layout->below.list[k]);
		}
	}
}

/* The mean place of an item's neighbours; its own if it has none on that side. */
static double mean_place(const struct graph_layout *layout, const struct graph_links *links, guint item)
{
	guint count = links->first[item + 1] - links->first[item];
	double sum = 0;

	for (guint i = links->first[item]; i < links->first[item + 1]; i++)
		sum += graph_layout_item(layout, links->list[i])->place;
	return count ? sum / count : graph_layout_item(layout, item)->place;
}

/* Order one layer by what stands above or below it. */
static void sort_layer(struct graph_layout *layout, guint layer, const struct graph_links *links)
{
	GArray *items = layout->layers->pdata[layer];
	g_autoptr(GArray) ranked = g_array_sized_new(FALSE, FALSE, sizeof(struct ranked), items->len);

	for (guint i = 0; i < items->len; i++) {
		guint item = g_array_index(items, guint, i);
		struct ranked entry = {item, i, mean_place(layout, links, item)};

		g_array_append_val(ranked, entry);
	}
	g_array_sort(ranked, compare_ranked);
	for (guint i = 0; i < items->len; i++) {
		guint item = g_array_index(ranked, struct ranked, i).item;

		g_array_index(items, guint, i) = item;
		graph_layout_item(layout, item)->place = i;
	}
}

static int compare_places(gconstpointer a, gconstpointer b)
{
	guint x = *(const guint *)a, y = *(const guint *)b;

	return x < y ? -1 : x > y;
}

/* How many of the places counted so far lie behind `place`, by a binary indexed tree; counts this one. */
static guint64 count_behind(guint *tree, guint size, guint place, guint counted)
{
	guint64 before = 0;

	for (guint i = place + 1; i > 0; i &= i - 1)
		before += tree[i];
	for (guint i = place + 1; i <= size; i += i & -i)
		tree[i]++;
	return counted - before;
}

/* How many lines cross between a layer and the next. */
static guint64 crossings_below(const struct graph_layout *layout, guint layer)
{
	const GArray *upper = graph_layout_layer(layout, layer), *lower = graph_layout_layer(layout, layer + 1);
	g_autofree guint *tree = g_new0(guint, (gsize)lower->len + 1);
	g_autoptr(GArray) places = g_array_new(FALSE, FALSE, sizeof(guint));
	guint64 crossings = 0;
	guint counted = 0;

	for (guint i = 0; i < upper->len; i++) {
		guint item = g_array_index(upper, guint, i);

		g_array_set_size(places, 0);
		for (guint k = layout->below.first[item]; k < layout->below.first[item + 1]; k++)
			g_array_append_val(places, graph_layout_item(layout, layout->below.list[k])->place);
		g_array_sort(places, compare_places);
		for (guint k = 0; k < places->len; k++, counted++)
			crossings += count_behind(tree, lower->len, g_array_index(places, guint, k), counted);
	}
	return crossings;
}

static guint64 count_crossings(const struct graph_layout *layout)
{
	guint64 crossings = 0;

	for (guint i = 0; i + 1 < layout->layers->len; i++)
		crossings += crossings_below(layout, i);
	return crossings;
}

static void sweep(struct graph_layout *layout, bool down)
{
	guint depth = layout->layers->len;

	for (guint i = 1; i < depth; i++)
		sort_layer(layout, down ? i : depth - 1 - i, down ? &layout->above : &layout->below);
}

static void keep_places(const struct graph_layout *layout, guint *places)
{
	for (guint i = 0; i < layout->items->len; i++)
		places[i] = graph_layout_item(layout, i)->place;
}

static void restore_places(struct graph_layout *layout, const guint *places)
{
	for (guint i = 0; i < layout->items->len; i++) {
		struct graph_item *item = graph_layout_item(layout, i);
		GArray *layer = layout->layers->pdata[item->layer];

		item->place = places[i];
		g_array_index(layer, guint, item->place) = i;
	}
}

void graph_layout_order(struct graph_layout *layout)
{
	g_autofree guint *places = g_new(guint, layout->items->len);
	guint sweeps = layout->items->len > MANY ? SWEEPS_OF_MANY : SWEEPS;
	guint64 best;

	place_all(layout);
	best = count_crossings(layout);
	keep_places(layout, places);
	for (guint i = 0; i < sweeps && best > 0; i++) {
		guint64 crossings;

		sweep(layout, i % 2 == 0);
		crossings = count_crossings(layout);
		if (crossings < best) {
			best = crossings;
			keep_places(layout, places);
		}
	}
	restore_places(layout, places);
}
