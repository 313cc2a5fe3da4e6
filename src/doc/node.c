#include "doc/node.h"

#include "base/error.h"
#include "base/quote.h"
#include "doc/node-int.h"

#include <stdalign.h>

/* The arena: blocks that double in size up to a limit; a request that is larger gets a block of its own. */
#define BLOCK_FIRST ((size_t)1 << 12)
#define BLOCK_LIMIT ((size_t)1 << 20)

/* Columns of the source line that an error shows on either side of the caret. */
#define EXCERPT_BEFORE 60
#define EXCERPT_AFTER 40

struct arena_block {
	struct arena_block *next;
	size_t used, size;
	alignas(max_align_t) char data[];
};

struct doc_arena {
	struct arena_block *blocks; /* the one in use first */
};

struct doc *doc_new(void)
{
	struct doc *doc = g_new0(struct doc, 1);

	doc->arena = g_new0(struct doc_arena, 1);
	return doc;
}

void doc_free(struct doc *doc)
{
	struct arena_block *block = doc->arena->blocks;

	while (block) {
		struct arena_block *next = block->next;

		g_free(block);
		block = next;
	}
	g_free(doc->arena);
	g_free(doc->name);
	g_free(doc->source);
	g_free(doc);
}

static struct arena_block *arena_grow(struct doc_arena *arena, size_t need)
{
	size_t size = arena->blocks ? MIN(arena->blocks->size * 2, BLOCK_LIMIT) : BLOCK_FIRST;
	struct arena_block *block;

	size = MAX(size, need);
	block = g_malloc0(sizeof *block + size);
	block->size = size;
	block->next = arena->blocks;
	arena->blocks = block;
	return block;
}

void *doc_alloc(struct doc *doc, size_t size)
{
	struct arena_block *block = doc->arena->blocks;
	size_t rounded = (size + alignof(max_align_t) - 1) / alignof(max_align_t) * alignof(max_align_t);
	void *memory;

	if (!block || block->size - block->used < rounded)
		block = arena_grow(doc->arena, rounded);
	memory = block->data + block->used;
	block->used += rounded;
	return memory;
}

char *doc_text(struct doc *doc, const char *text, size_t length)
{
	char *copy = doc_alloc(doc, length + 1);

	memcpy(copy, text, length);
	return copy;
}

void doc_set_source(struct doc *doc, const char *name, const char *text, size_t length)
{
	doc->name = g_strdup(name);
	doc->source = g_strndup(text, length);
	doc->source_length = length;
}

struct node *doc_node(struct doc *doc, enum node_kind kind)
{
	struct node *node = doc_alloc(doc, sizeof *node);

	node->kind = kind;
	return node;
}

struct node *node_null(struct doc *doc)
{
	return doc_node(doc, NODE_NULL);
}

struct node *node_bool(struct doc *doc, bool value)
{
	struct node *node = doc_node(doc, NODE_BOOL);

	node->boolean = value;
	return node;
}

struct node *node_int(struct doc *doc, int64_t value)
{
	struct node *node = doc_node(doc, NODE_INT);

	node->integer = value;
	return node;
}

struct node *node_float(struct doc *doc, double value)
{
	struct node *node = doc_node(doc, NODE_FLOAT);

	node->real = value;
	return node;
}

struct node *node_string(struct doc *doc, const char *value)
{
	struct node *node = doc_node(doc, NODE_STRING);

	node->text = doc_text(doc, value, strlen(value));
	return node;
}

struct node *node_list(struct doc *doc)
{
	return doc_node(doc, NODE_LIST);
}

struct node *node_map(struct doc *doc)
{
	return doc_node(doc, NODE_MAP);
}

/* Make room for one more child. The old arrays stay in the arena: doubling keeps that waste below what is used. */
static void node_grow(struct doc *doc, struct node *node)
{
	size_t capacity = node->capacity ? node->capacity * 2 : 4;
	struct node **items;

	if (node->count < node->capacity)
		return;
	items = doc_alloc(doc, capacity * sizeof *items);
	if (node->count > 0)
		memcpy(items, node->items, node->count * sizeof *items);
	node->items = items;
	if (node->kind == NODE_MAP) {
		struct node **keys = doc_alloc(doc, capacity * sizeof *keys);

		if (node->count > 0)
			memcpy(keys, node->keys, node->count * sizeof *keys);
		node->keys = keys;
	}
	node->capacity = capacity;
}

void node_append(struct doc *doc, struct node *list, struct node *item)
{
	node_grow(doc, list);
	list->items[list->count++] = item;
}

void doc_add_pair(struct doc *doc, struct node *map, struct node *key, struct node *value)
{
	node_grow(doc, map);
	map->keys[map->count] = key;
	map->items[map->count++] = value;
}

struct node *node_copy(struct doc *doc, const struct node *node)
{
	struct node *copy = doc_node(doc, node->kind);

	copy->boolean = node->boolean;
	copy->integer = node->integer;
	copy->real = node->real;
	copy->flow = node->flow;
	copy->sequence = node->sequence;
	if (node->text)
		copy->text = doc_text(doc, node->text, strlen(node->text));
	for (size_t i = 0; i < node->count; i++) {
		struct node *item = node_copy(doc, node->items[i]);

		if (node->kind == NODE_MAP)
			doc_add_pair(doc, copy, node_copy(doc, node->keys[i]), item);
		else
			node_append(doc, copy, item);
	}
	return copy;
}

/* The position of a string key in a map; map->count if it has none. */
static size_t map_find(const struct node *map, const char *key)
{
	size_t i = 0;

	while (i < map->count && !(map->keys[i]->kind == NODE_STRING && strcmp(map->keys[i]->text, key) == 0))
		i++;
	return i;
}

void node_set(struct doc *doc, struct node *map, const char *key, struct node *value)
{
	size_t i = map_find(map, key);

	if (i < map->count)
		map->items[i] = value;
	else
		doc_add_pair(doc, map, node_string(doc, key), value);
}

void node_unset(struct node *map, const char *key)
{
	size_t i = map_find(map, key);

	if (i == map->count)
		return;
	map->count--;
	memmove(map->keys + i, map->keys + i + 1, (map->count - i) * sizeof *map->keys);
	memmove(map->items + i, map->items + i + 1, (map->count - i) * sizeof *map->items);
}

struct node *node_get(const struct node *map, const char *key)
{
	size_t i;

	if (!map || map->kind != NODE_MAP)
		return NULL;
	i = map_find(map, key);
	return i < map->count ? map->items[i] : NULL;
}

const char *node_get_string(const struct node *map, const char *key)
{
	const struct node *value = node_get(map, key);

	return value && value->kind == NODE_STRING ? value->text : NULL;
}

guint node_scalar_hash(gconstpointer node)
{
	const struct node *scalar = node;
	gint64 bits = scalar->integer;

	if (scalar->text)
		return g_str_hash(scalar->text);
	if (scalar->kind == NODE_FLOAT && scalar->real != 0)
		memcpy(&bits, &scalar->real, sizeof bits);
	return (guint)scalar->kind * 31 + g_int64_hash(&bits) + scalar->boolean;
}

gboolean node_scalar_same(gconstpointer a, gconstpointer b)
{
	return node_scalar_equal(a, b);
}

bool node_scalar_equal(const struct node *a, const struct node *b)
{
	if (a->kind != b->kind)
		return false;
	switch (a->kind) {
	case NODE_BOOL:
		return a->boolean == b->boolean;
	case NODE_INT:
		return a->integer == b->integer;
	case NODE_FLOAT:
		return memcmp(&a->real, &b->real, sizeof a->real) == 0 || a->real == b->real;
	case NODE_BIGINT:
	case NODE_STRING:
	case NODE_DATE:
		return strcmp(a->text, b->text) == 0;
	default:
		return a->kind == NODE_NULL;
	}
}

bool node_equal(const struct node *a, const struct node *b)
{
	if (a == b)
		return true;
	if (a->kind != NODE_LIST && a->kind != NODE_MAP)
		return node_scalar_equal(a, b);
	if (a->kind != b->kind || a->count != b->count)
		return false;
	for (size_t i = 0; i < a->count; i++) {
		if (a->kind == NODE_MAP && !node_equal(a->keys[i], b->keys[i]))
			return false;
		if (!node_equal(a->items[i], b->items[i]))
			return false;
	}
	return true;
}

const char *node_kind_name(enum node_kind kind)
{
	static const char *const names[] = {
		[NODE_NULL] = "nothing",
		[NODE_BOOL] = "true or false",
		[NODE_INT] = "an integer",
		[NODE_BIGINT] = "an integer of more than 64 bits",
		[NODE_FLOAT] = "a number",
		[NODE_STRING] = "a string",
		[NODE_DATE] = "a date",
		[NODE_LIST] = "a list",
		[NODE_MAP] = "a map",
	};

	return names[kind];
}

/* Append text with everything that could steer a terminal made harmless. */
static void append_harmless(GString *out, const char *text, size_t length)
{
	for (const char *p = text; p < text + length; p = g_utf8_next_char(p)) {
		gunichar c = g_utf8_get_char_validated(p, text + length - p);

		if (c == (gunichar)-1 || c == (gunichar)-2)
			break;
		if (c == '\t')
			g_string_append_c(out, ' ');
		else if (c < 0x20 || (c >= 0x7f && c < 0xa0))
			g_string_append_c(out, '?');
		else
			g_string_append_unichar(out, c);
	}
}

/* Append "\n    <the source line>\n    <caret>", at most some columns of it. */
static void append_excerpt(GString *out, const struct doc *doc, const struct node_place *place)
{
	const char *at = doc->source + MIN(place->start, doc->source_length);
	const char *limit = doc->source + doc->source_length;
	const char *from = at, *to = at;
	size_t before = 0;

	while (from > doc->source && from[-1] != '\n' && before < EXCERPT_BEFORE) {
		from = g_utf8_prev_char(from);
		before++;
	}
	for (size_t after = 0; to < limit && *to != '\n' && *to != '\r' && after < EXCERPT_AFTER; after++)
		to = g_utf8_next_char(to);
	to = MIN(to, limit); /* the last character may be cut off */
	g_string_append(out, "\n    ");
	append_harmless(out, from, to - from);
	g_string_append_printf(out, "\n    %*s^", (int)before, "");
}

/* The text with its place before and its source line behind it. New string. */
static char *message_at(const struct doc *doc, const struct node_place *place, const char *format, va_list args)
{
	g_autofree char *text = g_strdup_vprintf(format, args);
	g_autofree char *name = quote_path(doc->name ? doc->name : "document");
	GString *message = g_string_new(name);

	if (doc->source && place->line > 0)
		g_string_append_printf(message, ":%u:%u", place->line, place->column);
	g_string_append(message, ": ");
	append_harmless(message, text, strlen(text));
	if (doc->source && place->line > 0)
		append_excerpt(message, doc, place);
	return g_string_free(message, FALSE);
}

void doc_error_at(GError **error, const struct doc *doc, const struct node_place *place, const char *format, ...)
{
	g_autofree char *message = NULL;
	va_list args;

	va_start(args, format);
	message = message_at(doc, place, format, args);
	va_end(args);
	error_set(error, ERROR_CORRUPT, "%s", message);
}

void node_error(GError **error, const struct doc *doc, const struct node *node, const char *format, ...)
{
	g_autofree char *message = NULL;
	va_list args;

	va_start(args, format);
	message = message_at(doc, &node->place, format, args);
	va_end(args);
	error_set(error, ERROR_CORRUPT, "%s", message);
}

void node_error_as(GError **error, enum error_code code, const struct doc *doc, const struct node *node, const char *text)
{
	GError *corrupt = NULL;

	node_error(&corrupt, doc, node, "%s", text);
	error_set(error, code, "%s", corrupt->message);
	g_error_free(corrupt);
}
