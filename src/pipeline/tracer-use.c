#include "pipeline/tracer-int.h"

#include "base/path.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

/* Read so much of another process at a time: a string must not be asked for beyond its page. */
#define PIECE 4096

/* A call that has begun. */
struct pending {
	enum call_kind kind;
	char *path, *to; /* absolute and normal, as named */
	int flags;       /* of CALL_OPEN */
};

struct tracer {
	char *root;
	struct trace_report *report;
	GHashTable *pending; /* tid -> struct pending, owned */
};

static void pending_free(void *data)
{
	struct pending *pending = data;

	g_free(pending->path);
	g_free(pending->to);
	g_free(pending);
}

struct tracer *tracer_new(const char *root)
{
	struct tracer *tracer = g_new(struct tracer, 1);

	tracer->root = g_strdup(root);
	tracer->report = trace_report_new();
	tracer->pending = g_hash_table_new_full(NULL, NULL, NULL, pending_free);
	return tracer;
}

/* Copy bytes out of another process; how many of them could be had. */
static size_t peek(pid_t tid, uint64_t address, void *buffer, size_t length)
{
	struct iovec local = {.iov_base = buffer, .iov_len = length};
	struct iovec remote = {.iov_base = (void *)(uintptr_t)address, .iov_len = length};
	ssize_t n = process_vm_readv(tid, &local, 1, &remote, 1, 0);

	return n > 0 ? (size_t)n : 0;
}

/* The string at that address of another process; NULL if there is none, or none that can be a path. */
static char *peek_string(pid_t tid, uint64_t address)
{
	char buffer[PATH_MAX];
	size_t have = 0;

	while (have < sizeof(buffer)) {
		size_t piece = MIN(PIECE - (address + have) % PIECE, sizeof(buffer) - have);
		size_t got = peek(tid, address + have, buffer + have, piece);

		if (memchr(buffer + have, '\0', got))
			return g_strdup(buffer);
		if (got < piece)
			return NULL;
		have += got;
	}
	return NULL;
}

/* What /proc/<tid>/<name> leads to; NULL if to nothing that has a path. */
static char *follow(pid_t tid, const char *name)
{
	g_autofree char *link = g_strdup_printf("/proc/%d/%s", (int)tid, name);
	char target[PATH_MAX];
	ssize_t n = readlink(link, target, sizeof(target));

	return n > 0 && (size_t)n < sizeof(target) && *target == '/' ? g_strndup(target, (gsize)n) : NULL;
}

static char *follow_fd(pid_t tid, int fd)
{
	g_autofree char *name = fd == AT_FDCWD ? g_strdup("cwd") : g_strdup_printf("fd/%d", fd);

	return follow(tid, name);
}

/* The path that the arguments `dir` and `path` of a call name: absolute, normal by its text. NULL if it cannot be told. */
static char *named(pid_t tid, const uint64_t *args, int dir, int path)
{
	g_autofree char *text = path >= 0 ? peek_string(tid, args[path]) : NULL, *base = NULL, *whole = NULL;

	if (!text)
		return NULL;
	if (*text == '/')
		return path_normal(text);
	base = follow_fd(tid, dir < 0 ? AT_FDCWD : (int)args[dir]);
	if (!base)
		return NULL;
	whole = path_join(base, text);
	return path_normal(whole);
}

/* Where an absolute path is in the project; NULL if it is outside (or NULL). */
static const char *inside(const struct tracer *tracer, const char *path)
{
	return path ? path_below(path, tracer->root) : NULL;
}

/* The folder of `path` without links, with its last name; NULL if there is no such folder. */
static char *resolve_parent(const char *path)
{
	g_autofree char *parent = path_parent(path);
	char *real = realpath(parent, NULL), *whole;

	if (!real)
		return NULL;
	whole = path_join(real, path_base(path));
	free(real);
	return whole;
}

/* What a report calls the path that was named and resolves to `real` (NULL: not known): *also is its other name or NULL. */
static const char *naming(const struct tracer *tracer, const char *path, const char *real, const char **also)
{
	const char *first = inside(tracer, path), *second = inside(tracer, real);

	*also = first ? second : NULL;
	return first ? first : second;
}

static void note_use(struct tracer *tracer, const char *path, const char *real, unsigned use)
{
	const char *also, *name = naming(tracer, path, real, &also);

	if (name && (use & TRACE_READ))
		trace_report_read(tracer->report, name, also);
	if (name && (use & TRACE_WROTE))
		trace_report_wrote(tracer->report, name, also);
}

/* Libraries and the like are most of what programs open: whether a path is theirs, by its name. */
static bool is_system(const struct tracer *tracer, const char *path)
{
	static const char *const dirs[] = {"/usr", "/lib", "/lib64", "/etc", "/dev", "/sys"};

	for (size_t i = 0; path && i < G_N_ELEMENTS(dirs); i++)
		if (path_is_inside(path, dirs[i]))
			return !path_is_inside(tracer->root, dirs[i]);
	return false;
}

static void list(struct tracer *tracer, pid_t tid, int fd)
{
	g_autofree char *real = follow_fd(tid, fd);
	const char *name = inside(tracer, real);

	if (name)
		trace_report_listed(tracer->report, name);
}

/* The flags of an openat2(), at the head of its struct. */
static int peek_flags(pid_t tid, uint64_t address)
{
	uint64_t flags = 0;

	return peek(tid, address, &flags, sizeof(flags)) == sizeof(flags) ? (int)flags : O_RDONLY;
}

/*
 * Settle a plain open for reading before it is made, which saves half of the stops. What is not there for us - it need not be
 * there at all, or the command sees another root - is to be settled by how the call ends. Whether it is settled.
 */
static bool reads(struct tracer *tracer, const struct pending *pending)
{
	struct stat st;
	char *real;

	if (!pending->path || stat(pending->path, &st) < 0)
		return false;
	real = S_ISREG(st.st_mode) ? realpath(pending->path, NULL) : NULL;
	if (real)
		note_use(tracer, pending->path, real, TRACE_READ);
	free(real);
	return true;
}

/* Whether the end of an open matters. */
static bool opens(struct tracer *tracer, const struct pending *pending)
{
	if ((pending->flags & O_PATH) || is_system(tracer, pending->path))
		return false;
	if ((pending->flags & (O_ACCMODE | O_CREAT | O_TRUNC)) == O_RDONLY)
		return !reads(tracer, pending);
	return true;
}

/* Remember what the call is about. Whether its end matters. */
static bool begin(struct tracer *tracer, pid_t tid, const struct call *call, const uint64_t *args)
{
	struct pending *pending = g_new0(struct pending, 1);

	g_hash_table_insert(tracer->pending, GINT_TO_POINTER(tid), pending);
	pending->kind = call->kind == CALL_OPEN2 ? CALL_OPEN : call->kind;
	pending->path = named(tid, args, call->dir, call->path);
	if (call->to_path >= 0)
		pending->to = named(tid, args, call->to_dir, call->to_path);
	if (call->kind == CALL_OPEN)
		pending->flags = (int)args[call->flags];
	else if (call->kind == CALL_OPEN2)
		pending->flags = peek_flags(tid, args[call->flags]);
	if (pending->kind == CALL_EXEC)
		return false; /* tracer_executed() tells */
	return pending->kind != CALL_OPEN || opens(tracer, pending);
}

bool tracer_enter(struct tracer *tracer, pid_t tid, size_t index, const uint64_t *args)
{
	size_t count;
	const struct call *call = tracer_calls(&count);

	if (index >= count)
		return false;
	call += index;
	if (call->kind == CALL_URING) {
		trace_report_note(tracer->report, "it used io_uring, which cannot be watched");
		return false;
	}
	if (call->kind == CALL_LIST) {
		list(tracer, tid, (int)args[call->dir]);
		return false;
	}
	return begin(tracer, tid, call, args);
}

/* What an open file is used for. One that is open both ways and empty was made just now. */
static unsigned use_of(int flags, const struct stat *st)
{
	int access = flags & O_ACCMODE;

	if (access == O_WRONLY)
		return TRACE_WROTE;
	if (access == O_RDONLY)
		return flags & O_TRUNC ? TRACE_READ | TRACE_WROTE : TRACE_READ;
	return st->st_size == 0 ? TRACE_WROTE : TRACE_READ | TRACE_WROTE;
}

static void opened(struct tracer *tracer, pid_t tid, const struct pending *pending, int fd)
{
	g_autofree char *link = g_strdup_printf("/proc/%d/fd/%d", (int)tid, fd), *real = NULL;
	struct stat st;

	/* Folders count when they are listed; a file without a name is nobody's input. */
	if (stat(link, &st) < 0 || !S_ISREG(st.st_mode) || st.st_nlink == 0)
		return;
	real = follow_fd(tid, fd);
	note_use(tracer, pending->path, real, use_of(pending->flags, &st));
}

static void renamed(struct tracer *tracer, const struct pending *pending)
{
	g_autofree char *real_from = pending->path ? resolve_parent(pending->path) : NULL;
	g_autofree char *real_to = pending->to ? resolve_parent(pending->to) : NULL;
	const char *also, *from = naming(tracer, pending->path, real_from, &also);
	const char *to = naming(tracer, pending->to, real_to, &also);

	if (from || to)
		trace_report_renamed(tracer->report, from, to);
}

void tracer_leave(struct tracer *tracer, pid_t tid, int64_t result, bool failed)
{
	const struct pending *pending = g_hash_table_lookup(tracer->pending, GINT_TO_POINTER(tid));
	g_autofree char *real = NULL;

	if (pending && !failed && pending->kind == CALL_OPEN) {
		opened(tracer, tid, pending, (int)result);
	} else if (pending && !failed && pending->kind == CALL_RENAME) {
		renamed(tracer, pending);
	} else if (pending && !failed && pending->kind == CALL_LINK) {
		/* A second name shares what is written later, by either. */
		note_use(tracer, pending->path, NULL, TRACE_READ);
		real = pending->to ? resolve_parent(pending->to) : NULL;
		note_use(tracer, pending->to, real, TRACE_WROTE);
	} else if (pending && !failed && pending->path) {
		real = resolve_parent(pending->path);
		note_use(tracer, pending->path, real, TRACE_WROTE);
	}
	tracer_gone(tracer, tid);
}

/* Calls of a program of another word size have other numbers, which the filter lets pass. */
static void check_program(struct tracer *tracer, pid_t tid, const char *program)
{
	g_autofree char *link = g_strdup_printf("/proc/%d/exe", (int)tid), *text = NULL;
	auto_fd int fd = open(link, O_RDONLY | O_CLOEXEC);
	unsigned char ident[EI_NIDENT];
	int own = sizeof(void *) == 8 ? ELFCLASS64 : ELFCLASS32;

	if (fd < 0 || read(fd, ident, sizeof(ident)) != (ssize_t)sizeof(ident) || ident[EI_CLASS] == own)
		return;
	text = g_strdup_printf("'%s' is a program of another word size, which cannot be watched", program);
	trace_report_note(tracer->report, text);
}

void tracer_executed(struct tracer *tracer, pid_t tid, pid_t former)
{
	const struct pending *pending = g_hash_table_lookup(tracer->pending, GINT_TO_POINTER(former));
	g_autofree char *program = follow(tid, "exe");

	if (pending && pending->kind == CALL_EXEC && pending->path) {
		char *real = realpath(pending->path, NULL);

		note_use(tracer, pending->path, real, TRACE_READ);
		free(real);
	}
	/* A script's interpreter may lie in the project, too. */
	note_use(tracer, program, program, TRACE_READ);
	check_program(tracer, tid, program ? program : "a program");
	tracer_gone(tracer, former);
}

void tracer_gone(struct tracer *tracer, pid_t tid)
{
	g_hash_table_remove(tracer->pending, GINT_TO_POINTER(tid));
}

const struct trace_report *tracer_report(const struct tracer *tracer)
{
	return tracer->report;
}
