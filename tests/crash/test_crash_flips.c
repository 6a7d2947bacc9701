/*
 * T-STO-07, T-STO-09, T-STO-10: flipped bits, files that are cut off, empty,
 * full of garbage or gone.  Whatever happens to a stored file, reading it all
 * either gives what was stored, or fails and names what is damaged; and what is
 * damaged is never written over or removed.
 */
#define _DEFAULT_SOURCE

#include <dirent.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/error.h"
#include "crash/crash_store.h"
#include "store/rows.h"

enum { FILES = 6, GARBAGE = 5000 };

static const char *const files[FILES] = { "rows.db", "rows.db-wal",
	"rows.db-mark", "segments/00000001.seg", "segments/00000002.seg",
	"lock" };

/* How a store looked when its process ended: open, or closed in order. */
struct image {
	struct crash_history *history;
	struct crash_state *state;
	struct digest digest;
	off_t lens[FILES];
	size_t bytes; /* of all */
};

static struct {
	struct image open, closed;
	char dir[CRASH_PATH_SIZE];
	struct crash_said *said;
	size_t said_count;
} box;

static void
path_of(const char *name, char to[CRASH_PATH_SIZE + CRASH_NAME_SIZE])
{
	snprintf(to, CRASH_PATH_SIZE + CRASH_NAME_SIZE, "%s/%s", box.dir, name);
}

static off_t
len_of(const char *name)
{
	char path[CRASH_PATH_SIZE + CRASH_NAME_SIZE];
	struct stat st;

	path_of(name, path);
	return stat(path, &st) < 0 ? -1 : st.st_size;
}

static void
lay_out(const struct image *image)
{
	crash_state_lay_out(image->state, CRASH_KEEP_ALL, box.dir);
}

static void
run_closed(const char *dir, unsigned round, uint64_t seed)
{
	letters_work(dir, round, seed, 20, true);
}

static void
run_open(const char *dir, unsigned round, uint64_t seed)
{
	/* An odd seed leaves the store as a process that ends. */
	letters_work(dir, round, seed | 1, 20, false);
}

static void
make_image(struct image *image, bool is_closed)
{
	const struct crash_subject subject = { "image",
		is_closed ? run_closed : run_open, NULL };
	struct error err = { 0 };

	image->history = crash_history_new();
	crash_dir_remove(box.dir);
	assert_int_equal(mkdir(box.dir, 0700), 0);
	assert_int_equal(crash_record(&subject, image->history, box.dir, 0, 5),
	    0);
	image->state = crash_state_new(image->history);
	while (crash_state_next(image->state))
		continue;
	lay_out(image);
	for (size_t i = 0; i < FILES; i++) {
		image->lens[i] = len_of(files[i]);
		image->bytes += image->lens[i] > 0 ? (size_t)image->lens[i] : 0;
	}
	if (letters_digest(box.dir, &image->digest, &err) < 0)
		fail_msg("%s", err.text);
}

/* The complaint must say where: a reader of logs has nothing else. */
static bool
names_something(const struct error *err)
{
	return strstr(err->text, "page ") != NULL ||
	    strstr(err->text, "frame ") != NULL ||
	    strstr(err->text, "payload ") != NULL ||
	    strstr(err->text, "segment ") != NULL ||
	    strstr(err->text, "the mark") != NULL ||
	    strstr(err->text, "the head of the log") != NULL ||
	    strstr(err->text, "the log of the rows is ") != NULL ||
	    strstr(err->text, "the rows are missing") != NULL ||
	    /* SQLite's own look at the first page of what is no database. */
	    strstr(err->text, "rows.db") != NULL;
}

struct tally {
	unsigned found, harmless;
};

/* Read all there is now: found and named, or no difference. */
static void
read_damaged(const struct image *image, const char *what, struct tally *tally)
{
	struct digest digest;
	struct error err = { 0 };

	if (letters_digest(box.dir, &digest, &err) == 0) {
		if (!digest_equal(&digest, &image->digest))
			fail_msg("%s: read as something else", what);
		tally->harmless++;
		return;
	}
	if (!names_something(&err) || err.code != ERROR_MALFORMED)
		fail_msg("%s: found, but not named: %s", what, err.text);
	tally->found++;
}

static void
change(const char *name, off_t at, const uint8_t * xor, size_t len)
{
	char path[CRASH_PATH_SIZE + CRASH_NAME_SIZE];
	uint8_t data[GARBAGE];
	ssize_t got;
	int fd;

	path_of(name, path);
	fd = open(path, O_RDWR);
	assert_true(fd >= 0 && len <= sizeof(data));
	got = pread(fd, data, len, at);
	assert_true(got > 0);
	for (ssize_t i = 0; i < got; i++)
		data[i] ^= xor[i];
	assert_int_equal(pwrite(fd, data, (size_t)got, at), got);
	close(fd);
}

static void
flip(const struct image *image, size_t file, uint64_t bit, struct tally *tally)
{
	uint8_t mask = (uint8_t)(1U << (bit % 8));
	char what[128];

	lay_out(image);
	change(files[file], (off_t)(bit / 8), &mask, 1);
	snprintf(what, sizeof(what), "%s, bit %llu", files[file],
	    (unsigned long long)bit);
	read_damaged(image, what, tally);
}

static void
flip_many(const struct image *image, const char *name)
{
	unsigned count = crash_option("FLIPS", 600);
	uint64_t seed = crash_option("FLIP_SEED", 1);

	for (size_t i = 0; i < FILES; i++) {
		struct tally tally = { 0 };

		if (image->lens[i] <= 0)
			continue;
		for (unsigned n = 0; n < count / 5; n++)
			flip(image, i,
			    crash_random(&seed) %
				((uint64_t)image->lens[i] * 8),
			    &tally);
		fprintf(stderr,
		    "flipped bits, %s, %s: %u found, %u without effect, 0 "
		    "read as something else\n",
		    name, files[i], tally.found, tally.harmless);
	}
}

static void
every_flipped_bit_is_found_or_without_effect(void **state)
{
	(void)state;
	assert_true(box.open.lens[1] > 0);
	flip_many(&box.open, "process ended");
	flip_many(&box.closed, "closed");
}

/* The rows that matter: no bit of a page in use is without effect. */
static void
every_flipped_bit_of_the_rows_is_found(void **state)
{
	uint64_t seed = crash_option("FLIP_SEED", 1);
	struct tally tally = { 0 };

	(void)state;
	for (unsigned n = 0; n < crash_option("FLIPS", 600) / 2; n++)
		flip(&box.closed, 0,
		    crash_random(&seed) % ((uint64_t)box.closed.lens[0] * 8),
		    &tally);
	fprintf(stderr, "flipped bits, closed, rows.db: %u found of %u\n",
	    tally.found, tally.found + tally.harmless);
	/* A page on SQLite's list of free ones holds nothing. */
	assert_true(tally.harmless * 50 < tally.found);
}

/*
 * What is damaged stays, for whoever can mend it; a database whose log is whole
 * may grow when the log is copied back.
 */
static void
check_untouched(size_t file, off_t len, const char *what)
{
	off_t now = len_of(files[file]);

	if (file == 0 ? now < len : now != len)
		fail_msg("%s: what was damaged is gone", what);
}

static void
cut_off(const struct image *image, size_t file, off_t len, struct tally *tally)
{
	char path[CRASH_PATH_SIZE + CRASH_NAME_SIZE], what[128];
	unsigned found = tally->found;

	lay_out(image);
	path_of(files[file], path);
	assert_int_equal(truncate(path, len), 0);
	snprintf(what, sizeof(what), "%s cut to %lld", files[file],
	    (long long)len);
	read_damaged(image, what, tally);
	if (tally->found > found && file != 2)
		check_untouched(file, len, what);
}

static void
every_file_that_is_cut_off_or_empty_is_found(void **state)
{
	const struct image *images[] = { &box.open, &box.closed };
	uint64_t seed = 3;
	struct tally tally = { 0 };

	(void)state;
	for (size_t i = 0; i < 2; i++)
		for (size_t file = 0; file < FILES; file++) {
			if (images[i]->lens[file] <= 0)
				continue;
			cut_off(images[i], file, 0, &tally);
			cut_off(images[i], file, images[i]->lens[file] - 1,
			    &tally);
			for (int n = 0; n < 20; n++)
				cut_off(images[i], file,
				    (off_t)(crash_random(&seed) %
					(uint64_t)images[i]->lens[file]),
				    &tally);
		}
	fprintf(stderr, "files cut off: %u found, %u without effect\n",
	    tally.found, tally.harmless);
	assert_true(tally.found > 100);
}

static void
every_file_that_is_gone_or_garbage_is_found(void **state)
{
	const struct image *images[] = { &box.open, &box.closed };
	char path[CRASH_PATH_SIZE + CRASH_NAME_SIZE];
	uint8_t garbage[GARBAGE];
	uint64_t seed = 4;
	struct tally tally = { 0 };

	(void)state;
	for (size_t i = 0; i < 2; i++)
		for (size_t file = 0; file < FILES; file++) {
			if (images[i]->lens[file] < 0)
				continue;
			lay_out(images[i]);
			path_of(files[file], path);
			assert_int_equal(unlink(path), 0);
			read_damaged(images[i], files[file], &tally);
			for (int n = 0; n < 10 && images[i]->lens[file] > 0;
			     n++) {
				off_t at = (off_t)(crash_random(&seed) %
				    (uint64_t)images[i]->lens[file]);

				for (size_t k = 0; k < GARBAGE; k++)
					garbage[k] =
					    (uint8_t)crash_random(&seed);
				lay_out(images[i]);
				change(files[file], at, garbage, GARBAGE);
				read_damaged(images[i], files[file], &tally);
			}
		}
	fprintf(stderr, "files gone or garbage: %u found, %u without effect\n",
	    tally.found, tally.harmless);
	assert_true(tally.found > 30);
}

/*
 * T-STO-10: without the note of what was durable, a log that ends anywhere is
 * an interrupted commit: what is whole before it holds, the rest is dropped.
 */
static void
a_log_that_ends_anywhere_is_cut_to_whole_commits(void **state)
{
	char path[CRASH_PATH_SIZE + CRASH_NAME_SIZE];
	unsigned stride = crash_option("LOG_STRIDE", 1999), cuts = 0;

	(void)state;
	for (off_t len = box.open.lens[1]; len >= 0; len -= stride) {
		char complaint[CRASH_COMPLAINT_SIZE] = "";

		lay_out(&box.open);
		path_of("rows.db-mark", path);
		assert_int_equal(unlink(path), 0);
		path_of("rows.db-wal", path);
		assert_int_equal(truncate(path, len), 0);
		/* Nothing was promised: what is there must be whole. */
		if (letters_check(box.dir, NULL, 0, complaint) < 0)
			fail_msg("cut to %lld: %s", (long long)len, complaint);
		cuts++;
	}
	fprintf(stderr, "log cut at %u places, every commit whole or gone\n",
	    cuts);
}

static int
set_up(void **state)
{
	(void)state;
	crash_dir_make(box.dir);
	make_image(&box.open, false);
	make_image(&box.closed, true);
	return 0;
}

static int
tear_down(void **state)
{
	struct image *images[] = { &box.open, &box.closed };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		crash_state_free(images[i]->state);
		crash_history_free(images[i]->history);
	}
	crash_dir_remove(box.dir);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_flipped_bit_is_found_or_without_effect),
		cmocka_unit_test(every_flipped_bit_of_the_rows_is_found),
		cmocka_unit_test(every_file_that_is_cut_off_or_empty_is_found),
		cmocka_unit_test(every_file_that_is_gone_or_garbage_is_found),
		cmocka_unit_test(
		    a_log_that_ends_anywhere_is_cut_to_whole_commits),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
