#include "base/error.h"
#include "base/file-int.h"
#include "base/file.h"
#include "base/hex.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/random.h>

#define RANDOM_BYTES 8

char *file_temp_name(void)
{
	uint8_t random[RANDOM_BYTES];
	char text[2 * RANDOM_BYTES + 1];

	/* So few bytes are never cut short; a signal can only come in while the kernel still gathers randomness. */
	while (getrandom(random, sizeof(random), 0) != (ssize_t)sizeof(random))
		if (errno != EINTR)
			g_error("getrandom: %s", g_strerror(errno));
	hex_encode(text, random, sizeof(random));
	return g_strconcat(FILE_TEMP_PREFIX, text, NULL);
}

int file_create_temp(int dirfd, mode_t mode, char **name)
{
	for (;;) {
		g_autofree char *fresh = file_temp_name();
		int fd = openat(dirfd, fresh, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode);

		if (fd >= 0) {
			*name = g_steal_pointer(&fresh);
			return fd;
		}
		if (errno != EEXIST && errno != EINTR)
			return -errno;
	}
}

int file_make_temp(int dirfd, char **name, GError **error)
{
	int fd = file_create_temp(dirfd, 0600, name);

	if (fd >= 0)
		return fd;
	error_set_errno(error, -fd, "create a temporary file");
	return -1;
}
