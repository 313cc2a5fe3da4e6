/*
 * config-int: the inside of a config, for those who fill it.
 */
#ifndef REPO_CONFIG_INT_H
#define REPO_CONFIG_INT_H

#include "repo/config.h"

/* A new config without values. */
struct config *config_new(void);

/* Append a value; all strings are copied. */
void config_add(struct config *config, const char *scope, const char *origin, const char *key, const char *value);

/* Parse the `length` bytes of a file of Git-config syntax, calling itself `path` in errors and origins, into config. */
bool config_parse(struct config *config, const char *path, const char *text, size_t length, GError **error);

#endif
