/*
 * json-out: results for programs: a JSON value written piece by piece, in the layout that DVC prints (dvc-formats 22):
 *one line with ", " and ": ", ASCII only; on a terminal indented by 2. Main thread only.
 *
 *	struct json_out *json = json_out_new(view);
 *	json_out_object(json, NULL);
 *	json_out_string(json, "path", path);
 *	json_out_end(json);
 *	json_out_finish(json);
 */
#ifndef VIEW_JSON_OUT_H
#define VIEW_JSON_OUT_H

#include "doc/node.h"
#include "view/view.h"

#include <stdint.h>

struct json_out;

/* Begin a document on the view's out. */
struct json_out *json_out_new(struct view *view);

/* Open and close containers. `key` names the member inside an object, NULL inside an array or at the top. */
void json_out_object(struct json_out *json, const char *key);
void json_out_array(struct json_out *json, const char *key);
void json_out_end(struct json_out *json);

/* Values. Text that is not UTF-8 goes out as lone surrogates U+DC80..U+DCFF, as Python does. NULL text is null. */
void json_out_string(struct json_out *json, const char *key, const char *value);
void json_out_int(struct json_out *json, const char *key, int64_t value);
void json_out_uint(struct json_out *json, const char *key, uint64_t value);
void json_out_double(struct json_out *json, const char *key, double value);
void json_out_bool(struct json_out *json, const char *key, bool value);
void json_out_null(struct json_out *json, const char *key);

/* A tree of values, with numbers as Python writes them: NaN and Infinity, too. */
void json_out_node(struct json_out *json, const char *key, const struct node *node);

/* Print a newline and free. All containers must be closed. */
void json_out_finish(struct json_out *json);

#endif
