/*
 * s3-xml: what an S3 server says in XML, as one flat document: values below the root, and records (a key in a listing,
 * a part, a failed deletion) with values of their own. What nobody asks for is not kept.
 *
 * The text may be hostile: depth, records and lengths are bounded. A document is read on one thread.
 */
#ifndef BACKEND_S3_S3_XML_H
#define BACKEND_S3_S3_XML_H

#include "base/auto.h"

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The elements whose text is kept. */
enum s3_field {
	S3_CODE,
	S3_MESSAGE,
	S3_REGION,
	S3_ENDPOINT,
	S3_KEY,
	S3_SIZE,
	S3_ETAG,
	S3_PREFIX,
	S3_ENCODING,
	S3_TRUNCATED,
	S3_TOKEN,
	S3_NEXT_TOKEN,
	S3_UPLOAD_ID,
	S3_INITIATED,
	S3_PART_NUMBER,
	S3_NEXT_PART,
	S3_FIELDS
};

/* Values; NULL where there was no such element. */
struct s3_record {
	char *name; /* of the element that holds them */
	char *values[S3_FIELDS];
};

struct s3_xml {
	struct s3_record root;
	GPtrArray *records; /* of struct s3_record, owned, in order */
};

/* Read a document. ERROR_CORRUPT if it is not XML as S3 has it, ERROR_UNSAFE if it is beyond bounds. */
struct s3_xml *s3_xml_parse(const char *text, size_t length, GError **error);

/* Free it. NULL is fine. */
void s3_xml_free(struct s3_xml *xml);

AUTO_DEFINE(s3_xml, s3_xml_free);

/* Whether the root has this name. */
bool s3_xml_is(const struct s3_xml *xml, const char *root);

/* A value of the root, "" without it. */
const char *s3_xml_get(const struct s3_xml *xml, enum s3_field field);

/* A record's number; false if it is none. */
bool s3_record_number(const struct s3_record *record, enum s3_field field, uint64_t *number);

/* A key or prefix as it really is: percent-decoded if the document says that it is encoded. New string; NULL if that is
 * not possible: a stray '%', an encoded NUL. */
char *s3_xml_decode(const struct s3_xml *xml, const char *text);

/* Append text as content of an element. */
void s3_xml_escape(GString *out, const char *text);

/* Whether text can stand in XML: valid UTF-8 without control characters other than tab and line ends. */
bool s3_xml_can_hold(const char *text);

#endif
