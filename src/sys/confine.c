#define _GNU_SOURCE
#include "sys/confine.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <seccomp.h>

#include "base/error.h"

/* No call here names a file, a socket or another process. */
static const int calls[] = {
	SCMP_SYS(brk),
	SCMP_SYS(clock_gettime),
	SCMP_SYS(exit),
	SCMP_SYS(exit_group),
	SCMP_SYS(futex),
	SCMP_SYS(getpid),
	SCMP_SYS(getrandom),
	SCMP_SYS(gettid),
	SCMP_SYS(gettimeofday),
	SCMP_SYS(lseek),
	SCMP_SYS(madvise),
	SCMP_SYS(mremap),
	SCMP_SYS(munmap),
	SCMP_SYS(pread64),
	SCMP_SYS(read),
	SCMP_SYS(rt_sigprocmask),
	SCMP_SYS(rt_sigreturn),
	SCMP_SYS(write),
};

struct confine {
	struct sock_fprog program;
	struct sock_filter filter[];
};

static int
fill_filter(scmp_filter_ctx filter)
{
	static const int memory[] = { SCMP_SYS(mmap), SCMP_SYS(mprotect) };

	/*
	 * A tree, not a chain: the kernel walks it for every call that there
	 * is when a copy enters, to know which need no further look.
	 */
	if (seccomp_attr_set(filter, SCMP_FLTATR_CTL_OPTIMIZE, 2) < 0)
		return -1;
	for (size_t i = 0; i < ARRAY_LEN(calls); i++)
		if (seccomp_rule_add(filter, SCMP_ACT_ALLOW, calls[i], 0) < 0)
			return -1;
	/* Memory is never made executable. */
	for (size_t i = 0; i < ARRAY_LEN(memory); i++)
		if (seccomp_rule_add(filter, SCMP_ACT_ALLOW, memory[i], 1,
			SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0)) < 0)
			return -1;
	return 0;
}

/* The compiled list, read back from where libseccomp wrote it. */
static int
load(int fd, struct confine **ret_confine, struct error *err)
{
	struct confine *confine;
	struct stat st;
	size_t len;

	if (fstat(fd, &st) < 0)
		return error_set_errno(err, "reading the system call list");
	len = (size_t)st.st_size;
	confine = malloc(sizeof(*confine) + len);
	if (confine == NULL)
		return error_set_memory(err);
	if (pread(fd, confine->filter, len, 0) != (ssize_t)len) {
		free(confine);
		return error_set(err, ERROR_SYSTEM,
		    "reading the system call list");
	}
	confine->program.len =
	    (unsigned short)(len / sizeof(confine->filter[0]));
	confine->program.filter = confine->filter;
	*ret_confine = confine;
	return 0;
}

int
confine_new(struct confine **ret_confine, struct error *err)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(EPERM));
	int fd = memfd_create("confine", MFD_CLOEXEC);
	int rc = -1;

	if (filter == NULL || fd < 0)
		error_set_memory(err);
	else if (fill_filter(filter) < 0 || seccomp_export_bpf(filter, fd) < 0)
		error_set(err, ERROR_SYSTEM, "building the system call list");
	else
		rc = load(fd, ret_confine, err);
	if (filter != NULL)
		seccomp_release(filter);
	if (fd >= 0)
		close(fd);
	return rc;
}

void
confine_free(struct confine *confine)
{
	free(confine);
}

int
confine_enter(const struct confine *confine, struct error *err)
{
	/*
	 * Inside the sandbox, where prctl() fails, this is set already; if it
	 * is not, the next call tells.
	 */
	(void)prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0,
		&confine->program) < 0)
		return error_set_errno(err, "closing the system call list");
	return 0;
}
