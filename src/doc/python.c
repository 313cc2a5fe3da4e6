#include "doc/python.h"

#include "base/error.h"
#include "doc/node-int.h"
#include "doc/python-int.h"

#include <string.h>

/* Columns of a tab, as Python counts them. */
#define TAB 8

/* A block of statements. */
struct block {
	struct node *map;   /* what its assignments go to */
	GHashTable *places; /* of the map, for python_set() */
	size_t indent;      /* of its lines, in columns */
	unsigned depth;     /* 1 for the module */
	bool self_only;     /* in __init__: only `self.x = …` counts */
};

static bool read_block(struct python *python, const struct block *block, GError **error);

/*
 * Step to the first character of the next line that has one, other than a comment. How far it is indented; at the end of the
 * text 0.
 */
static size_t find_line(struct python *python)
{
	size_t indent = 0;

	for (; python->at < python->end; python->at++) {
		switch (*python->at) {
		case ' ':
			indent++;
			break;
		case '\t':
			indent += TAB - indent % TAB;
			break;
		case '\r':
		case '\n':
		case '\f':
			indent = 0;
			break;
		case '#':
			python->at += strcspn(python->at, "\r\n");
			python->at--;
			break;
		default:
			return indent;
		}
	}
	return 0;
}

/* The name at python->at, "" if there is none. New string. */
static char *read_name(struct python *python)
{
	const char *start = python->at;

	if (python_is_name_start(*start))
		while (python_is_name(*python->at))
			python->at++;
	return g_strndup(start, (gsize)(python->at - start));
}

/* What the statement at python->at assigns to, "" for no single name; steps over it. New string. */
static char *read_target(struct python *python, bool self_only)
{
	g_autofree char *name = read_name(python);
	bool is_self = strcmp(name, "self") == 0;

	python_skip_blanks(python);
	if (is_self && *python->at == '.') {
		g_free(name);
		python->at++;
		python_skip_blanks(python);
		name = read_name(python);
		python_skip_blanks(python);
		return g_steal_pointer(&name);
	}
	return self_only ? g_strdup("") : g_steal_pointer(&name);
}

/* Step over "=", or over ": annotation =". */
static bool skip_assignment(struct python *python, const char *end)
{
	if (*python->at == ':' && !python_scan(python, "=;", NULL))
		return false;
	if (python->at >= end || *python->at != '=' || python->at[1] == '=')
		return false;
	python->at++;
	return true;
}

/* Take the statement from python->at to `end` if it assigns a literal. */
static void take_statement(struct python *python, const struct block *block, const char *end)
{
	const char *start = python->at;
	g_autofree char *name = read_target(python, block->self_only);
	struct node *key, *value;

	if (!*name || !skip_assignment(python, end))
		return;
	key = doc_node(python->doc, NODE_STRING);
	key->text = doc_text(python->doc, name, strlen(name));
	key->place = places_find(&python->places, start, start + strlen(name));
	value = python_read_literal(python, end);
	if (value)
		python_set(python->doc, block->map, block->places, key, value);
}

/* Simple statements up to the end of the line. */
static bool read_statements(struct python *python, const struct block *block, GError **error)
{
	for (;;) {
		const char *start, *end;

		python_skip_blanks(python);
		start = python->at;
		if (!python_scan(python, ";", error))
			return false;
		end = python->at;
		python->at = start;
		take_statement(python, block, end);
		python->at = end;
		if (*end != ';')
			return true;
		python->at++;
	}
}

/* The statements behind a colon, on its line or in a block. */
static bool read_suite(struct python *python, struct block *block, size_t outer, GError **error)
{
	const char *line_end;

	if (block->depth > PYTHON_DEPTH_LIMIT)
		return places_fail(&python->places, python->at, error, "nested more than %d deep", PYTHON_DEPTH_LIMIT);
	python->at++;
	python_skip_blanks(python);
	line_end = python->at;
	if (line_end < python->end && !strchr("\r\n#", *line_end))
		return read_statements(python, block, error);
	block->indent = find_line(python);
	if (block->indent <= outer)
		return places_fail(&python->places, line_end, error, "indented lines are expected after this");
	python->at = line_end;
	return read_block(python, block, error);
}

/* Step over the rest of the head of a class or function to its colon. */
static bool skip_head(struct python *python, GError **error)
{
	if (!python_scan(python, ":", error))
		return false;
	if (*python->at != ':')
		return places_fail(&python->places, python->at, error, "a ':' is expected here");
	return true;
}

/* "class Name(Base): …" */
static bool read_class(struct python *python, const struct block *block, GError **error)
{
	struct block inner = {.depth = block->depth + 1};
	g_autofree char *name = NULL;
	struct node *key;
	bool ok;

	python_skip_blanks(python);
	name = read_name(python);
	if (!*name)
		return places_fail(&python->places, python->at, error, "the name of a class is expected here");
	key = doc_node(python->doc, NODE_STRING);
	key->text = doc_text(python->doc, name, strlen(name));
	key->place = places_find(&python->places, python->at - strlen(name), python->at);
	inner.map = doc_node(python->doc, NODE_MAP);
	inner.map->place = key->place;
	inner.places = g_hash_table_new(node_scalar_hash, node_scalar_same);
	ok = skip_head(python, error) && read_suite(python, &inner, block->indent, error);
	g_hash_table_unref(inner.places);
	if (ok)
		python_set(python->doc, block->map, block->places, key, inner.map);
	return ok;
}

/* "def name(…): …": what __init__ sets belongs to the block around it. */
static bool read_function(struct python *python, const struct block *block, GError **error)
{
	struct block inner = *block;
	g_autofree char *name = NULL;

	python_skip_blanks(python);
	name = read_name(python);
	if (strcmp(name, "__init__") != 0)
		return python_scan(python, "", error);
	inner.self_only = true;
	inner.depth++;
	return skip_head(python, error) && read_suite(python, &inner, block->indent, error);
}

/* Whether a word begins a statement with a block of its own, which may be on the same line. */
static bool begins_block(const char *word)
{
	static const char *const words[] = {"if",  "elif",    "else", "for",   "while", "try",
					    "except", "finally", "with", "async", NULL};

	return g_strv_contains(words, word);
}

/* A line of the block. */
static bool read_line(struct python *python, const struct block *block, GError **error)
{
	const char *start = python->at;
	g_autofree char *word = read_name(python);

	if (strcmp(word, "class") == 0)
		return read_class(python, block, error);
	if (strcmp(word, "def") == 0)
		return read_function(python, block, error);
	if (begins_block(word))
		return python_scan(python, "", error);
	python->at = start;
	return read_statements(python, block, error);
}

/* Lines that are indented more belong to blocks that do not count. */
static bool read_block(struct python *python, const struct block *block, GError **error)
{
	for (;;) {
		size_t indent = find_line(python);
		bool ok;

		if (python->at >= python->end || indent < block->indent)
			break;
		ok = indent == block->indent ? read_line(python, block, error) : python_scan(python, "", error);
		if (!ok)
			return false;
	}
	/* The block around this one measures the line again. */
	while (python->at > python->doc->source && strchr(" \t", python->at[-1]))
		python->at--;
	return true;
}

struct doc *python_read(const char *text, size_t length, const char *name, GError **error)
{
	autoptr(doc) doc = doc_new();
	struct python python = {.doc = doc, .places = {.doc = doc}};
	struct block module = {.depth = 1};
	bool ok;

	if (length > PYTHON_SIZE_LIMIT) {
		error_set(error, ERROR_UNSAFE, "%s: larger than %zu MiB", name, PYTHON_SIZE_LIMIT >> 20);
		return NULL;
	}
	doc_set_source(doc, name, text, length);
	if (!places_check_text(&python.places, error))
		return NULL;
	python.at = doc->source;
	python.end = python.at + doc->source_length;
	doc->root = module.map = doc_node(doc, NODE_MAP);
	doc->root->place.end = length;
	module.places = g_hash_table_new(node_scalar_hash, node_scalar_same);
	ok = read_block(&python, &module, error);
	g_hash_table_unref(module.places);
	return ok ? g_steal_pointer(&doc) : NULL;
}
