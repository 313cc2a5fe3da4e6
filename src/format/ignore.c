#include "format/ignore.h"
#include "format/glob-int.h"

#include <string.h>

/* How a rule's glob is compared: the common shapes need no pattern matching. */
enum shape {
	LITERAL,
	SUFFIX, /* `*` and then literal text: glob points to that text */
	GLOB,
};

struct rule {
	struct ignore_rule said;
	const char *glob; /* without '!' and the slashes around it */
	size_t length;
	char first; /* what a matching text must start with; NUL if that is open */
	enum shape shape;
	bool anchored; /* compared with the path below the rule's directory, else with the last component */
	bool dir_only; /* ended in '/' */
	bool below;    /* ended in `/`+`**`: what it names must be a directory */
};

/* A run of bytes inside a longer text. */
struct span {
	const char *text;
	size_t length;
};

/* The rules of one directory, in the order of their lines. */
struct group {
	struct span dir;
	GPtrArray *rules; /* of struct rule */
};

struct ignore {
	GStringChunk *strings;
	GHashTable *groups; /* struct span to struct group */
	struct group *root;
	bool negates; /* some rule has a '!' */
};

static guint span_hash(gconstpointer key)
{
	const struct span *span = key;
	guint hash = 5381;

	for (size_t i = 0; i < span->length; i++)
		hash = hash * 33 + (unsigned char)span->text[i];
	return hash;
}

static gboolean span_equal(gconstpointer a, gconstpointer b)
{
	const struct span *x = a, *y = b;

	return x->length == y->length && memcmp(x->text, y->text, x->length) == 0;
}

static void group_free(gpointer data)
{
	struct group *group = data;

	g_ptr_array_unref(group->rules);
	g_free(group);
}

static struct group *group_get(struct ignore *ignore, const char *dir)
{
	struct span key = {dir, strlen(dir)};
	struct group *group = g_hash_table_lookup(ignore->groups, &key);

	if (group)
		return group;
	group = g_new(struct group, 1);
	group->dir = (struct span){g_string_chunk_insert(ignore->strings, dir), key.length};
	group->rules = g_ptr_array_new_with_free_func(g_free);
	g_hash_table_insert(ignore->groups, &group->dir, group);
	return group;
}

struct ignore *ignore_new(void)
{
	static const char built_in[] = ".hg/\n.git/\n.git\n.dvc/\n";
	struct ignore *ignore = g_new0(struct ignore, 1);

	ignore->strings = g_string_chunk_new(1024);
	ignore->groups = g_hash_table_new_full(span_hash, span_equal, NULL, group_free);
	ignore->root = group_get(ignore, "");
	ignore_add(ignore, "", "", built_in, sizeof(built_in) - 1);
	return ignore;
}

static bool ends_with(struct span text, const char *end)
{
	size_t length = strlen(end);

	return text.length >= length && memcmp(text.text + text.length - length, end, length) == 0;
}

/* Whether the byte at `at` is quoted: an odd number of backslashes stands before it. */
static bool is_quoted(struct span text, size_t at)
{
	size_t start = at;

	while (start > 0 && text.text[start - 1] == '\\')
		start--;
	return (at - start) % 2 == 1;
}

/* Without the blanks around it; a blank that a backslash quotes stays. */
static struct span trim(struct span line)
{
	while (line.length && g_ascii_isspace(line.text[0]))
		line = (struct span){line.text + 1, line.length - 1};
	while (line.length && g_ascii_isspace(line.text[line.length - 1]) && !is_quoted(line, line.length - 1))
		line.length--;
	return line;
}

static void rule_set_shape(struct rule *rule, struct span glob)
{
	const char *wild = "*?[\\";
	bool star = glob.length > 1 && glob.text[0] == '*' && !rule->anchored;

	rule->glob = glob.text;
	rule->length = glob.length;
	rule->shape = LITERAL;
	rule->first = strchr(wild, glob.text[0]) ? '\0' : glob.text[0];
	for (size_t i = star; i < glob.length; i++)
		if (strchr(wild, glob.text[i]))
			rule->shape = GLOB;
	if (star && rule->shape == LITERAL) {
		rule->shape = SUFFIX;
		rule->glob++;
		rule->length--;
	}
}

/* Fill in what the pattern means; false if it names nothing (`/`, `!`). */
static bool rule_compile(struct rule *rule)
{
	struct span glob = {rule->said.pattern, strlen(rule->said.pattern)};

	rule->said.negated = glob.text[0] == '!';
	if (rule->said.negated)
		glob = (struct span){glob.text + 1, glob.length - 1};
	rule->dir_only = ends_with(glob, "/");
	if (rule->dir_only)
		glob.length--;
	rule->anchored = memchr(glob.text, '/', glob.length) != NULL;
	if (glob.length && glob.text[0] == '/')
		glob = (struct span){glob.text + 1, glob.length - 1};
	while (glob.length > 3 && ends_with(glob, "/**")) {
		glob.length -= 3;
		rule->below = true;
	}
	if (glob.length == 2 && ends_with(glob, "**"))
		rule->below = false; /* all that is below anything is simply all */
	if (glob.length > 3 && memcmp(glob.text, "**/", 3) == 0 && !memchr(glob.text + 3, '/', glob.length - 3)) {
		glob = (struct span){glob.text + 3, glob.length - 3};
		rule->anchored = false;
	}
	if (glob.length == 0)
		return false;
	rule_set_shape(rule, glob);
	return true;
}

static void line_add(struct ignore *ignore, struct group *group, struct span line, const struct ignore_rule *place)
{
	g_autofree struct rule *rule = g_new0(struct rule, 1);

	line = trim(line);
	if (line.length == 0 || line.length > IGNORE_LINE_LIMIT || line.text[0] == '#' ||
	    memchr(line.text, '\0', line.length))
		return;
	rule->said = *place;
	rule->said.pattern = g_string_chunk_insert_len(ignore->strings, line.text, (gssize)line.length);
	if (!rule_compile(rule))
		return;
	ignore->negates = ignore->negates || rule->said.negated;
	g_ptr_array_add(group->rules, g_steal_pointer(&rule));
}

void ignore_add(struct ignore *ignore, const char *dir, const char *source, const char *text, size_t length)
{
	static const char mark[] = "\xEF\xBB\xBF"; /* an editor's byte order mark is no part of the first rule */
	struct ignore_rule place = {.source = g_string_chunk_insert_const(ignore->strings, source)};
	struct group *group = group_get(ignore, dir);
	const char *end = text + length;

	if (length >= sizeof(mark) - 1 && memcmp(text, mark, sizeof(mark) - 1) == 0)
		text += sizeof(mark) - 1;
	while (text < end) {
		const char *stop = text;

		while (stop < end && *stop != '\n' && *stop != '\r')
			stop++;
		place.line++;
		line_add(ignore, group, (struct span){text, stop - text}, &place);
		text = end - stop > 1 && stop[0] == '\r' && stop[1] == '\n' ? stop + 2 : stop + 1;
	}
}

/* Whether the rule's glob matches exactly this path below its directory. */
static bool rule_names(const struct rule *rule, struct span path)
{
	if (!rule->anchored) {
		const char *slash = memrchr(path.text, '/', path.length);

		if (slash)
			path = (struct span){slash + 1, path.text + path.length - slash - 1};
	}
	if (rule->first && (path.length == 0 || path.text[0] != rule->first))
		return false;
	switch (rule->shape) {
	case LITERAL:
		return path.length == rule->length && memcmp(path.text, rule->glob, path.length) == 0;
	case SUFFIX:
		return path.length >= rule->length &&
		       memcmp(path.text + path.length - rule->length, rule->glob, rule->length) == 0;
	default:
		return rule->anchored ? glob_path(rule->glob, rule->length, path.text, path.length)
				      : glob_component(rule->glob, rule->length, path.text, path.length);
	}
}

/* Whether the rule holds for the path, by itself or - only looked at with `deep` - through a directory above it. */
static bool rule_holds(const struct rule *rule, struct span path, bool is_dir, bool deep)
{
	if (rule->dir_only && !is_dir)
		return false;
	if ((is_dir || !rule->below) && rule_names(rule, path))
		return true;
	for (size_t i = 1; deep && i < path.length; i++)
		if (path.text[i] == '/' && rule_names(rule, (struct span){path.text, i}))
			return true;
	return false;
}

/* The last rule of the group that holds for the path, which is below its directory; NULL if none does. */
static const struct rule *group_decide(const struct ignore *ignore, const struct group *group, struct span path,
				       bool is_dir)
{
	size_t skip = group->dir.length ? group->dir.length + 1 : 0;
	struct span below = {path.text + skip, path.length - skip};

	for (guint i = group->rules->len; i > 0; i--) {
		const struct rule *rule = group->rules->pdata[i - 1];

		if (rule_holds(rule, below, is_dir, ignore->negates))
			return rule;
	}
	return NULL;
}

/*
 * The rule that decides on a path above which no directory is ignored; NULL if none holds. Then a rule without '!'
 * cannot hold through a directory above, unless another one took that back: without any '!' only the path itself
 * matters.
 */
static const struct rule *decide(const struct ignore *ignore, struct span path, bool is_dir)
{
	struct span dir = path;

	if (path.length == 0)
		return NULL; /* the root itself */
	if (g_hash_table_size(ignore->groups) == 1)
		return group_decide(ignore, ignore->root, path, is_dir);
	while (dir.length > 0) {
		const char *slash = memrchr(dir.text, '/', dir.length);
		const struct group *group;
		const struct rule *rule;

		dir.length = slash ? (size_t)(slash - dir.text) : 0;
		group = g_hash_table_lookup(ignore->groups, &dir);
		rule = group ? group_decide(ignore, group, path, is_dir) : NULL;
		if (rule)
			return rule;
	}
	return NULL;
}

bool ignore_match(const struct ignore *ignore, const char *path, bool is_dir, const struct ignore_rule **rule)
{
	size_t length = strlen(path);
	const struct rule *decided = NULL;

	for (size_t i = 1; i <= length; i++) {
		if (path[i] != '/' && i < length)
			continue;
		decided = decide(ignore, (struct span){path, i}, is_dir || i < length);
		if (decided && !decided->said.negated)
			break;
	}
	if (rule)
		*rule = decided ? &decided->said : NULL;
	return decided && !decided->said.negated;
}

bool ignore_match_leaf(const struct ignore *ignore, const char *path, bool is_dir)
{
	const struct rule *decided = decide(ignore, (struct span){path, strlen(path)}, is_dir);

	return decided && !decided->said.negated;
}

bool ignore_glob(const char *pattern, const char *path)
{
	return glob_path(pattern, strlen(pattern), path, strlen(path));
}

void ignore_free(struct ignore *ignore)
{
	if (!ignore)
		return;
	g_hash_table_unref(ignore->groups);
	g_string_chunk_free(ignore->strings);
	g_free(ignore);
}
