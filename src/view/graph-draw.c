#include "view/graph-channel-int.h"
#include "view/text.h"

#include <string.h>

/* How a drawing's lines look. */
struct glyphs {
	const char *arms[16]; /* by enum graph_arm, together */
	const char *head;
	const char *corners[4]; /* of a box: above left, above right, below left, below right */
	const char *exit;       /* in the lower border, where a line leaves */
};

static const struct glyphs glyphs_ascii = {
	{" ", "|", "|", "|", "-", "+", "+", "+", "-", "+", "+", "+", "-", "+", "+", "+"},
	"v",
	{"+", "+", "+", "+"},
	"-",
};

static const struct glyphs glyphs_unicode = {
	{" ", "│", "│", "│", "─", "┘", "┐", "┤", "─", "└", "┌", "├", "─", "┴", "┬", "┼"},
	"▼",
	{"┌", "┐", "└", "┘"},
	"┬",
};

/* One drawing on its way into text. */
struct canvas {
	GString *out;
	const struct graph_draw_input *input;
	const struct graph_part *part;
	const struct graph_layout *layout;
	const struct glyphs *glyphs;
	bool colour;
	int *bends; /* of each passing item: where its line arrives */
	int column; /* of the next character in this line */
};

static void begin_style(const struct canvas *canvas, enum view_style style)
{
	if (canvas->colour)
		g_string_append(canvas->out, view_style_start(style));
}

static void end_style(const struct canvas *canvas, enum view_style style)
{
	if (canvas->colour && *view_style_start(style))
		g_string_append(canvas->out, "\033[m");
}

/* Blanks up to a column. */
static void go_to(struct canvas *canvas, int column)
{
	for (; canvas->column < column; canvas->column++)
		g_string_append_c(canvas->out, ' ');
}

static void put_glyph(struct canvas *canvas, const char *glyph)
{
	g_string_append(canvas->out, glyph);
	canvas->column++;
}

static void end_line(struct canvas *canvas)
{
	g_string_append_c(canvas->out, '\n');
	canvas->column = 0;
}

/* The upper (row 0) or lower (row 2) border of a box. */
static void put_border(struct canvas *canvas, guint index, guint row)
{
	const struct graph_item *item = graph_layout_item(canvas->layout, index);
	const struct graph_links *below = &canvas->layout->below;
	bool leaves = row == 2 && below->first[index] != below->first[index + 1];

	begin_style(canvas, VIEW_DIM);
	put_glyph(canvas, canvas->glyphs->corners[row]);
	for (guint i = 1; i + 1 < item->width; i++) {
		bool exit = leaves && canvas->column == item->column;

		put_glyph(canvas, exit ? canvas->glyphs->exit : canvas->glyphs->arms[GRAPH_LEFT | GRAPH_RIGHT]);
	}
	put_glyph(canvas, canvas->glyphs->corners[row + 1]);
	end_style(canvas, VIEW_DIM);
}

static void put_side(struct canvas *canvas)
{
	begin_style(canvas, VIEW_DIM);
	put_glyph(canvas, canvas->glyphs->arms[GRAPH_UP | GRAPH_DOWN]);
	end_style(canvas, VIEW_DIM);
}

/* The middle of a box: its label, centred. */
static void put_label(struct canvas *canvas, guint index)
{
	const struct graph_item *item = graph_layout_item(canvas->layout, index);
	guint node = g_array_index(canvas->part->nodes, guint, index);
	const struct graph_draw_node *what = &canvas->input->nodes[node];
	int width = (int)text_width(what->label), left = graph_item_left(item);

	put_side(canvas);
	go_to(canvas, left + ((int)item->width - width) / 2);
	begin_style(canvas, what->style);
	g_string_append(canvas->out, what->label);
	canvas->column += width;
	end_style(canvas, what->style);
	go_to(canvas, left + (int)item->width - 1);
	put_side(canvas);
}

/* A line that passes: where it arrives, a bend to its own column, and on. */
static void put_wire(struct canvas *canvas, guint index, guint row)
{
	int to = graph_layout_item(canvas->layout, index)->column, from = canvas->bends[index - canvas->layout->boxes];

	go_to(canvas, row == 0 ? from : row == 1 ? MIN(from, to) : to);
	begin_style(canvas, VIEW_DIM);
	if (row != 1 || from == to) {
		put_glyph(canvas, canvas->glyphs->arms[GRAPH_UP | GRAPH_DOWN]);
	} else {
		put_glyph(canvas, canvas->glyphs->arms[GRAPH_RIGHT | (from < to ? GRAPH_UP : GRAPH_DOWN)]);
		put_glyph(canvas, canvas->glyphs->arms[GRAPH_LEFT | (from < to ? GRAPH_DOWN : GRAPH_UP)]);
	}
	end_style(canvas, VIEW_DIM);
}

static void put_layer(struct canvas *canvas, guint layer)
{
	const GArray *items = graph_layout_layer(canvas->layout, layer);

	for (guint row = 0; row < 3; row++) {
		for (guint i = 0; i < items->len; i++) {
			guint index = g_array_index(items, guint, i);

			if (index >= canvas->layout->boxes) {
				put_wire(canvas, index, row);
				continue;
			}
			go_to(canvas, graph_item_left(graph_layout_item(canvas->layout, index)));
			if (row == 1)
				put_label(canvas, index);
			else
				put_border(canvas, index, row);
		}
		end_line(canvas);
	}
}

/* The lines between this layer and the next. */
static void put_channel(struct canvas *canvas, guint layer)
{
	struct graph_channel channel;

	graph_channel_init(&channel, canvas->layout, layer, canvas->bends);
	begin_style(canvas, VIEW_DIM);
	for (guint row = 0; row < channel.rows; row++) {
		for (guint column = 0; column < channel.width; column++) {
			const struct graph_cell *cell = &channel.cells[(gsize)row * channel.width + column];
			unsigned arms = graph_cell_arms(cell);

			if (!arms)
				continue;
			go_to(canvas, (int)column);
			put_glyph(canvas, cell->head ? canvas->glyphs->head : canvas->glyphs->arms[arms]);
		}
		/* A pager may show each line for itself. */
		end_style(canvas, VIEW_DIM);
		end_line(canvas);
		if (row + 1 < channel.rows)
			begin_style(canvas, VIEW_DIM);
	}
	graph_channel_clear(&channel);
}

/* How wide each box is: its label, and room for a line from everything above it. */
static guint *box_widths(const struct graph_draw_input *input, const struct graph_part *part)
{
	guint *widths = g_new0(guint, part->nodes->len);

	for (guint i = 0; i < part->edges->len; i++)
		widths[g_array_index(part->edges, struct graph_draw_edge, i).to] += 2;
	for (guint i = 0; i < part->nodes->len; i++) {
		const char *label = input->nodes[g_array_index(part->nodes, guint, i)].label;

		widths[i] = MAX(widths[i] + 1, text_width(label) + 4);
	}
	return widths;
}

static bool draw_part(struct canvas *canvas)
{
	g_autofree guint *widths = box_widths(canvas->input, canvas->part);
	autoptr(graph_layout) layout = graph_layout_new(canvas->part, widths);
	g_autofree int *bends = layout ? g_new0(int, layout->items->len - layout->boxes) : NULL;

	if (!layout)
		return false;
	canvas->layout = layout;
	canvas->bends = bends;
	for (guint i = 0; i < layout->layers->len; i++) {
		put_layer(canvas, i);
		if (i + 1 < layout->layers->len)
			put_channel(canvas, i);
	}
	return true;
}

bool graph_draw(GString *out, const struct graph_draw_input *input, const struct graph_draw_options *options)
{
	g_autoptr(GPtrArray) parts = graph_parts(input);
	struct canvas canvas = {.out = out, .input = input, .colour = options->colour};
	gsize before = out->len;

	canvas.glyphs = options->unicode ? &glyphs_unicode : &glyphs_ascii;
	for (guint i = 0; i < parts->len; i++) {
		canvas.part = parts->pdata[i];
		if (!draw_part(&canvas)) {
			g_string_truncate(out, before);
			return false;
		}
	}
	return true;
}
