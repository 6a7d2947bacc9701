#define _GNU_SOURCE
#include "sys/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <seccomp.h>

#include "base/error.h"
#include "sys/user.h"

/* Reading, writing, waiting, memory, time: what every role does. */
static const int base_calls[] = {
	SCMP_SYS(brk),
	SCMP_SYS(clock_getres),
	SCMP_SYS(clock_gettime),
	SCMP_SYS(clock_nanosleep),
	SCMP_SYS(close),
	SCMP_SYS(close_range),
	SCMP_SYS(dup),
	SCMP_SYS(epoll_create1),
	SCMP_SYS(epoll_ctl),
	SCMP_SYS(epoll_pwait),
	SCMP_SYS(epoll_wait),
	SCMP_SYS(eventfd2),
	SCMP_SYS(exit),
	SCMP_SYS(exit_group),
	SCMP_SYS(fallocate),
	SCMP_SYS(fcntl),
	SCMP_SYS(fstat),
	SCMP_SYS(ftruncate),
	SCMP_SYS(futex),
	SCMP_SYS(getegid),
	SCMP_SYS(geteuid),
	SCMP_SYS(getgid),
	SCMP_SYS(getpid),
	SCMP_SYS(getppid),
	SCMP_SYS(getrandom),
	SCMP_SYS(getrusage),
	SCMP_SYS(getsockname),
	SCMP_SYS(getpeername),
	SCMP_SYS(getsockopt),
	SCMP_SYS(gettid),
	SCMP_SYS(gettimeofday),
	SCMP_SYS(getuid),
	SCMP_SYS(lseek),
	SCMP_SYS(madvise),
	SCMP_SYS(membarrier),
	SCMP_SYS(memfd_create),
	SCMP_SYS(mremap),
	SCMP_SYS(munmap),
	SCMP_SYS(nanosleep),
	SCMP_SYS(newfstatat),
	SCMP_SYS(poll),
	SCMP_SYS(ppoll),
	SCMP_SYS(pread64),
	SCMP_SYS(preadv),
	SCMP_SYS(pwrite64),
	SCMP_SYS(pwritev),
	SCMP_SYS(read),
	SCMP_SYS(readv),
	SCMP_SYS(recvfrom),
	SCMP_SYS(recvmmsg),
	SCMP_SYS(recvmsg),
	SCMP_SYS(restart_syscall),
	SCMP_SYS(rseq),
	SCMP_SYS(rt_sigaction),
	SCMP_SYS(rt_sigprocmask),
	SCMP_SYS(rt_sigreturn),
	SCMP_SYS(sched_getaffinity),
	SCMP_SYS(sched_yield),
	SCMP_SYS(sendmmsg),
	SCMP_SYS(sendmsg),
	SCMP_SYS(sendto),
	SCMP_SYS(set_robust_list),
	SCMP_SYS(setsockopt),
	SCMP_SYS(shutdown),
	SCMP_SYS(sigaltstack),
	SCMP_SYS(sysinfo),
	SCMP_SYS(tgkill),
	SCMP_SYS(timerfd_create),
	SCMP_SYS(timerfd_settime),
	SCMP_SYS(uname),
	SCMP_SYS(write),
	SCMP_SYS(writev),
};

static const int open_calls[] = {
	SCMP_SYS(access),
	SCMP_SYS(faccessat),
	SCMP_SYS(faccessat2),
	SCMP_SYS(fadvise64),
	SCMP_SYS(flock),
	SCMP_SYS(fstatfs),
	SCMP_SYS(getcwd),
	SCMP_SYS(getdents64),
	SCMP_SYS(lstat),
	SCMP_SYS(open),
	SCMP_SYS(openat),
	SCMP_SYS(readlink),
	SCMP_SYS(readlinkat),
	SCMP_SYS(stat),
	SCMP_SYS(statfs),
	SCMP_SYS(statx),
	SCMP_SYS(umask),
};

static const int write_calls[] = {
	SCMP_SYS(chmod),
	SCMP_SYS(copy_file_range),
	SCMP_SYS(fchmod),
	SCMP_SYS(fchmodat),
	SCMP_SYS(fchown),
	SCMP_SYS(fdatasync),
	SCMP_SYS(fsync),
	SCMP_SYS(linkat),
	SCMP_SYS(mkdir),
	SCMP_SYS(mkdirat),
	SCMP_SYS(rename),
	SCMP_SYS(renameat),
	SCMP_SYS(renameat2),
	SCMP_SYS(rmdir),
	SCMP_SYS(sync_file_range),
	SCMP_SYS(unlink),
	SCMP_SYS(unlinkat),
	SCMP_SYS(utimensat),
};

static const int accept_calls[] = {
	SCMP_SYS(accept),
	SCMP_SYS(accept4),
	SCMP_SYS(listen),
};

static const int connect_calls[] = {
	SCMP_SYS(bind),
	SCMP_SYS(connect),
};

/*
 * No flags are looked at: copies of a sandboxed process are as walled in as it
 * is, and starting a program kills.  A second list of system calls can only
 * take away, so a copy may close itself further.
 */
static const int fork_calls[] = {
	SCMP_SYS(clone),
	SCMP_SYS(clone3),
	SCMP_SYS(dup2),
	SCMP_SYS(fork),
	SCMP_SYS(kill),
	SCMP_SYS(pipe2),
	SCMP_SYS(prlimit64),
	SCMP_SYS(seccomp),
	SCMP_SYS(vfork),
	SCMP_SYS(wait4),
	SCMP_SYS(waitid),
};

/* Nobody in a role has an innocent reason for these. */
static const int deadly_calls[] = {
	SCMP_SYS(add_key),
	SCMP_SYS(bpf),
	SCMP_SYS(chroot),
	SCMP_SYS(delete_module),
	SCMP_SYS(execve),
	SCMP_SYS(execveat),
	SCMP_SYS(finit_module),
	SCMP_SYS(init_module),
	SCMP_SYS(kexec_load),
	SCMP_SYS(keyctl),
	SCMP_SYS(mount),
	SCMP_SYS(pivot_root),
	SCMP_SYS(process_vm_readv),
	SCMP_SYS(process_vm_writev),
	SCMP_SYS(ptrace),
	SCMP_SYS(request_key),
	SCMP_SYS(setns),
	SCMP_SYS(umount2),
	SCMP_SYS(unshare),
	SCMP_SYS(userfaultfd),
};

static int
add_calls(scmp_filter_ctx filter, uint32_t action, const int *calls,
    size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (seccomp_rule_add(filter, action, calls[i], 0) < 0)
			return -1;
	return 0;
}

/* Memory may be mapped and protected, but never made executable. */
static int
add_memory_calls(scmp_filter_ctx filter)
{
	static const int calls[] = { SCMP_SYS(mmap), SCMP_SYS(mprotect) };

	for (size_t i = 0; i < ARRAY_LEN(calls); i++)
		if (seccomp_rule_add(filter, SCMP_ACT_ALLOW, calls[i], 1,
			SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0)) < 0)
			return -1;
	return 0;
}

static int
add_socket_calls(scmp_filter_ctx filter)
{
	static const scmp_datum_t families[] = { AF_INET, AF_INET6 };

	for (size_t i = 0; i < ARRAY_LEN(families); i++)
		if (seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(socket),
			1, SCMP_A0(SCMP_CMP_EQ, families[i], 0)) < 0)
			return -1;
	return add_calls(filter, SCMP_ACT_ALLOW, connect_calls,
	    ARRAY_LEN(connect_calls));
}

static int
fill_filter(scmp_filter_ctx filter, const struct sandbox *sandbox)
{
	const uint32_t allow = SCMP_ACT_ALLOW;

	if (add_calls(filter, allow, base_calls, ARRAY_LEN(base_calls)) < 0 ||
	    add_calls(filter, SCMP_ACT_KILL_PROCESS, deadly_calls,
		ARRAY_LEN(deadly_calls)) < 0 ||
	    add_memory_calls(filter) < 0)
		return -1;
	if (sandbox->may_accept &&
	    add_calls(filter, allow, accept_calls, ARRAY_LEN(accept_calls)) < 0)
		return -1;
	if (sandbox->may_connect && add_socket_calls(filter) < 0)
		return -1;
	if (sandbox->may_fork &&
	    add_calls(filter, allow, fork_calls, ARRAY_LEN(fork_calls)) < 0)
		return -1;
	if (sandbox->may_open &&
	    add_calls(filter, allow, open_calls, ARRAY_LEN(open_calls)) < 0)
		return -1;
	if (sandbox->may_write &&
	    add_calls(filter, allow, write_calls, ARRAY_LEN(write_calls)) < 0)
		return -1;
	return 0;
}

static int
enter_seccomp(const struct sandbox *sandbox, struct error *err)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(EPERM));
	int rc = -1;

	if (filter == NULL)
		return error_set_memory(err);
	if (fill_filter(filter, sandbox) < 0)
		error_set(err, ERROR_SYSTEM, "building the system call list");
	else if (seccomp_load(filter) < 0)
		error_set(err, ERROR_SYSTEM, "loading the system call list");
	else
		rc = 0;
	seccomp_release(filter);
	return rc;
}

static const uint64_t folder_reads =
    LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR;
static const uint64_t folder_writes = LANDLOCK_ACCESS_FS_WRITE_FILE |
    LANDLOCK_ACCESS_FS_REMOVE_DIR | LANDLOCK_ACCESS_FS_REMOVE_FILE |
    LANDLOCK_ACCESS_FS_MAKE_DIR | LANDLOCK_ACCESS_FS_MAKE_REG;

static int
allow_folder(int ruleset, const struct sandbox *sandbox, struct error *err)
{
	struct landlock_path_beneath_attr rule = { 0 };
	long rc;

	rule.parent_fd = open(sandbox->folder, O_PATH | O_CLOEXEC);
	if (rule.parent_fd < 0)
		return error_set_errno(err, "opening %s", sandbox->folder);
	rule.allowed_access =
	    folder_reads | (sandbox->may_write ? folder_writes : 0);
	rc = syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH,
	    &rule, 0);
	close(rule.parent_fd);
	if (rc < 0)
		return error_set_errno(err, "walling in %s", sandbox->folder);
	return 0;
}

static int
enter_landlock(const struct sandbox *sandbox, bool *ret_has_landlock,
    struct error *err)
{
	struct landlock_ruleset_attr attr = {
		/* Everything that version 1 of Landlock knows. */
		.handled_access_fs = LANDLOCK_ACCESS_FS_EXECUTE | folder_reads |
		    folder_writes | LANDLOCK_ACCESS_FS_MAKE_CHAR |
		    LANDLOCK_ACCESS_FS_MAKE_SOCK |
		    LANDLOCK_ACCESS_FS_MAKE_FIFO |
		    LANDLOCK_ACCESS_FS_MAKE_BLOCK | LANDLOCK_ACCESS_FS_MAKE_SYM,
	};
	int rc = -1;
	int ruleset =
	    (int)syscall(SYS_landlock_create_ruleset, &attr, sizeof(attr), 0);

	*ret_has_landlock = ruleset >= 0;
	if (ruleset < 0)
		return 0;
	if (sandbox->folder != NULL && allow_folder(ruleset, sandbox, err) < 0)
		goto done;
	if (syscall(SYS_landlock_restrict_self, ruleset, 0) < 0) {
		error_set_errno(err, "entering Landlock");
		goto done;
	}
	rc = 0;
done:
	close(ruleset);
	return rc;
}

int
sandbox_enter(const struct sandbox *sandbox, bool *ret_has_landlock,
    struct error *err)
{
	static const struct rlimit no_core = { 0, 0 };

	if (user_become(sandbox->user, err) < 0)
		return -1;
	if (setrlimit(RLIMIT_CORE, &no_core) < 0 ||
	    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return error_set_errno(err, "giving up privileges");
	if (enter_landlock(sandbox, ret_has_landlock, err) < 0)
		return -1;
	return enter_seccomp(sandbox, err);
}
