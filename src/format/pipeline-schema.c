#include "format/pipeline-schema-int.h"

/* Sets of node kinds. */
#define KIND(kind) (1u << (kind))
#define BOOL       KIND(NODE_BOOL)
#define STRING     KIND(NODE_STRING)
#define LIST       KIND(NODE_LIST)
#define MAP        KIND(NODE_MAP)
#define NOTHING    KIND(NODE_NULL)
#define ANYTHING   (~0u)

/* What a value may be. */
struct schema {
	unsigned kinds;              /* it is of one of these */
	const struct schema *item;   /* of a list; NULL: anything */
	const struct schema *value;  /* of every value of a map without `fields`; NULL: anything */
	const struct field *fields;  /* the keys that a map may have, ended by a NULL name; NULL: any strings */
	const char *const *required; /* those that it must have, NULL-terminated; NULL: none */
};

struct field {
	const char *name;
	const struct schema *schema;
};

/* clang-format off */

#define END {NULL, NULL}

static const struct schema anything = {.kinds = ANYTHING};
static const struct schema boolean = {.kinds = BOOL};
static const struct schema string = {.kinds = STRING};
static const struct schema strings = {.kinds = LIST, .item = &string};
static const struct schema string_or_strings = {.kinds = STRING | LIST, .item = &string};
static const struct schema string_or_list = {.kinds = STRING | LIST};
static const struct schema string_or_map = {.kinds = STRING | MAP};

static const struct schema vars = {.kinds = LIST, .item = &string_or_map};
static const struct schema matrix = {.kinds = MAP, .value = &string_or_list};
static const struct schema stage_params = {.kinds = LIST, .item = &string_or_map};

#define ANNOTATIONS {"desc", &string}, {"type", &string}, {"labels", &strings}, {"meta", &anything}
#define OUTPUT_FLAGS \
	ANNOTATIONS, {"cache", &boolean}, {"persist", &boolean}, {"checkpoint", &boolean}, \
	{"remote", &string}, {"push", &boolean}

static const struct field output_fields[] = {OUTPUT_FLAGS, END};
static const struct schema output_flags = {.kinds = MAP, .fields = output_fields};
static const struct schema output = {.kinds = STRING | MAP, .value = &output_flags};
static const struct schema outputs = {.kinds = LIST, .item = &output};

static const struct field plot_output_fields[] = {
	OUTPUT_FLAGS, {"template", &string}, {"x", &string}, {"y", &string}, {"x_label", &string}, {"y_label", &string},
	{"title", &string}, {"header", &boolean}, END,
};
static const struct schema plot_output_flags = {.kinds = MAP, .fields = plot_output_fields};
static const struct schema plot_output = {.kinds = STRING | MAP, .value = &plot_output_flags};
static const struct schema plot_outputs = {.kinds = LIST, .item = &plot_output};

static const struct field stage_fields[] = {
	{"cmd", &string_or_list}, {"wdir", &string}, {"deps", &strings}, {"params", &stage_params}, {"outs", &outputs},
	{"metrics", &outputs}, {"plots", &plot_outputs}, {"matrix", &matrix}, {"vars", &vars}, {"frozen", &boolean},
	{"always_changed", &boolean}, {"desc", &string}, {"meta", &anything}, END,
};
static const char *const stage_required[] = {"cmd", NULL};
static const struct schema stage_body = {.kinds = MAP, .fields = stage_fields, .required = stage_required};

static const struct schema foreach_data = {.kinds = STRING | LIST | MAP};
static const struct field foreach_fields[] = {{"foreach", &foreach_data}, {"do", &stage_body}, END};
static const char *const foreach_required[] = {"foreach", "do", NULL};
static const struct schema foreach = {.kinds = MAP, .fields = foreach_fields, .required = foreach_required};

static const struct schema plot_x = {.kinds = STRING | MAP, .value = &string};
static const struct schema plot_y = {.kinds = STRING | LIST | MAP, .item = &string, .value = &string_or_strings};
static const struct field plot_fields[] = {
	{"x", &plot_x}, {"y", &plot_y}, {"x_label", &string}, {"y_label", &string}, {"title", &string},
	{"template", &string}, END,
};
static const struct schema plot_definition = {.kinds = MAP | NOTHING, .fields = plot_fields};
static const struct schema plot = {.kinds = STRING | MAP, .value = &plot_definition};
static const struct schema plots = {.kinds = LIST, .item = &plot};

static const struct field artifact_fields[] = {{"path", &string}, ANNOTATIONS, END};
static const char *const artifact_required[] = {"path", NULL};
static const struct schema artifact = {.kinds = MAP, .fields = artifact_fields, .required = artifact_required};
static const struct schema artifacts = {.kinds = MAP, .value = &artifact};

/* What else a data set has depends on its type. */
static const char *const dataset_required[] = {"type", "name", NULL};
static const struct schema dataset = {.kinds = MAP, .value = &anything, .required = dataset_required};
static const struct schema datasets = {.kinds = LIST, .item = &dataset};

static const struct schema stages = {.kinds = MAP};
static const struct field file_fields[] = {
	{"vars", &vars}, {"stages", &stages}, {"params", &strings}, {"metrics", &strings}, {"plots", &plots},
	{"artifacts", &artifacts}, {"datasets", &datasets}, END,
};
static const struct schema file = {.kinds = MAP, .fields = file_fields};

/* clang-format on */

/* "a string or a list" */
static char *kinds_text(unsigned kinds)
{
	GString *text = g_string_new(NULL);

	for (int kind = NODE_MAP; kind >= NODE_NULL; kind--)
		if (kinds & KIND(kind))
			g_string_append_printf(text, "%s%s", text->len ? " or " : "", node_kind_name(kind));
	return g_string_free(text, FALSE);
}

static const struct field *find_field(const struct field *fields, const char *name)
{
	while (fields->name && !g_str_equal(fields->name, name))
		fields++;
	return fields->name ? fields : NULL;
}

static void check(struct reading *reading, const struct schema *schema, const struct node *node,
		  const struct node *key);

static void check_map(struct reading *reading, const struct schema *schema, const struct node *map,
		      const struct node *key)
{
	for (size_t i = 0; i < map->count; i++) {
		const struct node *name = map->keys[i];
		const struct schema *value = schema->value;

		if (name->kind != NODE_STRING) {
			reading_problem(reading, reading->doc, name, "a key must be a string, not %s",
					node_kind_name(name->kind));
			continue;
		}
		if (schema->fields) {
			const struct field *field = find_field(schema->fields, name->text);

			value = field ? field->schema : NULL;
			if (!field)
				reading_problem(reading, reading->doc, name, "the key '%s' is not known here",
						name->text);
		}
		if (value)
			check(reading, value, map->items[i], name);
	}
	for (const char *const *name = schema->required; name && *name; name++)
		if (!node_get(map, *name))
			reading_problem(reading, reading->doc, key ? key : map, "'%s' is missing", *name);
}

/* Check a value; key is what it stands behind, NULL for an item of a list. */
static void check(struct reading *reading, const struct schema *schema, const struct node *node, const struct node *key)
{
	bool open_map = !schema->fields && !schema->value;

	if (!(schema->kinds & KIND(node->kind))) {
		g_autofree char *kinds = kinds_text(schema->kinds);

		reading_problem(reading, reading->doc,
				node->place.line ? node
				: key            ? key
						 : node,
				"%s%s%sneeds %s, not %s", key ? "'" : "", key ? key->text : "this", key ? "' " : " ",
				kinds, node_kind_name(node->kind));
		return;
	}
	for (size_t i = 0; node->kind == NODE_LIST && schema->item && i < node->count; i++)
		check(reading, schema->item, node->items[i], NULL);
	if (node->kind == NODE_MAP && !open_map)
		check_map(reading, schema, node, key);
}

bool pipeline_schema_check_file(struct reading *reading)
{
	unsigned before = reading->problem_count;

	check(reading, &file, reading->doc->root, NULL);
	return reading->problem_count == before;
}

bool pipeline_schema_check_stage(struct reading *reading, const struct node *name, const struct node *stage)
{
	unsigned before = reading->problem_count;

	if (name->kind != NODE_STRING)
		reading_problem(reading, reading->doc, name, "the name of a stage must be a string, not %s: quote it",
				node_kind_name(name->kind));
	else if (!*name->text || strchr(name->text, '@'))
		reading_problem(reading, reading->doc, name,
				"'%s' cannot be the name of a stage: '@' is for those that foreach and matrix make",
				name->text);
	else if (node_get(stage, "foreach") || node_get(stage, "do"))
		check(reading, &foreach, stage, name);
	else
		check(reading, &stage_body, stage, name);
	return reading->problem_count == before;
}
