/*
 * option: a command's options as one table, from which parsing, -h, completion and the manual's check follow.
 *
 * Parsed as Git does: long names may be cut short while they stay clear, "--name=value" and "--name value", "-n5" and
 * "-n 5", bundles of short flags, "--" ends the options, and options may follow arguments. The parser is our own
 * because GOption wants text in the locale's encoding, has no short forms of long names, and cannot say which program
 * has an option.
 */
#ifndef CLI_OPTION_H
#define CLI_OPTION_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum option_kind {
	OPTION_END,
	OPTION_FLAG,    /* bool: set to true */
	OPTION_NO,      /* bool: set to false; the name already begins with "no-" */
	OPTION_COUNT,   /* unsigned: each use adds 1 */
	OPTION_STRING,  /* char *: owned by the parsed struct; the last use holds */
	OPTION_STRINGS, /* char **: each use adds one, NULL-terminated */
	OPTION_INT,     /* int64_t: decimal, with k, m, g (times 1024), as Git reads numbers */
};

/* What completes a value or a command's arguments, for the shells. */
enum option_completion {
	COMPLETE_NONE, /* of an option: nothing is offered; of arguments: files, as the shell does by itself */
	COMPLETE_FILE,
	COMPLETE_DIR,
	COMPLETE_REMOTE,   /* names of data remotes */
	COMPLETE_REVISION, /* branches, tags, HEAD */
	COMPLETE_COMMAND,  /* our commands */
	COMPLETE_STAGE,    /* names of stages, and files */
	COMPLETE_WORDS,    /* a fixed list */
};

struct option_spec {
	enum option_kind kind;
	char short_name;       /* 0 for none */
	const char *long_name; /* NULL for none */
	size_t offset;         /* of the member in the command's struct */
	const char *value;     /* what the value is called: "<name>"; NULL for flags */
	const char *help;      /* half a line, no full stop */
	const char *fallback;  /* OPTION_STRING: the value may be left out and is this then; one stands behind '=' */
	enum option_completion completion;
	const char *words; /* COMPLETE_WORDS: blank-separated */
	bool elsewhere;    /* giving it moves the whole command to the network program */
	bool hidden;       /* not in -h nor the manual: an accepted synonym */
};

#define OPT_FLAG(S, c, name, member, text)                                                                             \
	{                                                                                                              \
		.kind = OPTION_FLAG, .short_name = c, .long_name = name, .offset = offsetof(struct S, member),         \
		.help = text                                                                                           \
	}
#define OPT_NO(S, c, name, member, text)                                                                               \
	{                                                                                                              \
		.kind = OPTION_NO, .short_name = c, .long_name = name, .offset = offsetof(struct S, member),           \
		.help = text                                                                                           \
	}
#define OPT_COUNT(S, c, name, member, text)                                                                            \
	{                                                                                                              \
		.kind = OPTION_COUNT, .short_name = c, .long_name = name, .offset = offsetof(struct S, member),        \
		.help = text                                                                                           \
	}
#define OPT_STRING(S, c, name, member, what, text)                                                                     \
	{                                                                                                              \
		.kind = OPTION_STRING, .short_name = c, .long_name = name, .offset = offsetof(struct S, member),       \
		.value = what, .help = text                                                                            \
	}
#define OPT_STRINGS(S, c, name, member, what, text)                                                                    \
	{                                                                                                              \
		.kind = OPTION_STRINGS, .short_name = c, .long_name = name, .offset = offsetof(struct S, member),      \
		.value = what, .help = text                                                                            \
	}
#define OPT_INT(S, c, name, member, what, text)                                                                        \
	{                                                                                                              \
		.kind = OPTION_INT, .short_name = c, .long_name = name, .offset = offsetof(struct S, member),          \
		.value = what, .help = text                                                                            \
	}
#define OPT_END                                                                                                        \
	{                                                                                                              \
		.kind = OPTION_END                                                                                     \
	}

/* The options that every command has, merged into each table by dispatch. */
struct option_common {
	bool usage; /* -h */
	bool help;  /* --help */
	bool quiet, no_progress, wait_for_lock;
	unsigned verbose;
	char *cd;
};

/* Their table. */
extern const struct option_spec option_common_specs[];

/* Whether an option of this kind takes a value. */
bool option_takes_value(const struct option_spec *spec);

/* A command line taken apart. */
struct option_result {
	struct option_common common;
	char **rest;    /* what is no option, NULL-terminated */
	bool own;       /* an option of `specs` was used */
	bool elsewhere; /* one with that mark was used */
};

/*
 * Parse argv[1..] by `specs` (NULL: none) into `target` (zeroed by the caller) and by the common table into *result,
 * whose common part keeps what it held, so that several calls add up. With `stop_at_first`, parsing ends at the first
 * argument (commands with subcommands). At -h or
 * --help the rest is not looked at. ERROR_USAGE names what is unknown, unclear, lacks a value or is no number.
 */
bool option_parse(const struct option_spec *specs, char **argv, void *target, bool stop_at_first,
		  struct option_result *result, GError **error);

/* Free what the result holds. */
void option_result_clear(struct option_result *result);

/* Free the strings that option_parse() put into target and set them to NULL. */
void option_clear(const struct option_spec *specs, void *target);

#endif
