#include "base/error.h"
#include "base/file-int.h"
#include "base/file.h"
#include "base/hex.h"

#include "base/auto.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

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

/* FNV-1a. Two names with one hash in one directory only take turns. */
char *file_temp_name_for(const char *name)
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325);

	for (const unsigned char *p = (const unsigned char *)name; *p; p++)
		hash = (hash ^ *p) * UINT64_C(0x100000001b3);
	return g_strdup_printf(FILE_TEMP_PREFIX "%016" G_GINT64_MODIFIER "x", hash);
}

bool file_is_temp_name(const char *name)
{
	size_t prefix = strlen(FILE_TEMP_PREFIX);

	return strncmp(name, FILE_TEMP_PREFIX, prefix) == 0 && strlen(name) == prefix + 2 * (size_t)RANDOM_BYTES &&
	       strspn(name + prefix, "0123456789abcdef") == 2 * (size_t)RANDOM_BYTES;
}

/* Whether fd can be locked and still is `name`: then nobody else uses that. */
static bool own_temp(int dirfd, const char *name, int fd)
{
	struct stat named, opened;

	return flock(fd, LOCK_EX | LOCK_NB) == 0 && fstatat(dirfd, name, &named, AT_SYMLINK_NOFOLLOW) == 0 &&
	       fstat(fd, &opened) == 0 && named.st_dev == opened.st_dev && named.st_ino == opened.st_ino;
}

bool file_drop_dead(int dirfd, const char *name, bool dry_run)
{
	auto_fd int fd = openat(dirfd, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);

	return fd >= 0 && own_temp(dirfd, name, fd) && (dry_run || unlinkat(dirfd, name, 0) == 0);
}

/* Create `name` and own it. The descriptor, or -1: then another name must do. */
static int claim(int dirfd, const char *name, mode_t mode)
{
	auto_fd int fd = openat(dirfd, name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode);

	if (fd < 0 && errno == EEXIST && file_drop_dead(dirfd, name, false))
		fd = openat(dirfd, name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode);
	/* Not ours: a process that took us for dead has it, or this file system knows no locks. The former removes it. */
	if (fd >= 0 && !own_temp(dirfd, name, fd)) {
		if (errno == ENOLCK || errno == EOPNOTSUPP || errno == ENOSYS)
			unlinkat(dirfd, name, 0);
		return -1;
	}
	return fd_steal(&fd);
}

int file_create_temp_for(int dirfd, const char *base, mode_t mode, char **name)
{
	g_autofree char *own = file_temp_name_for(base);
	int fd = claim(dirfd, own, mode);

	if (fd < 0)
		return file_create_temp(dirfd, mode, name);
	*name = g_steal_pointer(&own);
	return fd;
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
