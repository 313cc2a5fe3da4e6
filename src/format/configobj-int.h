/*
 * configobj-int: how a config file is kept in memory, for its reader, writer and checker.
 */
#ifndef FORMAT_CONFIGOBJ_INT_H
#define FORMAT_CONFIGOBJ_INT_H

#include "format/configobj.h"

struct configobj_option {
	char *name;
	char *value; /* what was written, then with its %(name)s filled in */
};

struct configobj_section {
	char *name;         /* canonical */
	GPtrArray *options; /* of struct configobj_option, owned, in order */
	bool read;          /* was in the file, and so keeps its place among the plain sections */
};

struct configobj {
	GPtrArray *sections; /* of struct configobj_section, owned, in order */
};

/* The section of that canonical name; NULL if there is none. */
struct configobj_section *configobj_find(const struct configobj *config, const char *name);

/* Add an empty section of that canonical name. */
struct configobj_section *configobj_add(struct configobj *config, const char *name);

/* The option of that lower-case name; NULL if there is none. */
struct configobj_option *configobj_find_option(const struct configobj_section *section, const char *name);

/* Add an option (copied) at the end. */
void configobj_add_option(struct configobj_section *section, const char *name, const char *value);

/* The canonical form of a section's name: lower case, `remote "x"` with one blank. New string. */
char *configobj_canonical(const char *name);

/*
 * Where `kind` has named sections ("remote", "machine", "db"): what is between the quotes of a canonical name, as an offset into
 * it; 0 if the section is of another kind.
 */
size_t configobj_named(const char *section, const char *kind);

/* Sections of a kind in the order in which they are written; NULL-terminated. */
extern const char *const configobj_named_kinds[];

/* How a new plain section is placed among others that are new: its rank in DVC's schema, a large number if it is not there. */
unsigned configobj_rank(const char *section);

#endif
