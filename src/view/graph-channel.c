#include "view/graph-channel-int.h"

#include <string.h>

/* Where the line of an upper item arrives at a lower one. */
struct arrival {
	guint upper, lower; /* items */
	int column;
};

/* The line of one upper item with all its branches. */
struct net {
	guint upper;
	guint first, count; /* of its arrivals */
	int exit;           /* the column where it starts */
	int left, right;    /* the columns that it spans */
	guint track;        /* the row of its horizontal part */
};

/* The room between two layers while its lines are led. */
struct routing {
	const struct graph_layout *layout;
	guint layer;       /* the upper one */
	guint *exits;      /* of each column: the upper item whose line starts there, plus 1 */
	bool *taken;       /* of each column: a line arrives there */
	GArray *arrivals;  /* of struct arrival, those of one upper item together */
	GArray *nets;      /* of struct net, in the order of compare_nets() */
	guint tracks;
};

/* The columns of an item at which lines may arrive: a box has its borders, a passing line room for a bend. */
static void find_range(const struct graph_layout *layout, guint index, int *low, int *high)
{
	const struct graph_item *item = graph_layout_item(layout, index);
	int border = index < layout->boxes;

	*low = graph_item_left(item) + border;
	*high = graph_item_left(item) + (int)item->width - 1 - border;
}

/* Whether a line of `upper` may arrive here: no other does, nor leaves another item above and would run into it. */
static bool is_free(const struct routing *routing, guint upper, int column)
{
	return !routing->taken[column] && (routing->exits[column] == 0 || routing->exits[column] == upper + 1);
}

/* The free column of [low, high] next to `wanted`; `wanted` itself if there is none. */
static int nearest_free(const struct routing *routing, guint upper, int wanted, int low, int high)
{
	for (int away = 0; away <= high - low; away++) {
		if (wanted - away >= low && is_free(routing, upper, wanted - away))
			return wanted - away;
		if (wanted + away <= high && is_free(routing, upper, wanted + away))
			return wanted + away;
	}
	return wanted;
}

static int compare_columns(gconstpointer a, gconstpointer b, gpointer user)
{
	const struct graph_layout *layout = user;
	int x = graph_layout_item(layout, *(const guint *)a)->column;
	int y = graph_layout_item(layout, *(const guint *)b)->column;

	return x < y ? -1 : x > y;
}

/* Let the lines of all that stands above a lower item arrive there: straight where that hits it, else about its middle. */
static void arrive(struct routing *routing, guint lower)
{
	const struct graph_layout *layout = routing->layout;
	guint first = layout->above.first[lower], count = layout->above.first[lower + 1] - first;
	g_autoptr(GArray) uppers = g_array_new(FALSE, FALSE, sizeof(guint));
	int low, high;

	find_range(layout, lower, &low, &high);
	g_array_append_vals(uppers, layout->above.list + first, count);
	g_array_sort_with_data(uppers, compare_columns, (gpointer)layout);
	for (guint i = 0; i < count; i++) {
		guint upper = g_array_index(uppers, guint, i);
		int column = graph_layout_item(layout, upper)->column;
		int spread = graph_layout_item(layout, lower)->column + 2 * (int)i - (int)(count - 1);
		int wanted = column >= low && column <= high && lower < layout->boxes ? column : CLAMP(spread, low, high);
		struct arrival arrival = {upper, lower, nearest_free(routing, upper, wanted, low, high)};

		routing->taken[arrival.column] = true;
		g_array_append_val(routing->arrivals, arrival);
	}
}

static int compare_arrivals(gconstpointer a, gconstpointer b)
{
	const struct arrival *x = a, *y = b;

	if (x->upper != y->upper)
		return x->upper < y->upper ? -1 : 1;
	return x->column < y->column ? -1 : x->column > y->column;
}

/* Which way a line goes from where it starts; both ways is neither. */
static int direction(const struct net *net)
{
	return (net->left == net->exit) - (net->right == net->exit);
}

/*
 * The order in which lines take their rows, from above: those that go right from the right, those that go left from the
 * left, so that lines to one place run side by side instead of crossing; then the others.
 */
static int compare_nets(gconstpointer a, gconstpointer b)
{
	const struct net *x = a, *y = b;
	int way = direction(x);

	if (way != direction(y))
		return way > direction(y) ? -1 : 1;
	return way > 0 ? (x->exit < y->exit) - (x->exit > y->exit) : (x->exit > y->exit) - (x->exit < y->exit);
}

/* Gather the arrivals of each upper item. */
static void make_nets(struct routing *routing)
{
	const struct arrival *arrivals;
	guint count = routing->arrivals->len;

	g_array_sort(routing->arrivals, compare_arrivals);
	arrivals = (const struct arrival *)routing->arrivals->data;
	for (guint i = 0, next; i < count; i = next) {
		int column = graph_layout_item(routing->layout, arrivals[i].upper)->column;
		struct net net = {.upper = arrivals[i].upper, .first = i, .exit = column, .left = column, .right = column};

		for (next = i; next < count && arrivals[next].upper == net.upper; next++) {
			net.left = MIN(net.left, arrivals[next].column);
			net.right = MAX(net.right, arrivals[next].column);
		}
		net.count = next - i;
		g_array_append_val(routing->nets, net);
	}
	g_array_sort(routing->nets, compare_nets);
}

/* The first row where nothing before net i runs beside or across it. */
static guint free_track(const struct routing *routing, guint i, bool *used)
{
	const struct net *nets = (const struct net *)routing->nets->data;
	guint track = 0;

	memset(used, 0, routing->nets->len * sizeof(*used));
	for (guint k = 0; k < i; k++) {
		if (nets[k].left != nets[k].right && nets[k].left <= nets[i].right + 1 && nets[i].left <= nets[k].right + 1)
			used[nets[k].track] = true;
	}
	while (used[track])
		track++;
	return track;
}

/* Give each line that is not straight a row. */
static void make_tracks(struct routing *routing)
{
	g_autofree bool *used = g_new(bool, routing->nets->len);

	for (guint i = 0; i < routing->nets->len; i++) {
		struct net *net = &g_array_index(routing->nets, struct net, i);

		if (net->left == net->right)
			continue;
		net->track = free_track(routing, i, used);
		routing->tracks = MAX(routing->tracks, net->track + 1);
	}
}

static struct graph_cell *cell_at(struct graph_channel *channel, guint row, int column)
{
	return &channel->cells[(gsize)row * channel->width + (guint)column];
}

/* The line of `net` goes up and down from here, as the arms say. */
static void draw_vertical(struct graph_channel *channel, guint row, int column, unsigned arms, guint net)
{
	struct graph_cell *cell = cell_at(channel, row, column);

	cell->vertical |= arms;
	cell->vertical_net = net + 1;
}

static void draw_net(struct graph_channel *channel, const struct routing *routing, const struct net *net)
{
	int column = graph_layout_item(routing->layout, net->upper)->column;

	for (guint row = 0; row < net->track; row++)
		draw_vertical(channel, row, column, GRAPH_UP | GRAPH_DOWN, net->upper);
	draw_vertical(channel, net->track, column, GRAPH_UP, net->upper);
	for (int c = net->left; c <= net->right; c++) {
		struct graph_cell *cell = cell_at(channel, net->track, c);

		cell->horizontal = (c > net->left ? GRAPH_LEFT : 0) | (c < net->right ? GRAPH_RIGHT : 0);
		cell->horizontal_net = net->upper + 1;
	}
	for (guint i = 0; i < net->count; i++) {
		const struct arrival *arrival = &g_array_index(routing->arrivals, struct arrival, net->first + i);

		draw_vertical(channel, net->track, arrival->column, GRAPH_DOWN, net->upper);
		for (guint row = net->track + 1; row < channel->rows; row++)
			draw_vertical(channel, row, arrival->column, GRAPH_UP | GRAPH_DOWN, net->upper);
		cell_at(channel, channel->rows - 1, arrival->column)->head = arrival->lower < routing->layout->boxes;
	}
}

/* Remember where the lines that pass the next layer arrive. */
static void note_bends(const struct routing *routing, int *bends)
{
	for (guint i = 0; i < routing->arrivals->len; i++) {
		const struct arrival *arrival = &g_array_index(routing->arrivals, struct arrival, i);

		if (arrival->lower >= routing->layout->boxes)
			bends[arrival->lower - routing->layout->boxes] = arrival->column;
	}
}

void graph_channel_init(struct graph_channel *channel, const struct graph_layout *layout, guint layer, int *bends)
{
	const GArray *upper = graph_layout_layer(layout, layer), *lower = graph_layout_layer(layout, layer + 1);
	g_autofree guint *exits = g_new0(guint, layout->width);
	g_autofree bool *taken = g_new0(bool, layout->width);
	g_autoptr(GArray) arrivals = g_array_new(FALSE, FALSE, sizeof(struct arrival));
	g_autoptr(GArray) nets = g_array_new(FALSE, FALSE, sizeof(struct net));
	struct routing routing = {layout, layer, exits, taken, arrivals, nets, 0};

	for (guint i = 0; i < upper->len; i++) {
		guint item = g_array_index(upper, guint, i);

		if (layout->below.first[item] != layout->below.first[item + 1])
			exits[graph_layout_item(layout, item)->column] = item + 1;
	}
	for (guint i = 0; i < lower->len; i++)
		arrive(&routing, g_array_index(lower, guint, i));
	make_nets(&routing);
	make_tracks(&routing);
	channel->width = layout->width;
	channel->rows = MAX(routing.tracks, 1) + 1;
	channel->cells = g_new0(struct graph_cell, (gsize)channel->width * channel->rows);
	for (guint i = 0; i < nets->len; i++)
		draw_net(channel, &routing, &g_array_index(nets, struct net, i));
	note_bends(&routing, bends);
}

void graph_channel_clear(struct graph_channel *channel)
{
	g_clear_pointer(&channel->cells, g_free);
}

unsigned graph_cell_arms(const struct graph_cell *cell)
{
	if (cell->vertical && cell->vertical_net != cell->horizontal_net)
		return cell->vertical;
	return cell->vertical | cell->horizontal;
}
