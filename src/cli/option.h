/*
 * option: a command's options as one table, from which parsing, -h, completion and the manual's check follow.
 *
 * Parsing is GLib's GOption (long, short, bundled, "--", "--no-X" pairs are two entries), fed from our table because GOption's own
 * cannot say what completes a value or which program has the option.
 */
#ifndef CLI_OPTION_H
#define CLI_OPTION_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum option_kind {
	OPTION_END,
	OPTION_FLAG,   /* bool: set to true */
	OPTION_NO,     /* bool: set to false; the name already begins with "no-" */
	OPTION_COUNT,  /* unsigned: each use adds 1 */
	OPTION_STRING, /* char *: owned by the parsed struct */
	OPTION_STRINGS, /* char **: each use adds one, NULL-terminated */
	OPTION_INT,    /* int64_t: decimal, with k, m, g */
};

/* What completes the value, for the shells. */
enum option_completion { COMPLETE_NONE, COMPLETE_FILE, COMPLETE_DIR, COMPLETE_REMOTE, COMPLETE_REVISION, COMPLETE_WORDS };

struct option_spec {
	enum option_kind kind;
	char short_name;          /* 0 for none */
	const char *long_name;
	size_t offset;            /* of the member in the command's struct */
	const char *value;        /* what the value is called: "<name>"; NULL for flags */
	const char *help;         /* half a line, no full stop */
	enum option_completion completion;
	const char *words;        /* COMPLETE_WORDS: blank-separated */
	bool elsewhere;           /* giving it moves the whole command to the network program */
	bool hidden;              /* not in -h nor the manual: an accepted synonym */
};

#define OPT_FLAG(S, c, name, member, text) \
	{ .kind = OPTION_FLAG, .short_name = c, .long_name = name, .offset = offsetof(struct S, member), .help = text }
#define OPT_NO(S, c, name, member, text) \
	{ .kind = OPTION_NO, .short_name = c, .long_name = name, .offset = offsetof(struct S, member), .help = text }
#define OPT_STRING(S, c, name, member, what, text)                                                                \
	{ .kind = OPTION_STRING, .short_name = c, .long_name = name, .offset = offsetof(struct S, member), .value = what, \
	  .help = text }
#define OPT_STRINGS(S, c, name, member, what, text)                                                                \
	{ .kind = OPTION_STRINGS, .short_name = c, .long_name = name, .offset = offsetof(struct S, member), .value = what, \
	  .help = text }
#define OPT_INT(S, c, name, member, what, text)                                                                \
	{ .kind = OPTION_INT, .short_name = c, .long_name = name, .offset = offsetof(struct S, member), .value = what, \
	  .help = text }
#define OPT_END { .kind = OPTION_END }

/* The options that every command has (-h, -q, -v, --no-progress, --cd, --wait-for-lock), merged into each table by dispatch. */
struct option_common {
	bool help, quiet, no_progress, wait_for_lock;
	unsigned verbose;
	char *cd;
};

extern const struct option_spec option_common_specs[];

/*
 * Parse argv[1..] by the two tables into *common and `target` (options_size bytes, zeroed by the caller). *rest becomes what is no option
 * (NULL-terminated, g_strfreev()). With `stop_at_first`, parsing ends at the first non-option (commands with
 * subcommands). *elsewhere tells if an option with that mark was used. ERROR_USAGE for anything unknown.
 */
bool option_parse(const struct option_spec *specs, char **argv, void *target, struct option_common *common,
		  bool stop_at_first, char ***rest, bool *elsewhere, GError **error);

/* Free the strings that option_parse() put into target. */
void option_clear(const struct option_spec *specs, void *target);

#endif
