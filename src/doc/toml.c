#include "doc/toml.h"

#include "base/error.h"
#include "doc/node-int.h"
#include "doc/toml-int.h"

#include <string.h>

/* Some editors begin a text with it. */
#define BYTE_ORDER_MARK "\xEF\xBB\xBF"

/* Every key of every table stands in one hash table: finding a double must not take longer for longer tables. */
struct toml_pair {
	const struct node *table;
	const char *key;
	struct node *value;
};

static guint pair_hash(gconstpointer data)
{
	const struct toml_pair *pair = data;

	return g_str_hash(pair->key) ^ g_direct_hash(pair->table);
}

static gboolean pair_equal(gconstpointer a, gconstpointer b)
{
	const struct toml_pair *left = a, *right = b;

	return left->table == right->table && strcmp(left->key, right->key) == 0;
}

void toml_skip_blanks(struct toml *toml)
{
	while (*toml->at == ' ' || *toml->at == '\t')
		toml->at++;
}

bool toml_skip(struct toml *toml, char c)
{
	if (toml->at == toml->end || *toml->at != c)
		return false;
	toml->at++;
	return true;
}

/* Step over a comment, not over the end of its line. */
static bool skip_comment(struct toml *toml, GError **error)
{
	if (*toml->at != '#')
		return true;
	for (; toml->at < toml->end && *toml->at != '\n'; toml->at++) {
		unsigned char c = (unsigned char)*toml->at;

		if (c == '\r' && toml->at[1] == '\n')
			break;
		if ((c < 0x20 && c != '\t') || c == 0x7F)
			return toml_fail(toml, error, "a control character is not allowed in a comment");
	}
	return true;
}

bool toml_skip_lines(struct toml *toml, GError **error)
{
	for (;;) {
		toml_skip_blanks(toml);
		if (!skip_comment(toml, error))
			return false;
		if (toml->at[0] == '\r' && toml->at[1] == '\n')
			toml->at++;
		if (!toml_skip(toml, '\n'))
			return true;
	}
}

/* What may follow a pair or a header on its line. */
static bool end_line(struct toml *toml, GError **error)
{
	toml_skip_blanks(toml);
	if (!skip_comment(toml, error))
		return false;
	if (toml->at == toml->end || *toml->at == '\n' || (toml->at[0] == '\r' && toml->at[1] == '\n'))
		return true;
	return toml_fail(toml, error, "the end of the line is expected here");
}

struct node *toml_new_table(struct toml *toml, enum toml_origin origin, unsigned depth, GError **error)
{
	struct toml_table *table;
	struct node *node;

	if (depth > TOML_DEPTH_LIMIT) {
		toml_fail(toml, error, "nested more than %d deep", TOML_DEPTH_LIMIT);
		return NULL;
	}
	node = node_map(toml->doc);
	table = doc_alloc(toml->doc, sizeof *table);
	table->origin = origin;
	table->depth = depth;
	g_hash_table_insert(toml->tables, node, table);
	return node;
}

/* The table's own record. */
static struct toml_table *table_of(const struct toml *toml, const struct node *node)
{
	return g_hash_table_lookup(toml->tables, node);
}

static struct node *find(const struct toml *toml, const struct node *table, const struct node *key)
{
	const struct toml_pair wanted = {table, key->text, NULL};
	const struct toml_pair *pair = g_hash_table_lookup(toml->pairs, &wanted);

	return pair ? pair->value : NULL;
}

/* Add a pair whose key the table does not have. */
static void add(struct toml *toml, struct node *table, struct node *key, struct node *value)
{
	struct toml_pair *pair = doc_alloc(toml->doc, sizeof *pair);

	*pair = (struct toml_pair){table, key->text, value};
	g_hash_table_add(toml->pairs, pair);
	doc_add_pair(toml->doc, table, key, value);
}

/* Report that a key means two things. Always false. */
static bool fail_twice(struct toml *toml, const struct node *key, GError **error)
{
	return places_fail(&toml->places, toml->doc->source + key->place.start, error, "'%s' is there already", key->text);
}

/* One part of a key. */
static struct node *read_part(struct toml *toml, GError **error)
{
	const char *start = toml->at;
	struct node *key;

	if (*start == '"' || *start == '\'')
		return toml_read_string(toml, true, error);
	while (g_ascii_isalnum(*toml->at) || *toml->at == '_' || *toml->at == '-')
		toml->at++;
	if (toml->at == start) {
		toml_fail(toml, error, "a key is expected here");
		return NULL;
	}
	key = doc_node(toml->doc, NODE_STRING);
	key->text = doc_text(toml->doc, start, (size_t)(toml->at - start));
	key->place = places_find(&toml->places, start, toml->at);
	return key;
}

/* A dotted key: its parts. */
static bool read_key(struct toml *toml, GPtrArray *parts, GError **error)
{
	do {
		struct node *part;

		toml_skip_blanks(toml);
		if (parts->len >= TOML_DEPTH_LIMIT)
			return toml_fail(toml, error, "nested more than %d deep", TOML_DEPTH_LIMIT);
		part = read_part(toml, error);
		if (!part)
			return false;
		g_ptr_array_add(parts, part);
		toml_skip_blanks(toml);
	} while (toml_skip(toml, '.'));
	return true;
}

/* The table of that key inside `table`, made if it is not there: by a dotted key. */
static struct node *enter_dotted(struct toml *toml, struct node *table, struct node *key, GError **error)
{
	struct node *inner = find(toml, table, key);

	if (!inner) {
		inner = toml_new_table(toml, TOML_DOTTED, table_of(toml, table)->depth + 1, error);
		if (!inner)
			return NULL;
		inner->place = key->place;
		add(toml, table, key, inner);
		return inner;
	}
	if (inner->kind == NODE_MAP && table_of(toml, inner)->origin == TOML_DOTTED)
		return inner;
	fail_twice(toml, key, error);
	return NULL;
}

/* "= value" behind a key. */
static bool assign(struct toml *toml, struct node *table, const GPtrArray *parts, GError **error)
{
	struct node *key = parts->pdata[parts->len - 1], *value;

	if (!toml_skip(toml, '='))
		return toml_fail(toml, error, "a '=' is expected here");
	toml_skip_blanks(toml);
	for (guint i = 0; i + 1 < parts->len; i++) {
		table = enter_dotted(toml, table, parts->pdata[i], error);
		if (!table)
			return false;
	}
	if (find(toml, table, key))
		return fail_twice(toml, key, error);
	value = toml_read_value(toml, table_of(toml, table)->depth + 1, error);
	if (!value)
		return false;
	add(toml, table, key, value);
	return true;
}

bool toml_read_pair(struct toml *toml, struct node *table, GError **error)
{
	g_autoptr(GPtrArray) parts = g_ptr_array_new();

	return read_key(toml, parts, error) && assign(toml, table, parts, error);
}

/* The table of that key inside `table`, made if it is not there, on the way of a header. */
static struct node *enter_header(struct toml *toml, struct node *table, struct node *key, GError **error)
{
	struct node *inner = find(toml, table, key);

	if (!inner) {
		inner = toml_new_table(toml, TOML_IMPLIED, table_of(toml, table)->depth + 1, error);
		if (!inner)
			return NULL;
		inner->place = key->place;
		add(toml, table, key, inner);
		return inner;
	}
	if (inner->kind == NODE_LIST && !inner->flow)
		return inner->items[inner->count - 1];
	if (inner->kind == NODE_MAP && !inner->flow)
		return inner;
	fail_twice(toml, key, error);
	return NULL;
}

/* The table that "[a.b]" opens. */
static struct node *open_table(struct toml *toml, struct node *parent, struct node *key, GError **error)
{
	struct node *table = find(toml, parent, key);

	if (!table) {
		table = toml_new_table(toml, TOML_HEADER, table_of(toml, parent)->depth + 1, error);
		if (!table)
			return NULL;
		table->place = key->place;
		add(toml, parent, key, table);
		return table;
	}
	if (table->kind != NODE_MAP || table_of(toml, table)->origin != TOML_IMPLIED) {
		fail_twice(toml, key, error);
		return NULL;
	}
	table_of(toml, table)->origin = TOML_HEADER;
	return table;
}

/* The table that "[[a.b]]" adds to an array of tables. */
static struct node *open_item(struct toml *toml, struct node *parent, struct node *key, GError **error)
{
	struct node *list = find(toml, parent, key), *table;

	if (list && (list->kind != NODE_LIST || list->flow)) {
		fail_twice(toml, key, error);
		return NULL;
	}
	table = toml_new_table(toml, TOML_HEADER, table_of(toml, parent)->depth + 2, error);
	if (!table)
		return NULL;
	table->place = key->place;
	if (!list) {
		list = doc_node(toml->doc, NODE_LIST);
		list->place = key->place;
		add(toml, parent, key, list);
	}
	node_append(toml->doc, list, table);
	return table;
}

/* The table that a header stands for. */
static struct node *read_header(struct toml *toml, GError **error)
{
	g_autoptr(GPtrArray) parts = g_ptr_array_new();
	struct node *table = toml->doc->root, *last;
	bool item;

	toml->at++;
	item = toml_skip(toml, '[');
	if (!read_key(toml, parts, error))
		return NULL;
	if (!toml_skip(toml, ']') || (item && !toml_skip(toml, ']'))) {
		toml_fail(toml, error, "a ']' is expected here");
		return NULL;
	}
	for (guint i = 0; table && i + 1 < parts->len; i++)
		table = enter_header(toml, table, parts->pdata[i], error);
	if (!table)
		return NULL;
	last = parts->pdata[parts->len - 1];
	return item ? open_item(toml, table, last, error) : open_table(toml, table, last, error);
}

static bool read_lines(struct toml *toml, GError **error)
{
	struct node *table = toml->doc->root = toml_new_table(toml, TOML_HEADER, 1, error);

	table->place.end = toml->doc->source_length;
	for (;;) {
		if (!toml_skip_lines(toml, error))
			return false;
		if (toml->at == toml->end)
			return true;
		if (*toml->at == '[') {
			table = read_header(toml, error);
			if (!table)
				return false;
		} else if (!toml_read_pair(toml, table, error)) {
			return false;
		}
		if (!end_line(toml, error))
			return false;
	}
}

struct doc *toml_read(const char *text, size_t length, const char *name, GError **error)
{
	autoptr(doc) doc = doc_new();
	struct toml toml = {.doc = doc, .places = {.doc = doc}};
	bool ok;

	if (length > TOML_SIZE_LIMIT) {
		error_set(error, ERROR_UNSAFE, "%s: larger than %zu MiB", name, TOML_SIZE_LIMIT >> 20);
		return NULL;
	}
	doc_set_source(doc, name, text, length);
	if (!places_check_text(&toml.places, error))
		return NULL;
	toml.at = doc->source;
	toml.end = toml.at + doc->source_length;
	if (g_str_has_prefix(toml.at, BYTE_ORDER_MARK))
		toml.at += strlen(BYTE_ORDER_MARK);
	toml.pairs = g_hash_table_new(pair_hash, pair_equal);
	toml.tables = g_hash_table_new(NULL, NULL);
	ok = read_lines(&toml, error);
	g_hash_table_unref(toml.pairs);
	g_hash_table_unref(toml.tables);
	return ok ? g_steal_pointer(&doc) : NULL;
}
