#include "remote/transfer.h"

#include "base/error.h"

#include <errno.h>
#include <fcntl.h>

struct transfer *transfer_new(enum transfer_kind kind, const char *key)
{
	struct transfer *transfer = g_new0(struct transfer, 1);
	transfer->kind = kind;
	transfer->key = g_strdup(key);
	transfer->size = TRANSFER_ANY_SIZE;
	return transfer;
}

void transfer_found(struct transfer *transfer, const char *key, uint64_t size)
{
	size_t room = strlen(key) + 1;
	struct transfer_item *item = g_malloc(sizeof(*item) + room);
	item->size = size;
	memcpy(item->key, key, room);
	if (!transfer->items)
		transfer->items = g_ptr_array_new_with_free_func(g_free);
	g_ptr_array_add(transfer->items, item);
}

static int discard_open(struct transfer *transfer, GError **error)
{
	(void)transfer;
	int fd = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (fd < 0)
		error_set_errno(error, errno, "open '/dev/null'");
	return fd;
}

static bool discard_close(struct transfer *transfer, int fd, bool whole, GError **error)
{
	(void)transfer;
	(void)whole;
	(void)error;
	close(fd);
	return true;
}

const struct transfer_end transfer_discard = {.open = discard_open, .close = discard_close};

void transfer_free(struct transfer *transfer)
{
	if (!transfer)
		return;
	g_free(transfer->key);
	g_free(transfer->to);
	g_free(transfer->mark);
	if (transfer->more)
		g_ptr_array_unref(transfer->more);
	g_clear_error(&transfer->error);
	if (transfer->items)
		g_ptr_array_unref(transfer->items);
	g_free(transfer);
}
