/*
 * Stores letters and says on standard output what has to hold from then on,
 * until it is stopped or the disk fails; and compares later.  For power cuts
 * and kills.
 *
 *	ack_writer write DIR ROUND SEED [MISTAKE]	records go to stdout
 *	ack_writer check DIR				records come from stdin
 *	ack_writer kill DIR KILLS SEED [MISTAKE]	see ack_kills.h
 *
 * A mistake is a way to lose: no-sync, no-dir-sync, no-payload-sync, ack-early.
 */
#define _GNU_SOURCE

#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/text.h"
#include "crash/ack_kills.h"
#include "crash/crash_store.h"

static bool skips_syncs, skips_dirs;

/* Both calls of the whole program, SQLite's too, come through here. */
static int
sync_unless_told(int fd, long number)
{
	struct stat st;

	if (skips_syncs ||
	    (skips_dirs && fstat(fd, &st) == 0 && S_ISDIR(st.st_mode)))
		return 0;
	return (int)syscall(number, fd);
}

int
fsync(int fd)
{
	return sync_unless_told(fd, SYS_fsync);
}

int
fdatasync(int fd)
{
	return sync_unless_told(fd, SYS_fdatasync);
}

/* Linked instead of the recording disk's: to whoever reads our output. */
void
crash_disk_say(uint32_t kind, uint32_t number, const void *data, size_t len)
{
	struct crash_said said = { .kind = kind, .number = number };

	if (len > 0)
		memcpy(said.data, data, len);
	if (write(ack_kills_fd(), &said, sizeof(said)) != sizeof(said))
		_exit(2);
}

/* False: there is none of that name. */
static bool
make_mistake(const char *mistake)
{
	if (strcmp(mistake, "no-sync") == 0)
		skips_syncs = true;
	else if (strcmp(mistake, "no-dir-sync") == 0)
		skips_dirs = true;
	else if (strcmp(mistake, "no-payload-sync") == 0)
		letters_make_mistake(LETTERS_NO_PAYLOAD_SYNC);
	else if (strcmp(mistake, "ack-early") == 0)
		letters_make_mistake(LETTERS_ACK_TOO_EARLY);
	else if (mistake[0] != '\0')
		return false;
	return true;
}

static int
work(const char *dir, const char *round, const char *seed)
{
	uint64_t number, start;

	if (!text_parse_u64(round, UINT32_MAX, &number) ||
	    !text_parse_u64(seed, UINT64_MAX, &start))
		return 64;
	return letters_work(dir, (unsigned)number, start, UINT_MAX, false) > 0
	    ? 0
	    : 1;
}

static int
check(const char *dir)
{
	char complaint[CRASH_COMPLAINT_SIZE] = "";
	struct crash_said *said = NULL;
	size_t count = 0, room = 0;
	int rc;

	for (;;) {
		if (count == room) {
			room = room == 0 ? 1024 : 2 * room;
			said = realloc(said, room * sizeof(*said));
			if (said == NULL)
				return 71;
		}
		/* The last record may be cut off: it was not said. */
		if (fread(&said[count], sizeof(*said), 1, stdin) != 1)
			break;
		count++;
	}
	rc = letters_check(dir, said, count, complaint);
	if (rc < 0)
		printf("%s\n", complaint);
	free(said);
	return rc < 0 ? 1 : 0;
}

int
main(int argc, char **argv)
{
	bool is_known = make_mistake(argc > 5 ? argv[5] : "");
	uint64_t count, seed;

	if (argc >= 5 && is_known && strcmp(argv[1], "write") == 0)
		return work(argv[2], argv[3], argv[4]);
	if (argc >= 5 && is_known && strcmp(argv[1], "kill") == 0 &&
	    text_parse_u64(argv[3], UINT32_MAX, &count) &&
	    text_parse_u64(argv[4], UINT64_MAX, &seed))
		return ack_kills(argv[2], (unsigned)count, seed);
	if (argc == 3 && strcmp(argv[1], "check") == 0)
		return check(argv[2]);
	fprintf(stderr, "usage: see the head of ack_writer.c\n");
	return 64;
}
