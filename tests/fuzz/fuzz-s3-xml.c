/*
 * Replies of an S3 server, as somebody between us and it may send them. What is read must be text, and what is escaped must
 * be read back.
 */
#include "backend/s3/s3-xml.h"
#include "fuzz.h"

#include <string.h>

static void check_record(const struct s3_xml *xml, const struct s3_record *record)
{
	for (int i = 0; i < S3_FIELDS; i++) {
		uint64_t number;
		s3_record_number(record, i, &number);
		if (!record->values[i])
			continue;
		g_assert_true(g_utf8_validate(record->values[i], -1, NULL));
		g_autofree char *decoded = s3_xml_decode(xml, record->values[i]);
		g_assert_true(!decoded || strlen(decoded) <= strlen(record->values[i]));
	}
}

static void check_escape(const char *text)
{
	if (!s3_xml_can_hold(text) || strlen(text) > 1000)
		return;
	g_autoptr(GString) out = g_string_new("<a><Key>");
	s3_xml_escape(out, text);
	g_string_append(out, "</Key></a>");
	autoptr(s3_xml) back = s3_xml_parse(out->str, out->len, NULL);
	g_assert_nonnull(back);
	g_assert_cmpstr(s3_xml_get(back, S3_KEY), ==, text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	g_autoptr(GError) error = NULL;
	autoptr(s3_xml) xml = s3_xml_parse((const char *)data, size, &error);
	g_assert_true(!xml == !!error);
	if (!xml)
		return 0;
	check_record(xml, &xml->root);
	for (guint i = 0; i < xml->records->len; i++)
		check_record(xml, xml->records->pdata[i]);
	check_escape(s3_xml_get(xml, S3_KEY));
	check_escape(s3_xml_get(xml, S3_MESSAGE));
	return 0;
}
