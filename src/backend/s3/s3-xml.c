#include "backend/s3/s3-xml.h"

#include "base/error.h"

#include <string.h>

/* Far above what a page of any reply has. */
#define DEPTH_MAX   16
#define RECORDS_MAX 20000
#define VALUE_MAX   ((gsize)16 << 10)

/* Names of elements, in the order of enum s3_field. */
static const char *const field_names[S3_FIELDS] = {
	"Code",
	"Message",
	"Region",
	"Endpoint",
	"Key",
	"Size",
	"ETag",
	"Prefix",
	"EncodingType",
	"IsTruncated",
	"ContinuationToken",
	"NextContinuationToken",
	"UploadId",
	"Initiated",
	"PartNumber",
	"NextPartNumberMarker",
};

/* Where the parser stands. */
struct reading {
	struct s3_xml *xml;
	unsigned depth;           /* of the element that is open: 1 is the root */
	struct s3_record *record; /* that is open; NULL: none */
	char **value;             /* that text goes to; NULL: it is dropped */
	GString *text;            /* of that value, so far */
};

static void free_record(gpointer data)
{
	struct s3_record *record = data;
	g_free(record->name);
	for (int i = 0; i < S3_FIELDS; i++)
		g_free(record->values[i]);
	g_free(record);
}

/* A name without its namespace. */
static const char *local_name(const char *name)
{
	const char *colon = strchr(name, ':');
	return colon ? colon + 1 : name;
}

/* Where the text of an element with this name goes in a record; NULL: nowhere. The first of several counts. */
static char **find_value(struct s3_record *record, const char *name)
{
	for (int i = 0; i < S3_FIELDS; i++)
		if (strcmp(field_names[i], name) == 0)
			return record->values[i] ? NULL : &record->values[i];
	return NULL;
}

/* An element two levels down is a value or, if another one opens in it, a record. */
static void open_record(struct reading *reading, const char *parent)
{
	struct s3_record *record = g_new0(struct s3_record, 1);
	record->name = g_strdup(local_name(parent));
	g_ptr_array_add(reading->xml->records, record);
	reading->record = record;
}

static void on_start(GMarkupParseContext *context, const char *element, const char **names, const char **values,
		     gpointer user, GError **error)
{
	(void)names;
	(void)values;
	struct reading *reading = user;
	const char *name = local_name(element);
	reading->depth++;
	reading->value = NULL;
	g_string_truncate(reading->text, 0);
	if (reading->depth > DEPTH_MAX || reading->xml->records->len > RECORDS_MAX) {
		error_set(error, ERROR_UNSAFE, "the server's reply is nested too deeply or too long");
	} else if (reading->depth == 1 && reading->xml->root.name) {
		error_set(error, ERROR_CORRUPT, "the server's reply has more than one root");
	} else if (reading->depth == 1) {
		reading->xml->root.name = g_strdup(name);
	} else if (reading->depth == 2) {
		reading->record = NULL;
		reading->value = find_value(&reading->xml->root, name);
	} else if (reading->depth == 3) {
		if (!reading->record)
			open_record(reading, g_markup_parse_context_get_element_stack(context)->next->data);
		reading->value = find_value(reading->record, name);
	}
}

static void on_text(GMarkupParseContext *context, const char *text, gsize length, gpointer user, GError **error)
{
	(void)context;
	struct reading *reading = user;
	if (!reading->value)
		return;
	if (length > VALUE_MAX - MIN(reading->text->len, VALUE_MAX))
		error_set(error, ERROR_UNSAFE, "the server's reply has an element that is too long");
	else
		g_string_append_len(reading->text, text, (gssize)length);
}

static void on_end(GMarkupParseContext *context, const char *element, gpointer user, GError **error)
{
	(void)context;
	(void)element;
	(void)error;
	struct reading *reading = user;
	if (reading->value)
		*reading->value = g_strndup(reading->text->str, reading->text->len);
	reading->value = NULL;
	reading->depth--;
}

static const GMarkupParser parser = {.start_element = on_start, .end_element = on_end, .text = on_text};

struct s3_xml *s3_xml_parse(const char *text, size_t length, GError **error)
{
	g_autoptr(GError) why = NULL;
	autoptr(s3_xml) xml = g_new0(struct s3_xml, 1);
	xml->records = g_ptr_array_new_with_free_func(free_record);
	g_autoptr(GString) value = g_string_new(NULL);
	struct reading reading = {.xml = xml, .text = value};
	g_autoptr(GMarkupParseContext) context =
		g_markup_parse_context_new(&parser, G_MARKUP_TREAT_CDATA_AS_TEXT, &reading, NULL);
	/* GMarkup lets NUL pass, which would cut values short. */
	if (!memchr(text, '\0', length) && g_markup_parse_context_parse(context, text, (gssize)length, &why) &&
	    g_markup_parse_context_end_parse(context, &why))
		return g_steal_pointer(&xml);
	if (error_is(why, ERROR_UNSAFE))
		g_propagate_error(error, g_steal_pointer(&why));
	else
		error_set(error, ERROR_CORRUPT, "the server's reply is not XML as S3 has it");
	return NULL;
}

void s3_xml_free(struct s3_xml *xml)
{
	if (!xml)
		return;
	g_free(xml->root.name);
	for (int i = 0; i < S3_FIELDS; i++)
		g_free(xml->root.values[i]);
	g_ptr_array_unref(xml->records);
	g_free(xml);
}

bool s3_xml_is(const struct s3_xml *xml, const char *root)
{
	return g_strcmp0(xml->root.name, root) == 0;
}

const char *s3_xml_get(const struct s3_xml *xml, enum s3_field field)
{
	return xml->root.values[field] ? xml->root.values[field] : "";
}

bool s3_record_number(const struct s3_record *record, enum s3_field field, uint64_t *number)
{
	const char *text = record->values[field];
	guint64 value;
	if (!text || !g_ascii_string_to_unsigned(text, 10, 0, G_MAXINT64, &value, NULL))
		return false;
	*number = value;
	return true;
}

char *s3_xml_decode(const struct s3_xml *xml, const char *text)
{
	if (strcmp(s3_xml_get(xml, S3_ENCODING), "url") != 0)
		return g_strdup(text);
	g_autofree char *spaced = g_strdelimit(g_strdup(text), "+", ' ');
	GString *out = g_string_sized_new(strlen(spaced));
	for (const char *p = spaced; *p; p++) {
		int byte = (unsigned char)*p;
		if (*p == '%') {
			byte = g_ascii_isxdigit(p[1]) && g_ascii_isxdigit(p[2])
				       ? g_ascii_xdigit_value(p[1]) * 16 + g_ascii_xdigit_value(p[2])
				       : 0;
			p += byte ? 2 : 0;
		}
		if (!byte) {
			g_string_free(out, TRUE);
			return NULL;
		}
		g_string_append_c(out, (char)byte);
	}
	return g_string_free(out, FALSE);
}

void s3_xml_escape(GString *out, const char *text)
{
	for (; *text; text++) {
		if (strchr("<>&\"'", *text) || (unsigned char)*text < ' ')
			g_string_append_printf(out, "&#%d;", *text);
		else
			g_string_append_c(out, *text);
	}
}

bool s3_xml_can_hold(const char *text)
{
	if (!g_utf8_validate(text, -1, NULL))
		return false;
	for (; *text; text++)
		if ((unsigned char)*text < ' ' && !strchr("\t\n\r", *text))
			return false;
	return true;
}
