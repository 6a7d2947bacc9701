#include "release/release_folder.h"

#include <stdio.h>
#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "bulletin/bulletin.h"
#include "release/release.h"
#include "release/release_tree.h"
#include "sys/file.h"
#include "sys/file_link.h"

enum { FILE_NAME_SIZE = VERSION_SIZE + 8 };

/* What a disk needs beside, for its own tables and for what grows. */
static const uint64_t spare_bytes = 16 << 20;

static const char current[] = "current";
static const char previous[] = "previous";

/* ---- the links --------------------------------------------------------- */

static int
read_link(int dir, const char *name, char to[VERSION_SIZE], struct error *err)
{
	struct error why = { 0 };
	char target[VERSION_SIZE];

	to[0] = '\0';
	if (file_read_link(dir, name, target, sizeof(target), &why) < 0) {
		if (why.code == ERROR_NOT_FOUND)
			return 0;
		*err = why;
		return -1;
	}
	if (!version_is_good(target))
		return error_set_id(err, "E7609", ERROR_SYSTEM,
		    "%s leads to %s", name, target);
	memcpy(to, target, sizeof(target));
	return 0;
}

int
release_folder_links(int dir, struct release_links *ret_links,
    struct error *err)
{
	if (read_link(dir, current, ret_links->current, err) < 0)
		return -1;
	return read_link(dir, previous, ret_links->previous, err);
}

int
release_folder_switch(int dir, const char *version, struct error *err)
{
	struct release_links links;

	if (release_folder_links(dir, &links, err) < 0)
		return -1;
	if (text_equal(links.current, version))
		return 0;
	/* First: until the next line it says what is current anyway. */
	if (links.current[0] != '\0' &&
	    file_link(dir, previous, links.current, err) < 0)
		return -1;
	return file_link(dir, current, version, err);
}

/* ---- laying down ------------------------------------------------------- */

static void
bulletin_name(const char *version, char to[FILE_NAME_SIZE])
{
	snprintf(to, FILE_NAME_SIZE, "%s.cms", version);
}

int
release_folder_bulletin(int dir, const char *version, struct bytes *to,
    struct error *err)
{
	char name[FILE_NAME_SIZE];

	bulletin_name(version, name);
	return file_read_all(dir, name, bulletin_bytes_max(BULLETIN_RELEASE),
	    to, err);
}

static int
check_room(int dir, const struct release *release, struct error *err)
{
	enum file_system kind;
	uint64_t left;

	if (file_system_of(dir, &kind, &left, err) < 0)
		return -1;
	if (left >= release->bytes + spare_bytes)
		return 0;
	return error_set_id(err, "E7608", ERROR_BUSY,
	    "%llu MiB are free, %llu MiB are needed",
	    (unsigned long long)(left >> 20),
	    (unsigned long long)((release->bytes + spare_bytes) >> 20));
}

static int
put_files(int dir, const struct release_laid *laid, struct error *err)
{
	for (size_t i = 0; i < laid->release->count; i++) {
		const struct release_file *file = &laid->release->files[i];
		int fd = -1;
		int rc = laid->source(laid->context, file, &fd, err);

		if (rc == 0)
			rc = release_tree_put(dir, file, fd, err);
		file_close(fd);
		if (rc < 0)
			return -1;
	}
	return 0;
}

struct sweep {
	int dir;
	const struct release_links *links;
};

/* Of versions and their bulletins alone; others' files are theirs. */
static int
sweep_one(void *context, const char *name, struct error *err)
{
	const struct sweep *sweep = context;
	size_t len = strlen(name);
	bool is_bulletin = text_ends(name, ".cms");
	char version[VERSION_SIZE];

	if (!text_copy_len(version, sizeof(version), name,
		is_bulletin ? len - 4 : len) ||
	    !version_is_good(version))
		return 0;
	if (text_equal(version, sweep->links->current) ||
	    text_equal(version, sweep->links->previous))
		return 0;
	return is_bulletin ? file_remove(sweep->dir, name, err)
			   : release_tree_remove(sweep->dir, name, err);
}

static int
sweep(int dir, struct error *err)
{
	struct release_links links;
	struct sweep all = { dir, &links };

	return release_folder_links(dir, &links, err) < 0
	    ? -1
	    : file_list(dir, sweep_one, &all, err);
}

int
release_folder_check(int dir, const struct release *release, struct error *err)
{
	struct error why = { 0 };
	int below = -1;
	int rc;

	if (file_open_dir_at(dir, release->version, &below, &why) < 0) {
		if (why.code != ERROR_NOT_FOUND) {
			*err = why;
			return -1;
		}
		return error_set_id(err, "E7603", ERROR_NOT_FOUND,
		    "%s was not laid down here", release->version);
	}
	rc = release_tree_check(below, release, NULL, err);
	file_close(below);
	return rc;
}

/* 1: it is there and whole; 0: it is to be laid down, from nothing; -1. */
static int
begin_stage(int dir, const struct release *release, struct error *err)
{
	struct release_links links;
	struct error why = { 0 };

	if (release_folder_links(dir, &links, err) < 0)
		return -1;
	/* What is started is not touched: a power cut would leave half of it. */
	if (text_equal(links.current, release->version))
		return release_folder_check(dir, release, err) < 0 ? -1 : 1;
	if (text_equal(links.previous, release->version)) {
		if (release_folder_check(dir, release, &why) == 0)
			return 1;
		if (file_remove(dir, previous, err) < 0)
			return -1;
	}
	return sweep(dir, err) < 0 ? -1 : check_room(dir, release, err);
}

int
release_folder_stage(int dir, const struct release_laid *laid,
    struct error *err)
{
	const char *version = laid->release->version;
	char name[FILE_NAME_SIZE];
	int below = -1;
	int rc = begin_stage(dir, laid->release, err);

	bulletin_name(version, name);
	if (rc > 0)
		return file_replace(dir, name, laid->cms, laid->cms_len, err);
	if (rc < 0 || file_make_dir(dir, version, err) < 0 ||
	    file_open_dir_at(dir, version, &below, err) < 0)
		return -1;
	rc = -1;
	if (file_open_to_all(below, true, err) == 0 &&
	    put_files(below, laid, err) == 0 &&
	    release_tree_check(below, laid->release, NULL, err) == 0)
		rc = file_replace(dir, name, laid->cms, laid->cms_len, err);
	file_close(below);
	return rc;
}
