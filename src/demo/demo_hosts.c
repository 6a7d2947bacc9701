#include "demo/demo_hosts.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/error.h"
#include "demo/demo_keys.h"

enum { WAIT_MS = 120000, STOP_MS = 60000, POLL_MS = 10, LOG_TAIL = 4096 };

static void
run_child(const char *folder, const char *name, int ready_fd)
{
	char config[DEMO_PATH_SIZE];
	char log[DEMO_PATH_SIZE];
	char number[16];
	char program[] = "yizhan", command[] = "serve", c[] = "-c",
	     ready[] = "--ready-fd";
	char *argv[] = { program, command, c, config, ready, number, NULL };
	sigset_t none;
	int fd;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	snprintf(config, sizeof(config), "%s/%s.conf", folder, name);
	snprintf(log, sizeof(log), "%s/%s.log", folder, name);
	snprintf(number, sizeof(number), "%d", ready_fd);
	fd = open(log, O_WRONLY | O_CREAT | O_APPEND, 0600);
	/*
	 * Ctrl-C is for the demo, which then stops its hosts in order; were it
	 * killed, they stop by themselves.
	 */
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (fd < 0 || dup2(fd, STDERR_FILENO) < 0 || setsid() < 0)
		_exit(127);
	execv("/proc/self/exe", argv);
	_exit(127);
}

/* For whoever makes trouble (demo_trouble.h). */
static int
write_pid(const struct demo_hosts *hosts, int index, struct error *err)
{
	char path[DEMO_PATH_SIZE];
	char text[24];
	int len = snprintf(text, sizeof(text), "%d\n", (int)hosts->pids[index]);

	snprintf(path, sizeof(path), "%s/%s.pid", hosts->folder,
	    demo_hosts[index].name);
	return demo_write(path, text, (size_t)len, err);
}

static int
start(struct demo_hosts *hosts, int index, struct error *err)
{
	int fds[2];

	if (pipe(fds) < 0)
		return error_set_errno(err, "making a pipe");
	fcntl(fds[0], F_SETFD, FD_CLOEXEC);
	hosts->pids[index] = fork();
	if (hosts->pids[index] == 0)
		run_child(hosts->folder, demo_hosts[index].name, fds[1]);
	close(fds[1]);
	if (hosts->pids[index] < 0) {
		hosts->pids[index] = 0;
		close(fds[0]);
		return error_set_errno(err, "starting %s",
		    demo_hosts[index].name);
	}
	hosts->ready_fds[index] = fds[0];
	return write_pid(hosts, index, err);
}

int
demo_hosts_start(const char *folder, struct demo_hosts *ret_hosts,
    struct error *err)
{
	struct demo_hosts hosts = { .folder = folder };

	for (int i = 0; i < DEMO_HOSTS; i++)
		hosts.ready_fds[i] = -1;
	for (int i = 0; i < DEMO_HOSTS; i++) {
		if (start(&hosts, i, err) < 0) {
			demo_hosts_stop(&hosts);
			return -1;
		}
	}
	*ret_hosts = hosts;
	return 0;
}

/* The last line of a host's log, to show why it ended. */
static void
last_line(const char *folder, const char *name, char *to, size_t size)
{
	char path[DEMO_PATH_SIZE];
	char tail[LOG_TAIL + 1];
	ssize_t len;
	char *line;
	off_t end;
	int fd;

	to[0] = '\0';
	snprintf(path, sizeof(path), "%s/%s.log", folder, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return;
	end = lseek(fd, 0, SEEK_END);
	len = pread(fd, tail, LOG_TAIL, end > LOG_TAIL ? end - LOG_TAIL : 0);
	close(fd);
	if (len <= 0)
		return;
	tail[len] = '\0';
	if (tail[len - 1] == '\n')
		tail[len - 1] = '\0';
	line = strrchr(tail, '\n');
	snprintf(to, size, "%.*s", (int)size - 1,
	    line != NULL ? line + 1 : tail);
}

int
demo_hosts_wait(struct demo_hosts *hosts, int index, struct error *err)
{
	struct pollfd wait = { .fd = hosts->ready_fds[index],
		.events = POLLIN };
	char word[8];
	char line[200];
	ssize_t len = -1;

	if (wait.fd < 0)
		return 0;
	if (poll(&wait, 1, WAIT_MS) > 0)
		len = read(wait.fd, word, sizeof(word));
	close(wait.fd);
	hosts->ready_fds[index] = -1;
	if (len > 0)
		return 0;
	last_line(hosts->folder, demo_hosts[index].name, line, sizeof(line));
	return error_set(err, ERROR_SYSTEM, "%s did not start: %s",
	    demo_hosts[index].name, line);
}

void
demo_hosts_stop(struct demo_hosts *hosts)
{
	for (int i = 0; i < DEMO_HOSTS; i++)
		if (hosts->pids[i] != 0)
			kill(hosts->pids[i], SIGTERM);
	for (int i = 0; i < DEMO_HOSTS; i++) {
		for (int ms = 0; hosts->pids[i] != 0; ms += POLL_MS) {
			if (waitpid(hosts->pids[i], NULL, WNOHANG) != 0)
				hosts->pids[i] = 0;
			else if (ms >= STOP_MS)
				kill(hosts->pids[i], SIGKILL);
			if (hosts->pids[i] != 0)
				poll(NULL, 0, POLL_MS);
		}
		if (hosts->ready_fds[i] >= 0)
			close(hosts->ready_fds[i]);
		hosts->ready_fds[i] = -1;
	}
}
