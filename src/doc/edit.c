#include "doc/edit.h"

#include "base/error.h"
#include "doc/node-int.h"
#include "doc/yaml-int.h"
#include "doc/yaml.h"

/* A piece of the source that gets other text. */
struct change {
	size_t start, end; /* of the source, [start, end) */
	size_t serial;     /* changes at one place keep their order */
	char *text;
	bool lines;        /* text is whole lines: it must begin one */
};

/* A pair that is to vanish. */
struct removal {
	const struct node *map;
	size_t index;
};

struct edit {
	const struct doc *doc;
	GArray *changes;      /* struct change */
	GArray *quoted;       /* struct change: new quotes, in the order of the source */
	GArray *removals;     /* struct removal */
	struct doc *wanted;   /* what the new text must read as */
	GHashTable *copies;   /* node of doc -> its copy in wanted */
};

/* A copy of the tree in which what is shared stays shared. */
static struct node *copy_tree(struct edit *edit, struct node *node)
{
	struct node *copy = g_hash_table_lookup(edit->copies, node);

	if (copy)
		return copy;
	copy = doc_node(edit->wanted, node->kind);
	*copy = *node;
	copy->count = copy->capacity = 0;
	copy->items = copy->keys = NULL;
	for (size_t i = 0; i < node->count; i++) {
		struct node *item = copy_tree(edit, node->items[i]);

		if (node->kind == NODE_MAP)
			doc_add_pair(edit->wanted, copy, node->keys[i], item);
		else
			node_append(edit->wanted, copy, item);
	}
	g_hash_table_insert(edit->copies, node, copy);
	return copy;
}

static void change_clear(gpointer data)
{
	g_free(((struct change *)data)->text);
}

static GArray *changes_new(void)
{
	GArray *changes = g_array_new(FALSE, FALSE, sizeof(struct change));

	g_array_set_clear_func(changes, change_clear);
	return changes;
}

struct edit *edit_new(const struct doc *doc)
{
	struct edit *edit = g_new0(struct edit, 1);

	edit->doc = doc;
	edit->changes = changes_new();
	edit->quoted = changes_new();
	edit->removals = g_array_new(FALSE, FALSE, sizeof(struct removal));
	edit->copies = g_hash_table_new(NULL, NULL);
	edit->wanted = doc_new();
	edit->wanted->root = copy_tree(edit, doc->root);
	return edit;
}

void edit_free(struct edit *edit)
{
	g_array_free(edit->changes, TRUE);
	g_array_free(edit->quoted, TRUE);
	g_array_free(edit->removals, TRUE);
	g_hash_table_destroy(edit->copies);
	doc_free(edit->wanted);
	g_free(edit);
}

static struct node *wanted_of(struct edit *edit, const struct node *node)
{
	return g_hash_table_lookup(edit->copies, node);
}

/* Takes text. */
static void add_change(struct edit *edit, size_t start, size_t end, char *text)
{
	struct change change = {.start = start, .end = end, .serial = edit->changes->len, .text = text};

	g_array_append_val(edit->changes, change);
}

/* Put whole lines in at the start of a line or at the end of the text. Takes text. */
static void add_lines(struct edit *edit, size_t at, char *text)
{
	add_change(edit, at, at, text);
	g_array_index(edit->changes, struct change, edit->changes->len - 1).lines = true;
}

static size_t line_start(const struct doc *doc, size_t at)
{
	while (at > 0 && doc->source[at - 1] != '\n')
		at--;
	return at;
}

/* Behind the newline that ends the line of `at`, or the end of the text. */
static size_t next_line(const struct doc *doc, size_t at)
{
	while (at < doc->source_length && doc->source[at] != '\n')
		at++;
	return MIN(at + 1, doc->source_length);
}

/* Characters before `at` in its line. */
static size_t column_at(const struct doc *doc, size_t at)
{
	size_t start = line_start(doc, at);

	return g_utf8_strlen(doc->source + start, at - start);
}

static bool is_collection(const struct node *node)
{
	return node->kind == NODE_MAP || node->kind == NODE_LIST;
}

/* The index of a string key in map, map->count if it is not there. */
static size_t find_key(const struct node *map, const char *key)
{
	size_t i = 0;

	while (i < map->count && !(map->keys[i]->kind == NODE_STRING && strcmp(map->keys[i]->text, key) == 0))
		i++;
	return i;
}

/* A value inside brackets. */
static char *flow_text(const struct node *value)
{
	GString *text = g_string_new(NULL);

	yaml_append_flow(text, value);
	return g_string_free(text, FALSE);
}

/* Whether a collection comes where nothing stands behind the colon, so that it goes on the next lines. */
static bool fills_gap(const struct node *old, const struct node *value)
{
	return old->place.start == old->place.end && is_collection(value) && value->count > 0;
}

/* A collection below a key that had no value: a comment behind the colon stays there. */
static void fill_gap(struct edit *edit, const struct node *map, size_t i, const struct node *value)
{
	const struct doc *doc = edit->doc;
	GString *text = g_string_new(NULL);

	yaml_append_value(text, value, 0, column_at(doc, map->keys[i]->place.start));
	g_string_erase(text, 0, 1);
	g_string_append_c(text, '\n');
	add_lines(edit, next_line(doc, map->items[i]->place.end), g_string_free(text, FALSE));
}

/*
 * New text for the value of a pair of a block map. Where a scalar replaces a scalar, only the value's own bytes change; else all
 * that follows the colon does.
 */
static void replace_block_value(struct edit *edit, const struct node *map, size_t i, const struct node *value)
{
	const struct doc *doc = edit->doc;
	const struct node *old = map->items[i];
	size_t indent = column_at(doc, map->keys[i]->place.start);
	GString *text = g_string_new(NULL);
	size_t start = old->place.start;

	if (!is_collection(value) && !is_collection(old) && old->place.end > start && value->kind != NODE_NULL) {
		yaml_write_scalar(text, value, column_at(doc, start), indent + 2);
	} else {
		while (start > 0 && strchr(" \t\r\n", doc->source[start - 1]))
			start--;
		yaml_append_value(text, value, column_at(doc, start), indent);
	}
	add_change(edit, start, old->place.end, g_string_free(text, FALSE));
}

static void replace_value(struct edit *edit, const struct node *map, size_t i, const struct node *value)
{
	const struct node *old = map->items[i];

	if (map->flow || (is_collection(old) && old->flow && old->kind == value->kind)) {
		bool bare = map->flow && old->place.start == old->place.end;
		g_autofree char *text = flow_text(value);

		add_change(edit, old->place.start, old->place.end, g_strconcat(bare ? " " : "", text, NULL));
	} else if (fills_gap(old, value)) {
		fill_gap(edit, map, i, value);
	} else {
		replace_block_value(edit, map, i, value);
	}
}

/* Put `text` at the end of a flow collection, with the comma that it needs. */
static void append_to_flow(struct edit *edit, const struct node *node, const char *text)
{
	const struct doc *doc = edit->doc;
	size_t close = node->place.end - 1, at = close;

	while (at > node->place.start + 1 && strchr(" \t\r\n", doc->source[at - 1]))
		at--;
	if (node->count == 0)
		add_change(edit, at, at, g_strdup(text));
	else
		add_change(edit, at, at, g_strconcat(doc->source[at - 1] == ',' ? " " : ", ", text, NULL));
}

/* Put lines behind the last line of a block collection. Takes text, which ends in a newline. */
static void append_lines(struct edit *edit, const struct node *node, GString *text)
{
	const struct doc *doc = edit->doc;
	size_t at = next_line(doc, node->place.end);

	if (node->place.end > 0 && doc->source[node->place.end - 1] == '\n')
		at = node->place.end;
	add_lines(edit, at, g_string_free(text, FALSE));
}

static void append_blanks(GString *text, size_t count)
{
	while (count-- > 0)
		g_string_append_c(text, ' ');
}

/* Add a pair to a map. */
static void append_pair(struct edit *edit, const struct node *map, const char *key, const struct node *value)
{
	autoptr(doc) scratch = doc_new();
	struct node *name = node_string(scratch, key);
	GString *text = g_string_new(NULL);
	size_t indent;

	if (map->flow) {
		yaml_append_flow(text, name);
		g_string_append(text, ": ");
		yaml_append_flow(text, value);
		append_to_flow(edit, map, text->str);
		g_string_free(text, TRUE);
		return;
	}
	indent = map->count > 0 ? column_at(edit->doc, map->keys[0]->place.start) : 0;
	append_blanks(text, indent);
	yaml_append_pair(text, name, value, indent);
	append_lines(edit, map, text);
}

void edit_set(struct edit *edit, const struct node *map, const char *key, const struct node *value)
{
	struct node *wanted = wanted_of(edit, map);
	size_t i = find_key(map, key);

	node_set(edit->wanted, wanted, key, node_copy(edit->wanted, value));
	if (i < map->count)
		replace_value(edit, map, i, value);
	else
		append_pair(edit, map, key, value);
}

void edit_unset(struct edit *edit, const struct node *map, const char *key)
{
	struct removal removal = {map, find_key(map, key)};

	if (removal.index == map->count)
		return;
	node_unset(wanted_of(edit, map), key);
	g_array_append_val(edit->removals, removal);
}

void edit_append(struct edit *edit, const struct node *list, const struct node *item)
{
	GString *text;
	size_t indent;

	node_append(edit->wanted, wanted_of(edit, list), node_copy(edit->wanted, item));
	if (list->flow) {
		g_autofree char *flow = flow_text(item);

		append_to_flow(edit, list, flow);
		return;
	}
	text = g_string_new(NULL);
	indent = column_at(edit->doc, list->place.start);
	append_blanks(text, indent);
	yaml_append_item(text, item, indent);
	append_lines(edit, list, text);
}

/* Replace item i of a list. */
static void replace_item(struct edit *edit, const struct node *list, size_t i, const struct node *value)
{
	const struct node *old = list->items[i];
	size_t indent = column_at(edit->doc, list->place.start);
	GString *text;

	wanted_of(edit, list)->items[i] = node_copy(edit->wanted, value);
	if (list->flow || (is_collection(old) && old->flow && old->kind == value->kind)) {
		add_change(edit, old->place.start, old->place.end, flow_text(value));
		return;
	}
	text = g_string_new(NULL);
	yaml_append_item(text, value, indent);
	/* The dash stays; so does the newline behind the old item. */
	g_string_erase(text, 0, 1);
	g_string_truncate(text, text->len - 1);
	if (old->place.end > old->place.start)
		g_string_erase(text, 0, 1);
	add_change(edit, old->place.start, old->place.end, g_string_free(text, FALSE));
}

static void merge_maps(struct edit *edit, const struct node *have, const struct node *wanted);

static void merge_lists(struct edit *edit, const struct node *have, const struct node *wanted)
{
	for (size_t i = 0; i < have->count; i++) {
		const struct node *old = have->items[i], *new = wanted->items[i];

		if (is_collection(old) && old->kind == new->kind && (old->kind == NODE_MAP || old->count == new->count))
			edit_merge(edit, old, new);
		else if (!node_equal(old, new))
			replace_item(edit, have, i, new);
	}
}

/* Whether a key of `have` is left in `wanted`. A map that keeps none is replaced, because a block cannot be empty. */
static bool shares_key(const struct node *have, const struct node *wanted)
{
	for (size_t i = 0; i < have->count; i++)
		if (have->keys[i]->kind == NODE_STRING && node_get(wanted, have->keys[i]->text))
			return true;
	return have->count == 0;
}

static bool can_merge(const struct node *have, const struct node *wanted)
{
	if (!is_collection(have) || have->kind != wanted->kind)
		return false;
	return have->kind == NODE_MAP ? shares_key(have, wanted) : have->count == wanted->count;
}

static void merge_maps(struct edit *edit, const struct node *have, const struct node *wanted)
{
	for (size_t i = 0; i < wanted->count; i++) {
		const char *key = wanted->keys[i]->text;
		const struct node *old = node_get(have, key), *new = wanted->items[i];

		if (old && can_merge(old, new))
			edit_merge(edit, old, new);
		else if (!old || !node_equal(old, new))
			edit_set(edit, have, key, new);
	}
	for (size_t i = 0; i < have->count; i++)
		if (have->keys[i]->kind == NODE_STRING && !node_get(wanted, have->keys[i]->text))
			edit_unset(edit, have, have->keys[i]->text);
}

void edit_merge(struct edit *edit, const struct node *have, const struct node *wanted)
{
	if (node_equal(have, wanted))
		return;
	if (have->kind == NODE_MAP)
		merge_maps(edit, have, wanted);
	else
		merge_lists(edit, have, wanted);
}

static int compare_removals(gconstpointer a, gconstpointer b)
{
	const struct removal *x = a, *y = b;

	if (x->map != y->map)
		return x->map->place.start < y->map->place.start ? -1 : 1;
	return x->index < y->index ? -1 : x->index > y->index;
}

/* Whether the pair's key is the first thing in its line. */
static bool begins_line(const struct doc *doc, const struct node *key)
{
	size_t start = line_start(doc, key->place.start);

	return strspn(doc->source + start, " ") >= key->place.start - start;
}

/* Take pairs [first, last] of a map out. */
static void remove_run(struct edit *edit, const struct node *map, size_t first, size_t last)
{
	const struct doc *doc = edit->doc;
	size_t start = map->keys[first]->place.start;
	size_t end = map->items[last]->place.end;
	bool all = first == 0 && last + 1 == map->count;

	if (all) {
		/* What stays is an empty map, in brackets if it had any. */
		if (map->flow)
			add_change(edit, map->place.start + 1, map->place.end - 1, g_strdup(""));
		else
			add_change(edit, start, map->place.end, g_strdup("{}"));
	} else if (!map->flow && begins_line(doc, map->keys[first])) {
		add_change(edit, line_start(doc, start), next_line(doc, end), g_strdup(""));
	} else if (last + 1 < map->count) {
		add_change(edit, start, map->keys[last + 1]->place.start, g_strdup(""));
	} else {
		add_change(edit, map->items[first - 1]->place.end, end, g_strdup(""));
	}
}

/* Turn the removals into changes, neighbours together. */
static void apply_removals(struct edit *edit)
{
	struct removal *removals = (struct removal *)edit->removals->data;
	guint count = edit->removals->len, next;

	g_array_sort(edit->removals, compare_removals);
	for (guint i = 0; i < count; i = next) {
		next = i + 1;
		while (next < count && removals[next].map == removals[i].map &&
		       removals[next].index == removals[next - 1].index + 1)
			next++;
		remove_run(edit, removals[i].map, removals[i].index, removals[next - 1].index);
	}
	g_array_set_size(edit->removals, 0);
}

static int compare_changes(gconstpointer a, gconstpointer b)
{
	const struct change *x = a, *y = b;

	if (x->start != y->start)
		return x->start < y->start ? -1 : 1;
	if (x->end != y->end)
		return x->end < y->end ? -1 : 1;
	return x->serial < y->serial ? -1 : 1;
}

/* Collect the scalars that are quoted otherwise than the emitter would do, in the order of the source. */
static void collect_quoted(const struct doc *doc, const struct node *node, struct yaml_scalar_place place, GArray *found)
{
	const struct change *last = found->len ? &g_array_index(found, struct change, found->len - 1) : NULL;
	size_t start = node->place.start, length = node->place.end - start;
	g_autoptr(GString) text = NULL;

	/* What an alias stands for was collected before. */
	if (is_collection(node) || length < 2 || !strchr("'\"", doc->source[start]) || (last && start < last->end))
		return;
	text = g_string_new(NULL);
	place.column = column_at(doc, start);
	yaml_append_scalar(text, node, place);
	if (text->len != length || memcmp(text->str, doc->source + start, length) != 0) {
		struct change change = {.start = start, .end = node->place.end};

		change.text = g_string_free(g_steal_pointer(&text), FALSE);
		g_array_append_val(found, change);
	}
}

static void collect_all_quoted(const struct doc *doc, const struct node *node, GArray *found)
{
	for (size_t i = 0; i < node->count; i++) {
		const struct node *first = node->kind == NODE_MAP ? node->keys[i] : node;
		struct yaml_scalar_place place = {.one_line = true, .flow = node->flow};

		if (node->kind == NODE_MAP)
			collect_quoted(doc, node->keys[i], place, found);
		place.one_line = node->flow;
		place.indent = column_at(doc, first->place.start) + 2;
		collect_quoted(doc, node->items[i], place, found);
		collect_all_quoted(doc, node->items[i], found);
	}
}

void edit_requote(struct edit *edit)
{
	g_array_free(edit->quoted, TRUE);
	edit->quoted = changes_new();
	collect_all_quoted(edit->doc, edit->doc->root, edit->quoted);
}

/* Take over the new quotes where nothing else changes. */
static void apply_quotes(struct edit *edit)
{
	guint i = 0, others = edit->changes->len;

	g_array_sort(edit->changes, compare_changes);
	for (guint q = 0; q < edit->quoted->len; q++) {
		struct change *quote = &g_array_index(edit->quoted, struct change, q);

		while (i < others && g_array_index(edit->changes, struct change, i).end <= quote->start)
			i++;
		if (i == others || g_array_index(edit->changes, struct change, i).start >= quote->end)
			add_change(edit, quote->start, quote->end, g_steal_pointer(&quote->text));
	}
}

/* Copy what did not change. A comment behind a value that did stays in its column, as the emitter has it. */
static void append_unchanged(const struct doc *doc, size_t start, size_t end, GString *out)
{
	const char *text = doc->source + start;
	size_t brackets = strspn(text, "]}"), blanks = strspn(text + brackets, " \t"), comment = brackets + blanks;
	bool follows = start > line_start(doc, start) && blanks > 0 && start + comment < end && text[comment] == '#';

	if (follows) {
		size_t wanted = column_at(doc, start + comment), column;
		const char *line;

		g_string_append_len(out, text, brackets);
		line = strrchr(out->str, '\n');
		column = g_utf8_strlen(line ? line + 1 : out->str, -1);
		append_blanks(out, wanted > column ? wanted - column : 1);
		start += comment;
	}
	g_string_append_len(out, doc->source + start, end - start);
}

/* Whether the source ends its lines as Windows does; the first line tells. */
static bool has_carriage_returns(const struct doc *doc)
{
	const char *end = memchr(doc->source, '\n', doc->source_length);

	return end && end > doc->source && end[-1] == '\r';
}

/* Append new text, with the line ends of the document. */
static void append_new(GString *out, const char *text, bool carriage_returns)
{
	for (; *text; text++) {
		if (*text == '\n' && carriage_returns)
			g_string_append_c(out, '\r');
		g_string_append_c(out, *text);
	}
}

/* The source with all changes made; false if two of them overlap. */
static bool apply_changes(struct edit *edit, GString *out)
{
	const struct doc *doc = edit->doc;
	bool carriage_returns = has_carriage_returns(doc);
	size_t at = 0;

	g_array_sort(edit->changes, compare_changes);
	for (guint i = 0; i < edit->changes->len; i++) {
		const struct change *change = &g_array_index(edit->changes, struct change, i);

		if (change->start < at)
			return false;
		append_unchanged(doc, at, change->start, out);
		if (change->lines && out->len > 0 && out->str[out->len - 1] != '\n')
			append_new(out, "\n", carriage_returns);
		append_new(out, change->text, carriage_returns);
		at = change->end;
	}
	append_unchanged(doc, at, doc->source_length, out);
	return true;
}

char *edit_apply(struct edit *edit, size_t *length, GError **error)
{
	g_autoptr(GString) out = g_string_sized_new(edit->doc->source_length + 256);
	autoptr(doc) again = NULL;

	apply_removals(edit);
	apply_quotes(edit);
	if (!apply_changes(edit, out)) {
		error_set(error, ERROR_CORRUPT, "%s: cannot be changed in place", edit->doc->name);
		return NULL;
	}
	again = yaml_read(out->str, out->len, edit->doc->name, error);
	if (!again) {
		g_prefix_error(error, "changed in place: ");
		return NULL;
	}
	if (!node_equal(again->root, edit->wanted->root)) {
		error_set(error, ERROR_CORRUPT, "%s: cannot be changed in place", edit->doc->name);
		return NULL;
	}
	*length = out->len;
	return g_string_free(g_steal_pointer(&out), FALSE);
}
