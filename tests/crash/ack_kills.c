#define _GNU_SOURCE

#include "crash/ack_kills.h"

#include <errno.h>
#include <ftw.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "crash/crash_store.h"

enum {
	LIVES = 6,        /* of one store, before another begins */
	SAID_MAX = 24,    /* records after which it dies, at most */
	PAUSE_US = 4000,  /* ... and so much later, at most: some groups */
	START_MS = 20000, /* nothing is said for so long: it hangs */
	PATH_SIZE = 512,
};

/* All that the writers of one store said. */
struct said {
	struct crash_said *list;
	size_t count;
	size_t size;
	size_t part; /* bytes of the record behind them that are here */
};

static int say_fd = STDOUT_FILENO;

int
ack_kills_fd(void)
{
	return say_fd;
}

/* ---- one life ------------------------------------------------------------ */

static void
make_room(struct said *said)
{
	if (said->count < said->size)
		return;
	said->size = said->size == 0 ? 1024 : said->size * 2;
	said->list = realloc(said->list, said->size * sizeof(*said->list));
	if (said->list == NULL)
		abort();
}

/* Take what is there; false at the end of it. */
static bool
take(int fd, struct said *said)
{
	ssize_t len;

	make_room(said);
	len = read(fd, (char *)&said->list[said->count] + said->part,
	    sizeof(*said->list) - said->part);
	if (len <= 0)
		return len < 0 && errno == EINTR;
	said->part += (size_t)len;
	if (said->part == sizeof(*said->list)) {
		said->count++;
		said->part = 0;
	}
	return true;
}

static int64_t
now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void
wait_for(int fd, struct said *said, size_t count)
{
	struct pollfd wait = { .fd = fd, .events = POLLIN };
	int64_t end = now_ms() + START_MS;

	while (said->count < count && now_ms() < end)
		if (poll(&wait, 1, START_MS) > 0 && !take(fd, said))
			return;
}

static pid_t
begin_life(const char *dir, unsigned round, uint64_t seed, int *ret_fd)
{
	int fds[2];
	pid_t pid;

	if (pipe(fds) < 0 || fflush(NULL) != 0)
		abort();
	pid = fork();
	if (pid < 0)
		abort();
	if (pid == 0) {
		close(fds[0]);
		say_fd = fds[1];
		letters_work(dir, round, seed, UINT_MAX, false);
		_exit(0);
	}
	close(fds[1]);
	*ret_fd = fds[0];
	return pid;
}

/* The record at hand may be cut off: then it was not said. */
static void
live(const char *dir, unsigned round, uint64_t *chance, struct said *said)
{
	uint64_t seed = crash_random(chance);
	size_t count = said->count + crash_random(chance) % SAID_MAX;
	int fd;
	pid_t pid = begin_life(dir, round, seed, &fd);

	wait_for(fd, said, count);
	usleep((useconds_t)(crash_random(chance) % PAUSE_US));
	kill(pid, SIGKILL);
	while (take(fd, said))
		;
	said->part = 0;
	close(fd);
	waitpid(pid, NULL, 0);
}

/* ---- looking --------------------------------------------------------------- */

/* In a copy, which leaves nothing open.  0, or -1 with what is wrong. */
static int
compare(const char *dir, const struct said *said,
    char complaint[CRASH_COMPLAINT_SIZE])
{
	int fds[2];
	int status = 0;
	ssize_t len;
	pid_t pid;

	if (pipe(fds) < 0 || fflush(NULL) != 0)
		abort();
	pid = fork();
	if (pid < 0)
		abort();
	if (pid == 0) {
		int rc = letters_check(dir, said->list, said->count, complaint);

		_exit(write(fds[1], complaint, CRASH_COMPLAINT_SIZE) !=
			CRASH_COMPLAINT_SIZE ||
		    rc < 0);
	}
	close(fds[1]);
	len = read(fds[0], complaint, CRASH_COMPLAINT_SIZE - 1);
	complaint[len > 0 ? len : 0] = '\0';
	close(fds[0]);
	waitpid(pid, &status, 0);
	if (status != 0 && complaint[0] == '\0')
		snprintf(complaint, CRASH_COMPLAINT_SIZE, "status %d", status);
	return status == 0 ? 0 : -1;
}

static int
remove_one(const char *path, const struct stat *st, int kind, struct FTW *at)
{
	(void)st;
	(void)kind;
	(void)at;
	return remove(path);
}

static int
begin_store(const char *dir, struct said *said)
{
	said->count = said->part = 0;
	if (nftw(dir, remove_one, 8, FTW_DEPTH | FTW_PHYS) != 0 &&
	    errno != ENOENT)
		return -1;
	return mkdir(dir, 0700);
}

static unsigned
acknowledged(const struct said *said, size_t from)
{
	unsigned count = 0;

	for (size_t i = from; i < said->count; i++)
		count += said->list[i].kind == LETTERS_ACKNOWLEDGED;
	return count;
}

int
ack_kills(const char *dir, unsigned kills, uint64_t seed)
{
	char complaint[CRASH_COMPLAINT_SIZE] = "";
	struct said said = { 0 };
	char store[PATH_SIZE];
	unsigned acks = 0;
	unsigned made = 0;
	int rc = 0;

	if (snprintf(store, sizeof(store), "%s/data", dir) >=
	    (int)sizeof(store))
		return 2;
	while (made < kills && rc == 0) {
		size_t before;

		if (made % LIVES == 0 && begin_store(store, &said) < 0) {
			perror(store);
			return 2;
		}
		before = said.count;
		live(store, made++ % LIVES, &seed, &said);
		acks += acknowledged(&said, before);
		rc = compare(store, &said, complaint);
	}
	printf("%u %u\n", made, acks);
	if (rc < 0)
		printf("%s\n", complaint);
	free(said.list);
	return rc < 0 ? 1 : 0;
}
