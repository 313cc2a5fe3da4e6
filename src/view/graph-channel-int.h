/*
 * graph-channel-int: the lines between two layers of a drawing, as cells of a grid. No two lines touch unless they are
 * branches of one: each arrives at a column of its own, and where two cross, the upright one goes over the other.
 * Private to view/graph-*.c.
 */
#ifndef VIEW_GRAPH_CHANNEL_INT_H
#define VIEW_GRAPH_CHANNEL_INT_H

#include "view/graph-draw-int.h"

/* Which ways a line leaves the middle of a cell. */
enum graph_arm { GRAPH_UP = 1, GRAPH_DOWN = 2, GRAPH_LEFT = 4, GRAPH_RIGHT = 8 };

struct graph_cell {
	guint vertical_net, horizontal_net; /* whose line it is: the item that it comes from, plus 1; 0 for none */
	unsigned char vertical, horizontal; /* enum graph_arm */
	bool head;                          /* the line ends here, at a box */
};

struct graph_channel {
	guint width, rows;
	struct graph_cell *cells; /* row by row */
};

/*
 * Lead the lines from a layer to the next. bends[i] becomes the column at which the line of item boxes + i, which passes
 * the next layer, arrives there.
 */
void graph_channel_init(struct graph_channel *channel, const struct graph_layout *layout, guint layer, int *bends);
void graph_channel_clear(struct graph_channel *channel);

/* Which arms are to be seen in a cell; 0 for a blank. */
unsigned graph_cell_arms(const struct graph_cell *cell);

#endif
