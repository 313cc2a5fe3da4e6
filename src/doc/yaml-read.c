#include "base/error.h"
#include "doc/node-int.h"
#include "doc/yaml-int.h"
#include "doc/yaml-parse-int.h"
#include "doc/yaml.h"

/* Values that aliases may add to a document beyond what it spells out, so that a small text cannot grow without bound. */
#define EXPANSION_LIMIT 1000000

/* A long string counts as one value more for each so many bytes. */
#define BYTES_A_VALUE 64

/* Maps with more keys than this look for duplicates in a hash table. */
#define FEW_KEYS 16

/* What an anchor names, with the number of nodes below it; node is NULL while the anchored collection is still open. */
struct anchor {
	struct node *node;
	size_t weight;
};

/* A collection that is being read. */
struct frame {
	struct node *node;
	struct node *key;       /* of the pair that waits for its value */
	GHashTable *seen;       /* keys of a large map */
	GPtrArray *merges;      /* maps that `<<` brought in, the strongest last */
	struct anchor *anchor;  /* its own, or NULL */
	size_t weight;          /* nodes below it with aliases expanded */
	size_t at;              /* where its last child ends */
	bool merge_key;         /* the waiting key is `<<` */
};

struct reader {
	struct doc *doc;
	struct yaml_parse *parse;
	GArray *frames;      /* struct frame, the innermost last */
	GHashTable *anchors; /* name -> struct anchor in the document's arena: frames point at them, too */
	size_t expanded;     /* nodes that aliases stood for */
	unsigned documents;
};

static struct frame *reader_top(struct reader *reader)
{
	return reader->frames->len > 0 ? &g_array_index(reader->frames, struct frame, reader->frames->len - 1) : NULL;
}

static bool frame_has_key(struct frame *frame, struct node *key)
{
	const struct node *map = frame->node;

	if (map->count < FEW_KEYS) {
		for (size_t i = 0; i < map->count; i++)
			if (node_scalar_equal(map->keys[i], key))
				return true;
		return false;
	}
	if (!frame->seen) {
		frame->seen = g_hash_table_new(node_scalar_hash, node_scalar_same);
		for (size_t i = 0; i < map->count; i++)
			g_hash_table_add(frame->seen, map->keys[i]);
	}
	return !g_hash_table_add(frame->seen, key);
}

/* Take a value of `<<`: a map, or a list of maps of which earlier ones win. */
static bool frame_merge(struct reader *reader, struct frame *frame, struct node *value, GError **error)
{
	if (!frame->merges)
		frame->merges = g_ptr_array_new();
	if (value->kind == NODE_MAP) {
		g_ptr_array_add(frame->merges, value);
		return true;
	}
	if (value->kind == NODE_LIST) {
		for (size_t i = value->count; i > 0; i--) {
			if (value->items[i - 1]->kind != NODE_MAP)
				break;
			g_ptr_array_add(frame->merges, value->items[i - 1]);
			if (i == 1)
				return true;
		}
	}
	node_error(error, reader->doc, value, "'<<' wants a map or a list of maps");
	return false;
}

/* Put the finished node into the collection around it; `end` is where its text ends, `weight` what it counts for. */
static bool reader_add(struct reader *reader, struct node *node, size_t end, size_t weight, GError **error)
{
	struct frame *frame = reader_top(reader);

	if (!frame) {
		reader->doc->root = node;
		return true;
	}
	frame->at = end;
	frame->weight += weight;
	if (frame->node->kind == NODE_LIST) {
		node_append(reader->doc, frame->node, node);
		return true;
	}
	if (frame->merge_key) {
		frame->merge_key = false;
		frame->key = NULL;
		return frame_merge(reader, frame, node, error);
	}
	if (frame->key) {
		doc_add_pair(reader->doc, frame->node, frame->key, node);
		frame->key = NULL;
		return true;
	}
	if (node->kind == NODE_LIST || node->kind == NODE_MAP) {
		node_error(error, reader->doc, node, "%s cannot be a key", node_kind_name(node->kind));
		return false;
	}
	if (frame_has_key(frame, node)) {
		node_error(error, reader->doc, node, "the key '%s' is there twice", node->text ? node->text : "");
		return false;
	}
	frame->key = node;
	return true;
}

/* Remember that `name` stands for node from now on. */
static struct anchor *reader_name(struct reader *reader, const char *name, struct node *node, size_t weight)
{
	struct anchor *anchor = doc_alloc(reader->doc, sizeof *anchor);

	anchor->node = node;
	anchor->weight = weight;
	g_hash_table_replace(reader->anchors, g_strdup(name), anchor);
	return anchor;
}

static bool read_scalar(struct reader *reader, const struct yaml_event *event, GError **error)
{
	struct doc *doc = reader->doc;
	struct frame *frame = reader_top(reader);
	struct node *node = doc_node(doc, NODE_NULL);
	size_t weight = 1 + event->length / BYTES_A_VALUE;
	bool in_key = frame && frame->node->kind == NODE_MAP && !frame->key && !frame->merge_key;

	node->place = event->place;
	if (memchr(event->text, '\0', event->length)) {
		node_error(error, doc, node, "a NUL character is not allowed");
		return false;
	}
	if (in_key && event->plain && event->length == 2 && memcmp(event->text, "<<", 2) == 0) {
		frame->merge_key = true;
		frame->at = event->place.end;
		return true;
	}
	if (event->tagged) {
		if (!yaml_type_tagged(doc, node, event->tag, event->text, event->length)) {
			node_error(error, doc, node, "this is not %s, as its tag says", node_kind_name(event->tag));
			return false;
		}
	} else if (event->plain) {
		yaml_type_plain(doc, node, event->text, event->length);
	} else {
		yaml_type_tagged(doc, node, NODE_STRING, event->text, event->length);
	}
	if (event->anchor)
		reader_name(reader, event->anchor, node, weight);
	return reader_add(reader, node, event->place.end, weight, error);
}

/* An alias becomes a copy of the node itself, so that it has a place of its own; what is below is shared. */
static bool read_alias(struct reader *reader, const struct yaml_event *event, GError **error)
{
	const struct anchor *anchor = g_hash_table_lookup(reader->anchors, event->anchor);
	struct node *node;

	if (!anchor || !anchor->node) {
		doc_error_at(error, reader->doc, &event->place, "the alias '*%s' names nothing before it", event->anchor);
		return false;
	}
	reader->expanded += anchor->weight;
	if (reader->expanded > EXPANSION_LIMIT) {
		doc_error_at(error, reader->doc, &event->place, "aliases expand to more than %d values", EXPANSION_LIMIT);
		return false;
	}
	node = doc_node(reader->doc, anchor->node->kind);
	*node = *anchor->node;
	node->capacity = node->count;
	node->place = event->place;
	return reader_add(reader, node, event->place.end, anchor->weight, error);
}

static bool open_collection(struct reader *reader, const struct yaml_event *event, GError **error)
{
	enum node_kind kind = event->kind == YAML_LIST_START ? NODE_LIST : NODE_MAP;
	struct frame frame = {.node = doc_node(reader->doc, kind), .at = event->place.start, .weight = 1};

	frame.node->place = event->place;
	frame.node->flow = event->flow;
	if (event->tagged && event->tag != kind) {
		node_error(error, reader->doc, frame.node, "this is not %s, as its tag says", node_kind_name(event->tag));
		return false;
	}
	if (reader->frames->len >= YAML_DEPTH_LIMIT) {
		error_set(error, ERROR_UNSAFE, "%s:%u: nested more than %d deep", reader->doc->name,
			  event->place.line, YAML_DEPTH_LIMIT);
		return false;
	}
	if (event->anchor)
		frame.anchor = reader_name(reader, event->anchor, NULL, 0);
	g_array_append_val(reader->frames, frame);
	return true;
}

/* Rebuild a map with what its `<<` keys brought in: merged pairs first, its own values winning. */
static void apply_merges(struct doc *doc, struct frame *frame)
{
	g_autoptr(GHashTable) places = g_hash_table_new(node_scalar_hash, node_scalar_same); /* key -> position + 1 */
	struct node *map = frame->node;
	struct node own = *map;

	g_ptr_array_add(frame->merges, &own);
	map->count = map->capacity = 0;
	for (guint i = 0; i < frame->merges->len; i++) {
		const struct node *from = g_ptr_array_index(frame->merges, i);

		for (size_t k = 0; k < from->count; k++) {
			size_t place = GPOINTER_TO_SIZE(g_hash_table_lookup(places, from->keys[k]));

			if (place > 0) {
				map->items[place - 1] = from->items[k];
				map->keys[place - 1] = from->keys[k];
				continue;
			}
			doc_add_pair(doc, map, from->keys[k], from->items[k]);
			g_hash_table_insert(places, from->keys[k], GSIZE_TO_POINTER(map->count));
		}
	}
}

static void frame_clear(gpointer data)
{
	struct frame *frame = data;

	g_clear_pointer(&frame->seen, g_hash_table_destroy);
	if (frame->merges)
		g_ptr_array_free(frame->merges, TRUE);
	frame->merges = NULL;
}

static bool close_collection(struct reader *reader, const struct yaml_event *event, GError **error)
{
	struct frame frame = *reader_top(reader);

	/* What has no closing bracket ends with its last child. */
	frame.node->place.end = event->place.end > 0 ? event->place.end : frame.at;
	if (frame.merges)
		apply_merges(reader->doc, &frame);
	if (frame.anchor) {
		frame.anchor->node = frame.node;
		frame.anchor->weight = frame.weight;
	}
	g_array_set_size(reader->frames, reader->frames->len - 1);
	return reader_add(reader, frame.node, frame.node->place.end, frame.weight, error);
}

/* Where the parser has to look for the next node's indicator (see yaml_parse_next()). */
static struct yaml_context reader_context(struct reader *reader)
{
	struct frame *frame = reader_top(reader);
	struct yaml_context context = {0};

	if (!frame)
		return context;
	context.at = frame->at;
	if (frame->node->kind == NODE_LIST)
		context.indicator = '-';
	else if (frame->key || frame->merge_key)
		context.indicator = ':';
	return context;
}

static bool read_event(struct reader *reader, const struct yaml_event *event, GError **error)
{
	switch (event->kind) {
	case YAML_DOCUMENT_START:
		if (++reader->documents == 1)
			return true;
		doc_error_at(error, reader->doc, &event->place, "a second document begins here; only one is allowed");
		return false;
	case YAML_SCALAR:
		return read_scalar(reader, event, error);
	case YAML_ALIAS:
		return read_alias(reader, event, error);
	case YAML_LIST_START:
	case YAML_MAP_START:
		return open_collection(reader, event, error);
	case YAML_COLLECTION_END:
		return close_collection(reader, event, error);
	default:
		return true;
	}
}

static bool read_events(struct reader *reader, GError **error)
{
	struct yaml_event event;

	do {
		if (!yaml_parse_next(reader->parse, reader_context(reader), &event, error) ||
		    !read_event(reader, &event, error))
			return false;
	} while (event.kind != YAML_END);
	return true;
}

static bool read_document(struct doc *doc, struct yaml_parse *parse, GError **error)
{
	struct reader reader = {.doc = doc, .parse = parse};
	bool ok;

	reader.frames = g_array_new(FALSE, FALSE, sizeof(struct frame));
	g_array_set_clear_func(reader.frames, frame_clear);
	reader.anchors = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	ok = read_events(&reader, error);
	g_array_free(reader.frames, TRUE);
	g_hash_table_destroy(reader.anchors);
	return ok;
}

/* Where the first line that begins with `mark` and a blank begins, from `from` on; NULL if none does. */
static const char *find_mark(const char *text, const char *from, const char *mark)
{
	size_t length = strlen(mark);
	const char *found = strstr(from, mark);

	while (found && ((found > text && found[-1] != '\n') || found[length] != ' '))
		found = strstr(found + 1, mark);
	return found;
}

/*
 * A merge that left both sides in the file is the commonest reason why a file that we wrote cannot be read: say so, instead of what
 * the grammar makes of it. *error is set.
 */
static void blame_conflict(const struct doc *doc, GError **error)
{
	const char *text = doc->source, *begin = error_is(*error, ERROR_CORRUPT) ? find_mark(text, text, "<<<<<<<") : NULL;
	struct node_place place = {.line = 1, .column = 1};

	if (!begin || !find_mark(text, begin, ">>>>>>>"))
		return;
	place.start = place.end = (size_t)(begin - text);
	for (const char *at = text; at < begin; at++)
		place.line += *at == '\n';
	g_clear_error(error);
	doc_error_at(error, doc, &place, "a merge left both sides here");
	error_hint(error, "edit it, or take one side: git checkout --ours -- %s (or --theirs)", doc->name);
}

struct doc *yaml_read(const char *text, size_t length, const char *name, GError **error)
{
	autoptr(doc) doc = doc_new();
	autoptr(yaml_parse) parse = NULL;
	GError *reason = NULL;

	if (length > YAML_SIZE_LIMIT) {
		error_set(error, ERROR_UNSAFE, "%s: larger than %zu MiB", name, YAML_SIZE_LIMIT >> 20);
		return NULL;
	}
	doc_set_source(doc, name, text, length);
	parse = yaml_parse_new(doc, &reason);
	if (!parse || !read_document(doc, parse, &reason)) {
		blame_conflict(doc, &reason);
		g_propagate_error(error, reason);
		return NULL;
	}
	if (!doc->root || doc->root->kind == NODE_NULL) {
		doc->root = node_map(doc);
		doc->root->place.start = doc->root->place.end = length;
	}
	return g_steal_pointer(&doc);
}
