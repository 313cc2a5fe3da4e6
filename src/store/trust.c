/*
 * Which objects are believed without hashing, and what happens to the others.
 *
 * Trust is a cheap sign that nobody wrote to the object since it was hashed. Mode 0444 is DVC's sign; it does not notice root or a
 * tool that changes the mode and back. The mark does: any write sets the modification time to now, which has a fraction of a
 * second.
 */
#include "base/error.h"
#include "base/file.h"
#include "base/trace.h"
#include "hash/digest.h"
#include "store/store-int.h"
#include "store/trash.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#define SECOND INT64_C(1000000000)

bool store_trusts(const struct store *store, const struct stamp *stamp, uint64_t size)
{
	return S_ISREG(stamp->mode) && (stamp->mode & 07777) == 0444 && (size == STORE_ANY_SIZE || size == stamp->size) &&
	       (!store->options.marks || stamp->mtime_ns % SECOND == 0);
}

bool store_seal(const struct store *store, int fd)
{
	struct timespec times[2] = {{.tv_nsec = UTIME_OMIT}, {.tv_nsec = 0}};
	struct stat st;

	if (fstat(fd, &st) < 0 || ((st.st_mode & 07777) != 0444 && fchmod(fd, 0444) < 0))
		return false;
	times[1].tv_sec = st.st_mtim.tv_sec;
	return !store->options.marks || st.st_mtim.tv_nsec == 0 || futimens(fd, times) == 0;
}

/* There is no such object. Always false. */
static bool fail_absent(const struct oid *oid, GError **error)
{
	char text[OID_TEXT_MAX];

	error_set(error, ERROR_NOT_FOUND, "object %s is not in the store", oid_text(oid, text));
	return false;
}

/* Open the object without following a link and without hanging on a fifo; -1 with an error. */
static int open_object(const struct store *store, const struct oid *oid, struct stamp *stamp, GError **error)
{
	char name[STORE_NAME_MAX];
	auto_fd int fd = openat(store->fd, store_name(oid, name), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	struct stat st;

	if (fd < 0 && errno == ENOENT) {
		fail_absent(oid, error);
		return -1;
	}
	if ((fd < 0 && errno != ELOOP) || (fd >= 0 && fstat(fd, &st) < 0)) {
		store_fail(store, errno, "open", name, error);
		return -1;
	}
	if (fd < 0 || !S_ISREG(st.st_mode)) {
		error_set(error, ERROR_UNSAFE, "open '%s/%s': it is not a regular file", store->root, name);
		return -1;
	}
	*stamp = stamp_of(&st);
	return fd_steal(&fd);
}

/*
 * The object's bytes have another hash. They stay where they are until right ones take the name: a link in the workspace may lead
 * to them, and they be what somebody wrote through it. Always false.
 */
static bool refuse(const struct oid *oid, GError **error)
{
	char text[OID_TEXT_MAX];

	error_set(error, ERROR_CORRUPT, "object %s was changed in the store", oid_text(oid, text));
	error_hint(error, "git mlv fetch");
	return false;
}

bool store_make_way(struct store *store, const struct oid *oid, GError **error)
{
	char name[STORE_NAME_MAX];
	struct stamp stamp;
	struct stat st;

	if (fstatat(store->fd, store_name(oid, name), &st, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT || store_fail(store, errno, "stat", name, error);
	stamp = stamp_of(&st);
	if (!trash_set_aside(store, name, &stamp, error))
		return false;
	__atomic_fetch_add(&store->set_aside, 1, __ATOMIC_RELAXED);
	return true;
}

/* After hashing: is it the id, and did nobody write meanwhile? Seal it if so. */
static bool judge(struct store *store, const struct oid *oid, const struct oid *got, int fd, const struct stamp *before)
{
	struct stat st;
	struct stamp after;

	if (got->algo != store_algo(oid) || memcmp(got->digest, oid->digest, sizeof(oid->digest)) != 0)
		return false;
	if (fstat(fd, &st) < 0)
		return true;
	after = stamp_of(&st);
	/* One of another user cannot be sealed by us: it stays right, and costs a hash each time. */
	if (stamp_same(before, &after) && !store_trusts(store, &after, STORE_ANY_SIZE) && !store_seal(store, fd))
		trace("store", "cannot seal an object: %s", g_strerror(errno));
	return true;
}

bool store_check(struct store *store, const struct oid *oid, int fd, GError **error)
{
	char name[STORE_NAME_MAX];
	struct stat st;
	struct stamp before;
	struct oid got;

	if (fstat(fd, &st) < 0)
		return store_fail(store, errno, "stat", store_name(oid, name), error);
	before = stamp_of(&st);
	if (!digest_fd(fd, store_algo(oid), &got, NULL, error)) {
		g_prefix_error(error, "read '%s/%s': ", store->root, store_name(oid, name));
		return false;
	}
	return judge(store, oid, &got, fd, &before) || refuse(oid, error);
}

int store_open_sized(struct store *store, const struct oid *oid, uint64_t size, struct stamp *stamp, GError **error)
{
	auto_fd int fd = open_object(store, oid, stamp, error);
	struct stat st;

	if (fd < 0 || store_trusts(store, stamp, size))
		return fd_steal(&fd);
	if (!store_check(store, oid, fd, error))
		return -1;
	if (lseek(fd, 0, SEEK_SET) < 0 || fstat(fd, &st) < 0) {
		error_set_errno(error, errno, "read an object of '%s'", store->root);
		return -1;
	}
	*stamp = stamp_of(&st);
	return fd_steal(&fd);
}

int store_open_object(struct store *store, const struct oid *oid, struct stamp *stamp, GError **error)
{
	struct stamp own;

	return store_open_sized(store, oid, STORE_ANY_SIZE, stamp ? stamp : &own, error);
}

bool store_find(struct store *store, const struct oid *oid, uint64_t size, struct stamp *stamp, GError **error)
{
	char name[STORE_NAME_MAX];
	auto_fd int fd = -1;
	struct stat st;

	/* Without opening it, most of the time. */
	if (fstatat(store->fd, store_name(oid, name), &st, AT_SYMLINK_NOFOLLOW) == 0) {
		*stamp = stamp_of(&st);
		if (store_trusts(store, stamp, size))
			return true;
	} else if (errno == ENOENT) {
		return fail_absent(oid, error);
	}
	fd = store_open_sized(store, oid, size, stamp, error);
	return fd >= 0;
}

bool store_has(struct store *store, const struct oid *oid, uint64_t size)
{
	bool traced = trace_on();
	g_autoptr(GError) error = NULL;
	struct stamp stamp;
	bool found = store_find(store, oid, size, &stamp, traced ? &error : NULL);

	/* This is asked for each new file, so an error that nobody reads is not made. */
	if (error && !error_is(error, ERROR_NOT_FOUND))
		trace("store", "%s", error->message);
	return found;
}

bool store_verify(struct store *store, const struct oid *oid, GError **error)
{
	struct stamp stamp;
	auto_fd int fd = open_object(store, oid, &stamp, error);

	return fd >= 0 && store_check(store, oid, fd, error);
}

/* Read exactly stamp->size bytes. New buffer with a NUL behind, or NULL. */
static char *read_all(int fd, size_t size)
{
	g_autofree char *data = g_malloc(size + 1);
	size_t got = 0;

	while (got < size) {
		ssize_t n = read(fd, data + got, size - got);

		if (n < 0 && errno == EINTR)
			continue;
		if (n == 0)
			errno = EIO;
		if (n <= 0)
			return NULL;
		got += (size_t)n;
	}
	data[size] = '\0';
	return g_steal_pointer(&data);
}

bool store_read(struct store *store, const struct oid *oid, size_t limit, char **data, size_t *length, GError **error)
{
	char name[STORE_NAME_MAX], id[OID_TEXT_MAX];
	struct stamp stamp;
	auto_fd int fd = open_object(store, oid, &stamp, error);
	g_autofree char *bytes = NULL;
	struct oid got;

	*data = NULL;
	if (fd < 0)
		return false;
	if (stamp.size > limit) {
		error_set(error, ERROR_UNSAFE, "object %s has more than %zu bytes", oid_text(oid, id), limit);
		return false;
	}
	bytes = read_all(fd, (size_t)stamp.size);
	if (!bytes)
		return store_fail(store, errno, "read", store_name(oid, name), error);
	digest_bytes(bytes, (size_t)stamp.size, store_algo(oid), &got);
	if (!judge(store, oid, &got, fd, &stamp))
		return refuse(oid, error);
	*data = g_steal_pointer(&bytes);
	if (length)
		*length = (size_t)stamp.size;
	return true;
}
