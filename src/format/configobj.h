/*
 * configobj: DVC's config files (dvc-formats 14.2): ['remote "name"'] sections, '#' comments, quoting, %(x)s
 * interpolation, lists by comma. Reading and writing as ConfigObj 5 with DVC's settings.
 */
#ifndef FORMAT_CONFIGOBJ_H
#define FORMAT_CONFIGOBJ_H

#include "base/auto.h"

#include <glib.h>
#include <stdbool.h>

/* One file. Section names are canonical: `core`, `remote "name"`; names and options lower-cased. */
struct configobj;

/* An empty file. */
struct configobj *configobj_new(void);

/* Parse text; `name` for messages. ERROR_CORRUPT with the line for a syntax error, an undefined %(name)s, a nesting marker. */
struct configobj *configobj_read(const char *text, size_t length, const char *name, GError **error);

/* The value of section.option, interpolated, lists joined by ','; NULL if unset. Owned by the config. */
const char *configobj_get(const struct configobj *config, const char *section, const char *option);

/* Set section.option (copied), adding the section if needed. */
void configobj_set(struct configobj *config, const char *section, const char *option, const char *value);

/* Drop it; false if it was not set. Empty sections go when written. */
bool configobj_unset(struct configobj *config, const char *section, const char *option);

/* Drop a section with all its options; false if there is none. */
bool configobj_unset_section(struct configobj *config, const char *section);

/* The sections in file order; a NULL-terminated array, owned by the caller (g_strfreev()). */
char **configobj_sections(const struct configobj *config);

/* The options of a section in file order; as configobj_sections(). */
char **configobj_options(const struct configobj *config, const char *section);

/* The text as DVC writes it: plain sections, then remotes, machines, dbs; 4 blanks indent; comments are lost. */
char *configobj_write(const struct configobj *config, size_t *length);

/*
 * Check sections and options against DVC's schema (14.3), so that we never write or accept what makes every DVC command fail:
 * ERROR_USAGE names the unknown or misplaced option.
 */
bool configobj_check(const struct configobj *config, const char *name, GError **error);

/* Free it. */
void configobj_free(struct configobj *config);

AUTO_DEFINE(configobj, configobj_free);

#endif
