/*
 * T-REL-09: releases are laid down, started, and gone back from, and the disk is
 * crashed at every operation.  What is started is at any time the version of
 * before or the new one, whole, with its bulletin; the one before it is whole as
 * well.
 */
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

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "crypto/sha256.h"
#include "harness/crash_explore.h"
#include "release/release.h"
#include "release/release_folder.h"
#include "release/release_tree.h"
#include "sys/file.h"

enum { FILES = 3, PROGRAM_LEN = 2600, VERSIONS = 9 };

enum release_said {
	RELEASE_BEGINS = 1, /* data: the version that is about to be started */
	RELEASE_STARTED,    /* ... and from now on is */
};

/* Version 0.N.0, and where its files come from. */
struct made {
	struct release release;
	struct release_file files[FILES];
	char cms[32];
	FILE *sources[FILES];
};

static struct made versions[VERSIONS];

static void
make_file(struct made *made, size_t number, const char *path, const void *data,
    size_t len)
{
	struct release_file *file = &made->files[number];

	text_copy(file->path, sizeof(file->path), path);
	file->bytes = len;
	sha256(data, len, &file->sha256);
	made->sources[number] = tmpfile();
	assert_non_null(made->sources[number]);
	assert_int_equal(fwrite(data, 1, len, made->sources[number]), len);
	assert_int_equal(fflush(made->sources[number]), 0);
	made->release.bytes += len;
}

static void
make_version(unsigned number)
{
	struct made *made = &versions[number];
	char text[PROGRAM_LEN];

	memset(text, 'a' + (int)number, sizeof(text));
	make_file(made, 0, "bin/yizhan", text, sizeof(text));
	make_file(made, 1, "sbom.cdx.json", "{\"components\":[]}", 17);
	make_file(made, 2, "share/man/man1/yizhan.1", text, 700);
	made->release.files = made->files;
	made->release.count = FILES;
	snprintf(made->release.version, sizeof(made->release.version), "0.%u.0",
	    number);
	snprintf(made->cms, sizeof(made->cms), "bulletin of 0.%u.0", number);
}

static struct made *
version_of(const char *version)
{
	for (unsigned i = 0; i < VERSIONS; i++)
		if (text_equal(versions[i].release.version, version))
			return &versions[i];
	return NULL;
}

static int
open_source(void *context, const struct release_file *file, int *ret_fd,
    struct error *err)
{
	const struct made *made = context;

	for (size_t i = 0; i < FILES; i++)
		if (text_equal(made->files[i].path, file->path)) {
			*ret_fd = dup(fileno(made->sources[i]));
			return *ret_fd < 0 ? error_set_errno(err, "dup") : 0;
		}
	return error_set(err, ERROR_NOT_FOUND, "%s", file->path);
}

/* ---- running ------------------------------------------------------------- */

static void
must(int rc, const struct error *err)
{
	if (rc < 0) {
		fprintf(stderr, "%s\n", err->text);
		abort();
	}
}

static void
start_version(int dir, struct made *made)
{
	const char *version = made->release.version;
	struct error err = { 0 };

	crash_disk_say(RELEASE_BEGINS, 0, version, strlen(version) + 1);
	must(release_folder_check(dir, &made->release, &err), &err);
	must(release_folder_switch(dir, version, &err), &err);
	crash_disk_say(RELEASE_STARTED, 0, version, strlen(version) + 1);
}

static void
install(int dir, unsigned number)
{
	struct made *made = &versions[number];
	const struct release_laid laid = { .release = &made->release,
		.cms = made->cms,
		.cms_len = strlen(made->cms),
		.source = open_source,
		.context = made };
	struct error err = { 0 };

	must(release_folder_stage(dir, &laid, &err), &err);
	start_version(dir, made);
}

/* Whatever a crash left, a later round goes on from there. */
static void
run(const char *path, unsigned round, uint64_t seed)
{
	struct error err = { 0 };
	int dir = -1;

	(void)seed;
	must(file_open_dir(path, &dir, &err), &err);
	if (round == 0) {
		install(dir, 1);
		install(dir, 2);
		start_version(dir, &versions[1]);
		install(dir, 3);
	}
	install(dir, 4 + round);
	file_close(dir);
}

/* ---- checking -------------------------------------------------------------- */

static int
check_version(int dir, const char *version, char *complaint)
{
	struct made *made = version_of(version);
	struct bytes cms = { 0 };
	struct error err = { 0 };
	int rc = -1;

	if (made == NULL)
		snprintf(complaint, CRASH_COMPLAINT_SIZE, "no version %s",
		    version);
	else if (release_folder_check(dir, &made->release, &err) < 0)
		snprintf(complaint, CRASH_COMPLAINT_SIZE, "%s is not whole: %s",
		    version, err.text);
	else if (release_folder_bulletin(dir, version, &cms, &err) < 0 ||
	    cms.len != strlen(made->cms) ||
	    memcmp(cms.data, made->cms, cms.len) != 0)
		snprintf(complaint, CRASH_COMPLAINT_SIZE,
		    "the bulletin of %s: %s", version, err.text);
	else
		rc = 0;
	bytes_free(&cms);
	return rc;
}

/* The last one that was started, or one that was about to be since. */
static bool
may_be_current(const char *current, const struct crash_said *said, size_t count)
{
	const char *last = "";
	size_t since = 0;

	for (size_t i = 0; i < count; i++)
		if (said[i].kind == RELEASE_STARTED) {
			last = (const char *)said[i].data;
			since = i + 1;
		}
	if (text_equal(current, last))
		return true;
	for (size_t i = since; i < count; i++)
		if (said[i].kind == RELEASE_BEGINS &&
		    text_equal(current, (const char *)said[i].data))
			return true;
	return false;
}

static int
check(const char *path, const struct crash_said *said, size_t count,
    char complaint[CRASH_COMPLAINT_SIZE])
{
	struct release_links links = { .current = "" };
	struct error err = { 0 };
	int dir = -1;
	int rc = -1;

	if (file_open_dir(path, &dir, &err) < 0 ||
	    release_folder_links(dir, &links, &err) < 0)
		snprintf(complaint, CRASH_COMPLAINT_SIZE, "%s", err.text);
	else if (!may_be_current(links.current, said, count))
		snprintf(complaint, CRASH_COMPLAINT_SIZE, "%s is started",
		    links.current);
	else if ((links.current[0] == '\0' ||
		     check_version(dir, links.current, complaint) == 0) &&
	    (links.previous[0] == '\0' ||
		check_version(dir, links.previous, complaint) == 0))
		rc = 0;
	file_close(dir);
	return rc;
}

/* ---- the tests -------------------------------------------------------------- */

static const struct crash_options usual = { .seed = 1,
	.runs = 1,
	.variants = 6,
	.deep_one_in = 20,
	.deep_points = 12,
	.workers = 2 };

static int
set_up(void **state)
{
	(void)state;
	for (unsigned i = 1; i < VERSIONS; i++)
		make_version(i);
	return 0;
}

static void
the_old_version_or_the_new_one_is_started(void **state)
{
	const struct crash_subject subject = { "release", run, check };
	const struct crash_options options = crash_options_of(usual);
	struct crash_counts counts = { 0 };

	(void)state;
	crash_explore(&subject, &options, &counts);
	crash_print("release", &counts);
	if (counts.bad > 0)
		fail_msg("%s", counts.first);
	/* How many depends on how many points are tried (CRASH_STRIDE). */
	assert_true(counts.points > 10 && counts.states > counts.points);
	assert_true(counts.torn > 0);
}

/* The same without laying down first: what is started is not whole. */
static void
run_carelessly(const char *path, unsigned round, uint64_t seed)
{
	struct made *made = &versions[4 + round];
	const char *version = made->release.version;
	struct error err = { 0 };
	int dir = -1, below = -1;

	(void)seed;
	must(file_open_dir(path, &dir, &err), &err);
	crash_disk_say(RELEASE_BEGINS, 0, version, strlen(version) + 1);
	must(file_make_dir(dir, version, &err), &err);
	must(release_folder_switch(dir, version, &err), &err);
	must(file_open_dir_at(dir, version, &below, &err), &err);
	for (size_t i = 0; i < FILES; i++)
		must(release_tree_put(below, &made->files[i],
			 fileno(made->sources[i]), &err),
		    &err);
	file_close(below);
	file_close(dir);
}

static void
starting_before_all_is_there_would_be_seen(void **state)
{
	const struct crash_subject subject = { "release, careless",
		run_carelessly, check };
	struct crash_options options = usual;
	struct crash_counts counts = { 0 };

	(void)state;
	options.deep_one_in = 0;
	crash_explore(&subject, &options, &counts);
	assert_true(counts.bad > 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_old_version_or_the_new_one_is_started),
		cmocka_unit_test(starting_before_all_is_there_would_be_seen),
	};

	return cmocka_run_group_tests(tests, set_up, NULL);
}
