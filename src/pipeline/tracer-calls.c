#include "pipeline/tracer-int.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#if defined(__x86_64__)
#define OWN_ARCH AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define OWN_ARCH AUDIT_ARCH_AARCH64
#elif defined(__riscv) && __riscv_xlen == 64
#define OWN_ARCH AUDIT_ARCH_RISCV64
#elif defined(__powerpc64__) && defined(__LITTLE_ENDIAN__)
#define OWN_ARCH AUDIT_ARCH_PPC64LE
#elif defined(__s390x__)
#define OWN_ARCH AUDIT_ARCH_S390X
#else
#define OWN_ARCH 0
#endif

/* stat() and readlink() are no reads: they say that a file is there, as every search along a path does. */
static const struct call calls[] = {
	{.nr = SYS_openat, .kind = CALL_OPEN, .dir = 0, .path = 1, .flags = 2, -1, -1},
	{.nr = SYS_getdents64, .kind = CALL_LIST, .dir = 0, -1, -1, -1, -1},
	{.nr = SYS_execve, .kind = CALL_EXEC, .dir = -1, .path = 0, -1, -1, -1},
	{.nr = SYS_execveat, .kind = CALL_EXEC, .dir = 0, .path = 1, -1, -1, -1},
	{.nr = SYS_openat2, .kind = CALL_OPEN2, .dir = 0, .path = 1, .flags = 2, -1, -1},
	{.nr = SYS_renameat2, .kind = CALL_RENAME, .dir = 0, .path = 1, -1, .to_dir = 2, .to_path = 3},
	{.nr = SYS_linkat, .kind = CALL_LINK, .dir = 0, .path = 1, -1, .to_dir = 2, .to_path = 3},
	{.nr = SYS_symlinkat, .kind = CALL_CREATE, .dir = 1, .path = 2, -1, -1, -1},
	{.nr = SYS_mknodat, .kind = CALL_CREATE, .dir = 0, .path = 1, -1, -1, -1},
	{.nr = SYS_truncate, .kind = CALL_CREATE, .dir = -1, .path = 0, -1, -1, -1},
	{.nr = SYS_io_uring_setup, .kind = CALL_URING, -1, -1, -1, -1, -1},
/* What younger processors do without. */
#ifdef SYS_renameat
	{.nr = SYS_renameat, .kind = CALL_RENAME, .dir = 0, .path = 1, -1, .to_dir = 2, .to_path = 3},
#endif
#ifdef SYS_open
	{.nr = SYS_open, .kind = CALL_OPEN, .dir = -1, .path = 0, .flags = 1, -1, -1},
	{.nr = SYS_creat, .kind = CALL_CREATE, .dir = -1, .path = 0, -1, -1, -1},
	{.nr = SYS_rename, .kind = CALL_RENAME, .dir = -1, .path = 0, -1, .to_dir = -1, .to_path = 1},
	{.nr = SYS_link, .kind = CALL_LINK, .dir = -1, .path = 0, -1, .to_dir = -1, .to_path = 1},
	{.nr = SYS_symlink, .kind = CALL_CREATE, .dir = -1, .path = 1, -1, -1, -1},
	{.nr = SYS_mknod, .kind = CALL_CREATE, .dir = -1, .path = 0, -1, -1, -1},
	{.nr = SYS_getdents, .kind = CALL_LIST, .dir = 0, -1, -1, -1, -1},
#endif
};

#define CALLS G_N_ELEMENTS(calls)

/* Before the calls: load the processor, leave if it is another, load the number. After them: let pass. Two for each call. */
#define HEAD 4
#define FILTER_LENGTH (HEAD + 2 * CALLS + 1)

const struct call *tracer_calls(size_t *count)
{
	*count = CALLS;
	return calls;
}

bool tracer_knows_processor(void)
{
	return OWN_ARCH != 0;
}

static void make_filter(struct sock_filter *filter)
{
	size_t at = 0;

	filter[at++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch));
	filter[at++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, OWN_ARCH, 1, 0);
	filter[at++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	filter[at++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr));
	for (size_t i = 0; i < CALLS; i++) {
		filter[at++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)calls[i].nr, 0, 1);
		filter[at++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRACE | (uint32_t)i);
	}
	filter[at] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
}

int tracer_filter(void)
{
	struct sock_filter filter[FILTER_LENGTH];
	struct sock_fprog program = {.len = FILTER_LENGTH, .filter = filter};
	/* This filter guards nothing, so the processor need not be slowed down for its sake. */
	unsigned flags = SECCOMP_FILTER_FLAG_SPEC_ALLOW;

	make_filter(filter);
	if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &program) == 0)
		return 0;
	/* Who is not root must promise to gain no privileges, which a traced process does not anyway. */
	if (errno != EACCES || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return -1;
	return (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &program);
}
