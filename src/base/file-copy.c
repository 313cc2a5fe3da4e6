#include "base/auto.h"
#include "base/cancel.h"
#include "base/error.h"
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

/* Bytes between two looks at the cancel flag: small beside a second, large beside the cost of a call. */
#define RANGE_CHUNK ((size_t)32 << 20)

#define BUFFER_SIZE ((size_t)1 << 20)

/*
 * Copy inside the kernel (or on a server, or by sharing extents) as far as that goes. It stops for any reason: at the
 * end of the file, for kinds of files that cannot do it, and for real errors. What is left, copy_through_buffer()
 * finishes or reports.
 */
static bool copy_ranges(int from, int to, uint64_t *total, GError **error)
{
	for (;;) {
		ssize_t n;

		if (!cancel_check(error))
			return false;
		n = copy_file_range(from, NULL, to, NULL, RANGE_CHUNK, 0);
		if (n > 0)
			*total += (uint64_t)n;
		else if (n == 0 || errno != EINTR)
			return true;
	}
}

static bool copy_through_buffer(int from, int to, char *buffer, uint64_t *total, GError **error)
{
	for (;;) {
		ssize_t n;

		if (!cancel_check(error))
			return false;
		n = read(from, buffer, BUFFER_SIZE);
		if (n == 0)
			return true;
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			error_set_errno(error, errno, "read");
			return false;
		}
		if (!file_write_all(to, buffer, (size_t)n, error))
			return false;
		*total += (uint64_t)n;
	}
}

bool file_copy(int from, int to, uint64_t *copied, GError **error)
{
	g_autofree char *buffer = NULL;
	uint64_t total = 0;
	bool ok = copy_ranges(from, to, &total, error);

	if (ok) {
		/* Where the kernel has copied all, one read() finds the end; untouched pages cost no memory. */
		buffer = g_malloc(BUFFER_SIZE);
		ok = copy_through_buffer(from, to, buffer, &total, error);
	}
	if (copied)
		*copied = total;
	return ok;
}
