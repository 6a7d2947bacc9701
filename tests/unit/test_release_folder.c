/* T-REL-02, 04, 04b, 09: what comes to a host and is laid down there. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "crypto/sha256.h"
#include "harness/scratch.h"
#include "release/release.h"
#include "release/release_folder.h"
#include "release/release_history.h"
#include "release/release_pool.h"
#include "release/release_tree.h"
#include "sys/file.h"

static const char program[] = "#!/bin/sh\necho one\n";
static const char list[] = "{}";

struct fixture {
	char path[SCRATCH_PATH_SIZE];
	int dir, pool;
	struct release_file files[2];
	struct release release;
	struct release_laid laid;
	struct error err;
};

static void
name_file(struct release_file *file, const char *path, const void *data,
    size_t len)
{
	text_copy(file->path, sizeof(file->path), path);
	file->bytes = len;
	sha256(data, len, &file->sha256);
}

static void
set_version(struct fixture *fixture, const char *version)
{
	text_copy(fixture->release.version, sizeof(fixture->release.version),
	    version);
}

static void
add(struct fixture *fixture, size_t number, const void *data, size_t len)
{
	assert_int_equal(release_pool_add(fixture->pool,
			     &fixture->files[number], 0, data, len,
			     &fixture->err),
	    0);
}

static int
set_up(void **state)
{
	static struct fixture fixture;

	fixture = (struct fixture){ .dir = -1 };
	scratch_make(fixture.path);
	assert_int_equal(file_open_dir(fixture.path, &fixture.dir,
			     &fixture.err),
	    0);
	assert_int_equal(release_pool_open(fixture.path, &fixture.pool,
			     &fixture.err),
	    0);
	name_file(&fixture.files[0], "bin/yizhan", program,
	    sizeof(program) - 1);
	name_file(&fixture.files[1], "sbom.cdx.json", list, sizeof(list) - 1);
	fixture.release = (struct release){ .files = fixture.files,
		.count = 2,
		.bytes = sizeof(program) + sizeof(list) - 2 };
	set_version(&fixture, "0.1.0");
	fixture.laid = (struct release_laid){ .release = &fixture.release,
		.cms = "cms",
		.cms_len = 3,
		.source = release_pool_source,
		.context = &fixture.pool };
	*state = &fixture;
	return 0;
}

static int
tear_down(void **state)
{
	struct fixture *fixture = *state;

	file_close(fixture->dir);
	file_close(fixture->pool);
	scratch_remove(fixture->path);
	return 0;
}

static void
write_below(const struct fixture *fixture, const char *name, const char *text)
{
	int fd = openat(fixture->dir, name, O_WRONLY | O_CREAT | O_TRUNC, 0644);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	close(fd);
}

static void
lay_down(struct fixture *fixture, const char *version)
{
	set_version(fixture, version);
	assert_int_equal(release_folder_stage(fixture->dir, &fixture->laid,
			     &fixture->err),
	    0);
}

static void
install(struct fixture *fixture, const char *version)
{
	lay_down(fixture, version);
	assert_int_equal(release_folder_switch(fixture->dir, version,
			     &fixture->err),
	    0);
}

static void
check_links(struct fixture *fixture, const char *current, const char *previous)
{
	struct release_links links;

	assert_int_equal(release_folder_links(fixture->dir, &links,
			     &fixture->err),
	    0);
	assert_string_equal(links.current, current);
	assert_string_equal(links.previous, previous);
}

static bool
is_there(const struct fixture *fixture, const char *name)
{
	return faccessat(fixture->dir, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

/* ---- what comes ------------------------------------------------------------ */

static void
a_file_comes_in_parts_and_counts_when_it_is_whole(void **state)
{
	struct fixture *fixture = *state;
	const struct release_file *file = &fixture->files[0];
	struct bytes piece = { 0 };
	uint64_t offset = 1;

	assert_int_equal(release_pool_add(fixture->pool, file, 0, program, 5,
			     &fixture->err),
	    0);
	assert_int_equal(release_pool_has(fixture->pool, file, &fixture->err),
	    0);
	assert_int_equal(release_pool_offset(fixture->pool, file, &offset,
			     &fixture->err),
	    0);
	assert_int_equal(offset, 5);
	assert_int_equal(release_pool_add(fixture->pool, file, 5, program + 5,
			     sizeof(program) - 6, &fixture->err),
	    0);
	assert_int_equal(release_pool_has(fixture->pool, file, &fixture->err),
	    1);
	assert_int_equal(release_pool_read(fixture->path, &file->sha256, 2,
			     &piece, &fixture->err),
	    0);
	assert_int_equal(piece.len, sizeof(program) - 3);
	assert_memory_equal(piece.data, program + 2, piece.len);
	bytes_free(&piece);
	assert_int_equal(release_pool_read(fixture->path,
			     &fixture->files[1].sha256, 0, &piece,
			     &fixture->err),
	    -1);
	assert_string_equal(fixture->err.id, "E7603");
	bytes_free(&piece);
}

static void
what_does_not_fit_is_thrown_away(void **state)
{
	struct fixture *fixture = *state;
	const struct release_file *file = &fixture->files[0];
	char other[sizeof(program)];
	uint64_t offset = 1;

	memcpy(other, program, sizeof(program));
	other[3] ^= 1;
	assert_int_equal(release_pool_add(fixture->pool, file, 0, other,
			     sizeof(program) - 1, &fixture->err),
	    -1);
	assert_string_equal(fixture->err.id, "E7602");
	assert_int_equal(release_pool_has(fixture->pool, file, &fixture->err),
	    0);
	assert_int_equal(release_pool_offset(fixture->pool, file, &offset,
			     &fixture->err),
	    0);
	assert_int_equal(offset, 0);
}

static void
no_more_comes_than_was_named(void **state)
{
	struct fixture *fixture = *state;
	const struct release_file *file = &fixture->files[0];
	uint64_t offset = 1;

	assert_int_equal(release_pool_add(fixture->pool, file, 0, program, 5,
			     &fixture->err),
	    0);
	assert_int_equal(release_pool_add(fixture->pool, file, 5, program,
			     sizeof(program), &fixture->err),
	    -1);
	assert_string_equal(fixture->err.id, "E7602");
	assert_int_equal(release_pool_offset(fixture->pool, file, &offset,
			     &fixture->err),
	    0);
	assert_int_equal(offset, 0);
}

static void
what_no_release_names_is_swept(void **state)
{
	struct fixture *fixture = *state;

	add(fixture, 0, program, sizeof(program) - 1);
	add(fixture, 1, list, sizeof(list) - 1);
	fixture->release.count = 1;
	assert_int_equal(release_pool_sweep(fixture->pool, &fixture->release,
			     &fixture->err),
	    0);
	assert_int_equal(release_pool_has(fixture->pool, &fixture->files[0],
			     &fixture->err),
	    1);
	assert_int_equal(release_pool_has(fixture->pool, &fixture->files[1],
			     &fixture->err),
	    0);
}

/* ---- laying down --------------------------------------------------------- */

static void
a_version_is_laid_down_beside_the_others(void **state)
{
	struct fixture *fixture = *state;
	struct stat st;

	add(fixture, 0, program, sizeof(program) - 1);
	add(fixture, 1, list, sizeof(list) - 1);
	install(fixture, "0.1.0");
	check_links(fixture, "0.1.0", "");
	assert_int_equal(fstatat(fixture->dir, "current/bin/yizhan", &st, 0),
	    0);
	assert_int_equal(st.st_mode & 07777, 0755);
	assert_int_equal(fstatat(fixture->dir, "current/sbom.cdx.json", &st, 0),
	    0);
	assert_int_equal(st.st_mode & 07777, 0644);
	lay_down(fixture, "0.2.0");
	check_links(fixture, "0.1.0", "");
	assert_int_equal(release_folder_switch(fixture->dir, "0.2.0",
			     &fixture->err),
	    0);
	check_links(fixture, "0.2.0", "0.1.0");
	/* The one before is kept, those before it are not. */
	install(fixture, "0.3.0");
	lay_down(fixture, "0.4.0");
	check_links(fixture, "0.3.0", "0.2.0");
	assert_false(is_there(fixture, "0.1.0"));
	assert_false(is_there(fixture, "0.1.0.cms"));
	assert_true(is_there(fixture, "0.2.0/bin/yizhan"));
}

static void
a_file_that_is_missing_ends_it(void **state)
{
	struct fixture *fixture = *state;

	add(fixture, 0, program, sizeof(program) - 1);
	assert_int_equal(release_folder_stage(fixture->dir, &fixture->laid,
			     &fixture->err),
	    -1);
	assert_string_equal(fixture->err.id, "E7603");
	assert_false(is_there(fixture, "0.1.0.cms"));
}

static void
what_changed_since_is_seen(void **state)
{
	struct fixture *fixture = *state;

	add(fixture, 0, program, sizeof(program) - 1);
	add(fixture, 1, list, sizeof(list) - 1);
	lay_down(fixture, "0.1.0");
	write_below(fixture, "0.1.0/bin/more", "x");
	assert_int_equal(release_folder_check(fixture->dir, &fixture->release,
			     &fixture->err),
	    -1);
	assert_string_equal(fixture->err.id, "E7604");
	/* Laid down again it is made from nothing. */
	lay_down(fixture, "0.1.0");
	write_below(fixture, "0.1.0/bin/yizhan", "another");
	assert_int_equal(release_folder_check(fixture->dir, &fixture->release,
			     &fixture->err),
	    -1);
	assert_string_equal(fixture->err.id, "E7602");
	lay_down(fixture, "0.1.0");
	assert_int_equal(unlinkat(fixture->dir, "0.1.0/sbom.cdx.json", 0), 0);
	assert_int_equal(release_folder_check(fixture->dir, &fixture->release,
			     &fixture->err),
	    -1);
	assert_string_equal(fixture->err.id, "E7603");
	lay_down(fixture, "0.1.0");
	assert_int_equal(unlinkat(fixture->dir, "0.1.0/bin/yizhan", 0), 0);
	assert_int_equal(symlinkat("/bin/sh", fixture->dir, "0.1.0/bin/yizhan"),
	    0);
	assert_int_equal(release_folder_check(fixture->dir, &fixture->release,
			     &fixture->err),
	    -1);
}

static void
what_is_started_is_not_written_over(void **state)
{
	struct fixture *fixture = *state;

	add(fixture, 0, program, sizeof(program) - 1);
	add(fixture, 1, list, sizeof(list) - 1);
	install(fixture, "0.1.0");
	write_below(fixture, "0.1.0/bin/yizhan", "another");
	assert_int_equal(release_folder_stage(fixture->dir, &fixture->laid,
			     &fixture->err),
	    -1);
	assert_string_equal(fixture->err.id, "E7602");
	assert_true(is_there(fixture, "0.1.0/bin/yizhan"));
}

static void
a_link_to_elsewhere_is_no_version(void **state)
{
	struct fixture *fixture = *state;
	struct release_links links;

	assert_int_equal(symlinkat("/usr", fixture->dir, "current"), 0);
	assert_int_equal(release_folder_links(fixture->dir, &links,
			     &fixture->err),
	    -1);
	assert_string_equal(fixture->err.id, "E7609");
}

/* ---- the history ------------------------------------------------------------ */

static void
what_was_done_is_kept_line_by_line(void **state)
{
	struct fixture *fixture = *state;
	struct release_note note = { .act = RELEASE_VERIFIED,
		.at = 0,
		.version = "0.1.0",
		.by = "wang",
		.detail = "" };
	struct bytes text = { 0 };

	assert_int_equal(release_history_add(fixture->pool, &note,
			     &fixture->err),
	    0);
	/* A power cut left half of a line. */
	write_below(fixture, "releases/history", "{\"time\":\"20");
	note.act = RELEASE_INSTALLED;
	assert_int_equal(release_history_add(fixture->pool, &note,
			     &fixture->err),
	    0);
	assert_int_equal(release_history_read(fixture->pool, &text,
			     &fixture->err),
	    0);
	bytes_put_u8(&text, '\0');
	assert_non_null(strstr((char *)text.data, "\"act\":\"installed\""));
	assert_null(strstr((char *)text.data, "\"time\":\"20{"));
	assert_int_equal(text.data[0], '[');
	assert_int_equal(text.data[1], '{');
	bytes_free(&text);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_file_comes_in_parts_and_counts_when_it_is_whole),
		TEST(what_does_not_fit_is_thrown_away),
		TEST(no_more_comes_than_was_named),
		TEST(what_no_release_names_is_swept),
		TEST(a_version_is_laid_down_beside_the_others),
		TEST(a_file_that_is_missing_ends_it),
		TEST(what_changed_since_is_seen),
		TEST(what_is_started_is_not_written_over),
		TEST(a_link_to_elsewhere_is_no_version),
		TEST(what_was_done_is_kept_line_by_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
