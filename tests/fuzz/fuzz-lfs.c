/*
 * Answers of a hostile Git LFS server. The first byte chooses the reader. What is accepted must be safe to go by: ids that
 * are ids, addresses of http, headers without line breaks, messages without control characters.
 */
#include "backend/lfs/lfs-batch.h"
#include "fuzz.h"

#include <string.h>

static void check_action(const struct lfs_action *action)
{
	g_assert_true(!action->href || g_ascii_strncasecmp(action->href, "http", 4) == 0);
	g_assert_true(!action->href || !strpbrk(action->href, " \r\n"));
	g_assert_cmpint(action->expires, >=, 0);
	for (guint i = 0; action->headers && i < action->headers->len; i++) {
		const char *header = g_ptr_array_index(action->headers, i);
		g_assert_nonnull(strstr(header, ": "));
		g_assert_null(strpbrk(header, "\r\n"));
	}
}

static void check_batch(const char *text, size_t size)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GPtrArray) objects = lfs_batch_read(text, size, 1700000000, &error);
	g_assert_true(!objects == !!error);
	for (guint i = 0; objects && i < objects->len; i++) {
		const struct lfs_object *object = g_ptr_array_index(objects, i);
		g_assert_cmpuint(strspn(object->oid, "0123456789abcdef"), ==, LFS_OID_LENGTH);
		g_assert_true(!object->message || g_utf8_validate(object->message, -1, NULL));
		check_action(&object->download);
		check_action(&object->upload);
		check_action(&object->verify);
	}
}

static void check_login(const char *text, size_t size)
{
	g_autoptr(GError) error = NULL;
	struct lfs_action action;
	bool fine = lfs_login_read(text, size, 1700000000, &action, &error);
	g_assert_true(fine == !error);
	check_action(&action);
	lfs_action_clear(&action);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size == 0)
		return 0;
	if (data[0] == 'L')
		check_login((const char *)data + 1, size - 1);
	else
		check_batch((const char *)data + 1, size - 1);
	return 0;
}
