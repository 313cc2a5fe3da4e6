/*
 * python: read parameters from a Python file. Nothing is executed.
 *
 * Read are, in order: assignments of literals to one name at the level of the module (annotated ones, too), classes as maps of
 * theirs, and in a class its `self.x = literal` directly in __init__ (dvc-formats 21.1). Literals are numbers, strings, True,
 * False, None, and lists, tuples, sets and dictionaries of them. All else - code, f-strings, bytes, complex numbers - is
 * skipped.
 */
#ifndef DOC_PYTHON_H
#define DOC_PYTHON_H

#include "doc/node.h"

/* Longest Python file accepted, in bytes; deepest nesting of brackets and of classes. */
#define PYTHON_SIZE_LIMIT ((size_t)256 << 20)
#define PYTHON_DEPTH_LIMIT 200

/*
 * Read one file: a map. `name` is used in messages. ERROR_CORRUPT with line, column and excerpt for a string or bracket without
 * an end, a bracket that closes nothing, a class without a body, and invalid UTF-8; ERROR_UNSAFE over the size limit.
 */
struct doc *python_read(const char *text, size_t length, const char *name, GError **error);

#endif
