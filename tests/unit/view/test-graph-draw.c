#include "../tap.h"

#include "view/graph-draw.h"

#include <string.h>

/* A graph for a test: "a>b b>c d" are three edges' ends and a lone node, in that order. */
struct sample {
	GArray *nodes; /* of struct graph_draw_node */
	GArray *edges; /* of struct graph_draw_edge */
	char **words;  /* own the labels */
	struct graph_draw_input input;
};

static guint node_named(struct sample *sample, const char *label)
{
	struct graph_draw_node node = {label, VIEW_HEADING};

	for (guint i = 0; i < sample->nodes->len; i++)
		if (strcmp(g_array_index(sample->nodes, struct graph_draw_node, i).label, label) == 0)
			return i;
	g_array_append_val(sample->nodes, node);
	return sample->nodes->len - 1;
}

static void sample_begin(struct sample *sample)
{
	sample->nodes = g_array_new(FALSE, FALSE, sizeof(struct graph_draw_node));
	sample->edges = g_array_new(FALSE, FALSE, sizeof(struct graph_draw_edge));
}

static void sample_end(struct sample *sample)
{
	sample->input.nodes = (const struct graph_draw_node *)sample->nodes->data;
	sample->input.node_count = sample->nodes->len;
	sample->input.edges = (const struct graph_draw_edge *)sample->edges->data;
	sample->input.edge_count = sample->edges->len;
}

static void sample_init(struct sample *sample, const char *text)
{
	sample_begin(sample);
	sample->words = g_strsplit(text, " ", -1);
	for (char **word = sample->words; *word && **word; word++) {
		char *to = strchr(*word, '>');
		struct graph_draw_edge edge;

		if (to)
			*to++ = '\0';
		edge.from = node_named(sample, *word);
		if (to) {
			edge.to = node_named(sample, to);
			g_array_append_val(sample->edges, edge);
		}
	}
	sample_end(sample);
}

static void sample_clear(struct sample *sample)
{
	g_array_free(sample->nodes, TRUE);
	g_array_free(sample->edges, TRUE);
	g_strfreev(sample->words);
}

static void assert_drawing(const char *text, const struct graph_draw_options *options, const char *expected)
{
	struct sample sample;
	g_autoptr(GString) out = g_string_new(NULL);

	sample_init(&sample, text);
	g_assert_true(graph_draw(out, &sample.input, options));
	g_assert_cmpstr(out->str, ==, expected);
	sample_clear(&sample);
}

static void boxes_and_lines(void)
{
	struct graph_draw_options plain = {0}, unicode = {.unicode = true};

	assert_drawing("", &plain, "");
	assert_drawing("a", &plain, "+---+\n"
				    "| a |\n"
				    "+---+\n");
	assert_drawing("data>prepare prepare>train prepare>evaluate train>evaluate alone", &plain,
		       " +------+\n"
		       " | data |\n"
		       " +------+\n"
		       "     |\n"
		       "     v\n"
		       "+---------+\n"
		       "| prepare |\n"
		       "+---------+\n"
		       "     +------+\n"
		       "     |      v\n"
		       "     |  +-------+\n"
		       "     |  | train |\n"
		       "     |  +-------+\n"
		       "     |      |\n"
		       "     v      v\n"
		       "  +----------+\n"
		       "  | evaluate |\n"
		       "  +----------+\n"
		       "+-------+\n"
		       "| alone |\n"
		       "+-------+\n");
	assert_drawing("a>x b>x", &unicode, "┌───┐   ┌───┐\n"
					    "│ a │   │ b │\n"
					    "└─┬─┘   └─┬─┘\n"
					    "  └──┐ ┌──┘\n"
					    "     ▼ ▼\n"
					    "    ┌───┐\n"
					    "    │ x │\n"
					    "    └───┘\n");
}

/* Wide characters take two columns, combining ones none. */
static void labels_of_any_width(void)
{
	struct graph_draw_options plain = {0};

	assert_drawing("日本>e\xcc\x81t", &plain, "+------+\n"
						    "| 日本 |\n"
						    "+------+\n"
						    "    |\n"
						    "    v\n"
						    " +----+\n"
						    " | e\xcc\x81t |\n"
						    " +----+\n");
}

static void colours(void)
{
	struct graph_draw_options coloured = {.colour = true};
	struct sample sample;
	g_autoptr(GString) out = g_string_new(NULL);

	sample_init(&sample, "a");
	g_assert_true(graph_draw(out, &sample.input, &coloured));
	g_assert_cmpstr(out->str, ==,
			"\033[2m+---+\033[m\n\033[2m|\033[m \033[1ma\033[m \033[2m|\033[m\n\033[2m+---+\033[m\n");
	sample_clear(&sample);
}

static void too_wide_or_round(void)
{
	struct graph_draw_options plain = {0};
	struct sample sample;
	g_autoptr(GString) out = g_string_new("x");
	g_autoptr(GString) text = g_string_new("ok");

	for (guint i = 0; i < 200; i++)
		g_string_append_printf(text, " root>leaf%u", i);
	sample_init(&sample, text->str);
	g_assert_false(graph_draw(out, &sample.input, &plain));
	g_assert_cmpstr(out->str, ==, "x");
	sample_clear(&sample);
	sample_init(&sample, "a>b b>c c>a");
	g_assert_false(graph_draw(out, &sample.input, &plain));
	g_assert_cmpstr(out->str, ==, "x");
	sample_clear(&sample);
}

static void other_forms(void)
{
	struct graph_draw_options plain = {0};
	struct sample sample;
	g_autoptr(GString) out = g_string_new(NULL);

	sample_init(&sample, "z>b z>a x y\"\\>a");
	graph_draw_listing(out, &sample.input, &plain);
	g_assert_cmpstr(out->str, ==, "z\nb\n`-- z\na\n|-- z\n`-- y\"\\\nx\ny\"\\\n");
	g_string_truncate(out, 0);
	graph_draw_dot(out, &sample.input);
	g_assert_cmpstr(out->str, ==,
			"strict digraph  {\n\"z\";\n\"b\";\n\"a\";\n\"x\";\n\"y\\\"\\\\\";\n"
			"\"z\" -> \"b\";\n\"z\" -> \"a\";\n\"y\\\"\\\\\" -> \"a\";\n}\n");
	g_string_truncate(out, 0);
	graph_draw_mermaid(out, &sample.input);
	g_assert_cmpstr(out->str, ==,
			"flowchart TD\n\tnode1[\"a\"]\n\tnode2[\"b\"]\n\tnode3[\"y#quot;\\\"]\n\tnode4[\"z\"]\n"
			"\tnode3-->node1\n\tnode4-->node1\n\tnode4-->node2\n\tnode5[\"x\"]\n");
	sample_clear(&sample);
}

/* Marks spread upwards, or both ways. */
static void marks_spread(void)
{
	struct sample sample;
	bool up[6] = {false}, around[6] = {false};

	/* Nodes: a 0, b 1, c 2, d 3, e 4, f 5. */
	sample_init(&sample, "a>b b>c a>d e>d f");
	up[1] = around[1] = true;
	graph_draw_reach(&sample.input, up, false);
	graph_draw_reach(&sample.input, around, true);
	for (guint i = 0; i < 6; i++) {
		g_assert_true(up[i] == (i < 2));
		g_assert_true(around[i] == (i < 5));
	}
	sample_clear(&sample);
}

/* A drawing as lines of characters, to be followed like a reader's eye does. */
struct page {
	GPtrArray *lines; /* of gunichar * */
	GArray *lengths;  /* of glong */
};

static gunichar at(const struct page *page, guint row, glong column)
{
	if (row >= page->lines->len || column < 0 || column >= g_array_index(page->lengths, glong, row))
		return ' ';
	return ((gunichar *)page->lines->pdata[row])[column];
}

/* The node whose label, a number, stands about here in its box. */
static guint label_at(const struct page *page, guint row, glong column)
{
	guint value = 0;

	while (at(page, row, column) != 0x2502)
		column--;
	for (column++; at(page, row, column) != 0x2502; column++)
		if (g_unichar_isdigit(at(page, row, column)))
			value = value * 10 + (at(page, row, column) - '0');
	return value;
}

/* Which ways lead out of a character. */
static const char *ways(gunichar c)
{
	static const struct {
		const char *glyph, *ways;
	} table[] = {
		{"│", "ud"}, {"─", "lr"}, {"┘", "ul"}, {"┐", "dl"}, {"┤", "udl"}, {"└", "ur"},
		{"┌", "dr"}, {"├", "udr"}, {"┴", "ulr"}, {"┬", "dlr"}, {"┼", "udlr"},
	};

	for (guint i = 0; i < G_N_ELEMENTS(table); i++)
		if (g_utf8_get_char(table[i].glyph) == c)
			return table[i].ways;
	return "";
}

/* Follow a line that goes `way` from here to all boxes that it ends at, and count these edges. */
static void follow(const struct page *page, guint row, glong column, char way, guint from, GHashTable *found)
{
	gunichar c;

	row += (way == 'd') - (way == 'u');
	column += (way == 'r') - (way == 'l');
	c = at(page, row, column);
	if (c == 0x25BC) {
		g_hash_table_add(found, g_strdup_printf("%u>%u", from, label_at(page, row + 2, column)));
	} else if (c == 0x2502 && (way == 'l' || way == 'r')) {
		/* A line that goes over this one. */
		follow(page, row, column, way, from, found);
	} else {
		g_assert_cmpstr(ways(c), !=, "");
		for (const char *next = ways(c); *next; next++)
			if (!(way == 'd' && *next == 'u') && !(way == 'l' && *next == 'r') &&
			    !(way == 'r' && *next == 'l') && *next != 'u')
				follow(page, row, column, *next, from, found);
	}
}

/* All edges that a reader sees. A box's lower border is known by the text above it and by the line that leaves there. */
static GHashTable *read_edges(const char *text)
{
	GHashTable *found = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	g_autoptr(GPtrArray) lines = g_ptr_array_new_with_free_func(g_free);
	g_autoptr(GArray) lengths = g_array_new(FALSE, FALSE, sizeof(glong));
	g_auto(GStrv) split = g_strsplit(text, "\n", -1);
	struct page page = {lines, lengths};

	for (char **line = split; *line; line++) {
		glong length;

		g_ptr_array_add(lines, g_utf8_to_ucs4_fast(*line, -1, &length));
		g_array_append_val(lengths, length);
	}
	for (guint row = 1; row < lines->len; row++) {
		for (glong column = 0; column < g_array_index(lengths, glong, row); column++) {
			glong left = column - 1;

			while (at(&page, row, left) == 0x2500)
				left--;
			if (at(&page, row, column) == 0x252C && at(&page, row, left) == 0x2514 &&
			    at(&page, row - 1, left) == 0x2502 && at(&page, row - 2, left) == 0x250C)
				follow(&page, row, column, 'd', label_at(&page, row - 1, column), found);
		}
	}
	return found;
}

/* What is drawn can be read again: every edge, and no other. */
static void drawings_say_what_is(void)
{
	struct graph_draw_options unicode = {.unicode = true};
	g_autoptr(GRand) random = g_rand_new_with_seed(7);

	for (guint round = 0; round < 300; round++) {
		g_autoptr(GHashTable) wanted = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
		g_autoptr(GHashTable) found = NULL;
		g_autoptr(GString) text = g_string_new(NULL);
		g_autoptr(GString) out = g_string_new(NULL);
		guint count = (guint)g_rand_int_range(random, 2, 15);
		struct sample sample;

		for (guint i = 0; i < count * 3 / 2; i++) {
			guint a = (guint)g_rand_int_range(random, 0, (gint32)count - 1);
			guint b = (guint)g_rand_int_range(random, (gint32)a + 1, (gint32)count);
			g_autofree char *edge = g_strdup_printf("%u>%u", a, b);

			if (!g_hash_table_contains(wanted, edge)) {
				g_string_append_printf(text, "%s%s", text->len ? " " : "", edge);
				g_hash_table_add(wanted, g_steal_pointer(&edge));
			}
		}
		sample_init(&sample, text->str);
		g_assert_true(graph_draw(out, &sample.input, &unicode));
		found = read_edges(out->str);
		if (g_hash_table_size(found) != g_hash_table_size(wanted))
			g_test_message("%s:\n%s", text->str, out->str);
		g_assert_cmpuint(g_hash_table_size(found), ==, g_hash_table_size(wanted));
		for (guint i = 0; i < sample.input.edge_count; i++) {
			const struct graph_draw_edge *edge = &sample.input.edges[i];
			g_autofree char *name = g_strdup_printf("%s>%s", sample.input.nodes[edge->from].label,
								sample.input.nodes[edge->to].label);

			g_assert_true(g_hash_table_contains(found, name));
		}
		sample_clear(&sample);
	}
}

/* Ten thousand nodes in a row, all of which need the first one, too. */
static void long_graphs_take_no_time(void)
{
	enum { COUNT = 10000 };
	struct graph_draw_options plain = {0};
	g_autoptr(GString) out = g_string_new(NULL);
	struct sample sample = {0};
	gint64 start = g_get_monotonic_time();

	sample_begin(&sample);
	for (guint i = 0; i < COUNT; i++) {
		struct graph_draw_node node = {"n", VIEW_PLAIN};
		struct graph_draw_edge edge = {i - 1, i}, first = {0, i};

		g_array_append_val(sample.nodes, node);
		if (i > 0)
			g_array_append_val(sample.edges, edge);
		if (i > 1)
			g_array_append_val(sample.edges, first);
	}
	sample_end(&sample);
	g_assert_true(graph_draw(out, &sample.input, &plain));
	graph_draw_mermaid(out, &sample.input);
	/* Takes 0.1 s; a quadratic one would need a hundred. */
	g_assert_cmpint(g_get_monotonic_time() - start, <, 10 * G_USEC_PER_SEC);
	sample_clear(&sample);
}

int main(int argc, char **argv)
{
	tap_init(argc, argv);
	g_test_add_func("/graph-draw/boxes_and_lines", boxes_and_lines);
	g_test_add_func("/graph-draw/labels_of_any_width", labels_of_any_width);
	g_test_add_func("/graph-draw/colours", colours);
	g_test_add_func("/graph-draw/too_wide_or_round", too_wide_or_round);
	g_test_add_func("/graph-draw/other_forms", other_forms);
	g_test_add_func("/graph-draw/marks_spread", marks_spread);
	g_test_add_func("/graph-draw/drawings_say_what_is", drawings_say_what_is);
	g_test_add_func("/graph-draw/long_graphs_take_no_time", long_graphs_take_no_time);
	return g_test_run();
}
