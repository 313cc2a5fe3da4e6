#include "../tap.h"
#include "backend/s3/s3-xml.h"
#include "base/error.h"

#include <string.h>

static struct s3_xml *parse(const char *text)
{
	g_autoptr(GError) error = NULL;
	struct s3_xml *xml = s3_xml_parse(text, strlen(text), &error);
	g_assert_no_error(error);
	return xml;
}

static void check_refused(const char *text, size_t length, enum error_code code)
{
	g_autoptr(GError) error = NULL;
	autoptr(s3_xml) xml = s3_xml_parse(text, length, &error);
	g_assert_null(xml);
	g_assert_error(error, MLV_ERROR, (int)code);
}

static void reads_errors(void)
{
	autoptr(s3_xml) xml = parse("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>AccessDenied</Code>"
				    "<Message></Message><Region>eu-x</Region><HostId>h</HostId></Error>");
	g_assert_true(s3_xml_is(xml, "Error"));
	g_assert_cmpstr(s3_xml_get(xml, S3_CODE), ==, "AccessDenied");
	g_assert_cmpstr(s3_xml_get(xml, S3_MESSAGE), ==, "");
	g_assert_cmpstr(s3_xml_get(xml, S3_REGION), ==, "eu-x");
	g_assert_cmpstr(s3_xml_get(xml, S3_KEY), ==, "");
}

static void reads_records(void)
{
	autoptr(s3_xml) xml =
		parse("<a:ListBucketResult xmlns:a='x'><a:Contents><a:Key>a&amp;b&#10;</a:Key><Owner><ID>1</ID></Owner>"
		      "<Size>5</Size></a:Contents><IsTruncated>true</IsTruncated><Contents>"
		      "<Key><![CDATA[<x>]]></Key><Size>-1</Size></Contents></a:ListBucketResult>");
	uint64_t size;
	g_assert_true(s3_xml_is(xml, "ListBucketResult"));
	g_assert_cmpstr(s3_xml_get(xml, S3_TRUNCATED), ==, "true");
	g_assert_cmpuint(xml->records->len, ==, 2);
	const struct s3_record *first = xml->records->pdata[0], *second = xml->records->pdata[1];
	g_assert_cmpstr(first->name, ==, "Contents");
	g_assert_cmpstr(first->values[S3_KEY], ==, "a&b\n");
	g_assert_true(s3_record_number(first, S3_SIZE, &size));
	g_assert_cmpuint(size, ==, 5);
	g_assert_cmpstr(second->values[S3_KEY], ==, "<x>");
	g_assert_false(s3_record_number(second, S3_SIZE, &size));
	g_assert_false(s3_record_number(second, S3_PART_NUMBER, &size));
}

static void check_decoded(const char *encoding, const char *text, const char *expected)
{
	g_autofree char *document = g_strdup_printf("<R><EncodingType>%s</EncodingType></R>", encoding);
	autoptr(s3_xml) xml = parse(document);
	g_autofree char *decoded = s3_xml_decode(xml, text);
	g_assert_cmpstr(decoded, ==, expected);
}

static void decodes_keys(void)
{
	check_decoded("", "a+b%20", "a+b%20");
	check_decoded("url", "a+b%20%2B%e2%82%AC%01", "a b +\xe2\x82\xac\x01");
	check_decoded("url", "%00", NULL);
	check_decoded("url", "a%", NULL);
	check_decoded("url", "a%4", NULL);
	check_decoded("url", "%zz", NULL);
}

static void refuses_what_is_not_xml(void)
{
	check_refused("", 0, ERROR_CORRUPT);
	check_refused("<a><b></a>", 10, ERROR_CORRUPT);
	check_refused("<a>", 3, ERROR_CORRUPT);
	check_refused("<a/><b/>", 8, ERROR_CORRUPT); /* GMarkup takes that */
	check_refused("<a>\xff</a>", 8, ERROR_CORRUPT);
	check_refused("<a>&#0;</a>", 11, ERROR_CORRUPT);
	check_refused("<a>\0</a>", 8, ERROR_CORRUPT);
	check_refused("502 Bad Gateway", 15, ERROR_CORRUPT);
}

static void bounds_what_it_keeps(void)
{
	g_autoptr(GString) deep = g_string_new(NULL);
	for (int i = 0; i < 100; i++)
		g_string_append(deep, "<a>");
	check_refused(deep->str, deep->len, ERROR_UNSAFE);
	g_autofree char *filler = g_strnfill(1 << 20, 'x');
	g_autofree char *long_value = g_strdup_printf("<a><Key>%s</Key></a>", filler);
	check_refused(long_value, strlen(long_value), ERROR_UNSAFE);
	g_autofree char *unasked = g_strdup_printf("<a><Other>%s</Other></a>", filler);
	autoptr(s3_xml) xml = parse(unasked);
	g_assert_cmpuint(xml->records->len, ==, 0);
}

static void escapes(void)
{
	g_autoptr(GString) out = g_string_new("<a><Key>");
	const char *key = "a<b>&\"'\n\xc3\xa4";
	s3_xml_escape(out, key);
	g_string_append(out, "</Key></a>");
	autoptr(s3_xml) xml = parse(out->str);
	g_assert_cmpstr(s3_xml_get(xml, S3_KEY), ==, key);
	g_assert_true(s3_xml_can_hold(key));
	g_assert_false(s3_xml_can_hold("\x01"));
	g_assert_false(s3_xml_can_hold("\xff"));
}

int main(int argc, char **argv)
{
	tap_init(argc, argv);
	g_test_add_func("/s3-xml/reads-errors", reads_errors);
	g_test_add_func("/s3-xml/reads-records", reads_records);
	g_test_add_func("/s3-xml/decodes-keys", decodes_keys);
	g_test_add_func("/s3-xml/refuses-what-is-not-xml", refuses_what_is_not_xml);
	g_test_add_func("/s3-xml/bounds-what-it-keeps", bounds_what_it_keeps);
	g_test_add_func("/s3-xml/escapes", escapes);
	return g_test_run();
}
