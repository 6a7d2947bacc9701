#include "cli/release/release_check.h"

#include <fcntl.h>
#include <stddef.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "cli/trust/trust_files.h"
#include "release/elf_needed.h"
#include "release/packages.h"
#include "release/release.h"
#include "release/release_folder.h"
#include "release/release_pool.h"
#include "release/release_tree.h"
#include "release/sbom.h"
#include "sys/file.h"

/* ---- what programs need ------------------------------------------------- */

static int
need(void *context, const char *soname, struct error *err)
{
	const struct sbom *sbom = context;

	return sbom_has_soname(sbom, soname)
	    ? 0
	    : error_set_id(err, "E7607", ERROR_UNTRUSTED,
		  "it needs %.80s, which no package of its list brings",
		  soname);
}

static int
read_fd(int fd, size_t max, struct bytes *to, struct error *err)
{
	uint64_t len = 0;
	size_t got = 0;
	uint8_t *room;

	if (file_size(fd, &len, err) < 0)
		return -1;
	if (len > max)
		return error_set_id(err, "E7607", ERROR_MALFORMED,
		    "more than %zu bytes", max);
	room = bytes_extend(to, (size_t)len);
	if (room == NULL)
		return error_set_memory(err);
	if (file_read_at(fd, room, (size_t)len, 0, &got, err) < 0)
		return -1;
	to->len = to->len - (size_t)len + got;
	return 0;
}

static int
check_program(int fd, const struct sbom *sbom, struct error *err)
{
	struct bytes program = { 0 };
	int rc = read_fd(fd, ELF_FILE_MAX, &program, err);

	/* A script needs what its package says; its interpreter is one too. */
	if (rc == 0 && elf_is(program.data, program.len))
		rc = elf_needed(program.data, program.len, need,
		    (void *)(uintptr_t)sbom, err);
	bytes_free(&program);
	return rc;
}

static int
read_sbom(int fd, struct sbom *ret_sbom, struct error *err)
{
	struct bytes json = { 0 };
	int rc = read_fd(fd, SBOM_JSON_MAX, &json, err);

	if (rc == 0)
		rc = sbom_parse(json.data, json.len, ret_sbom, err);
	bytes_free(&json);
	return rc;
}

static int
check_programs(release_source_fn source, void *context,
    const struct release *release, const struct sbom *sbom, struct error *err)
{
	for (size_t i = 0; i < release->count; i++) {
		const struct release_file *file = &release->files[i];
		int fd = -1;
		int rc = 0;

		if (!release_file_runs(file))
			continue;
		if (source(context, file, &fd, err) < 0)
			return -1;
		rc = check_program(fd, sbom, err);
		file_close(fd);
		if (rc < 0)
			return error_prefix(err, "%.120s", file->path);
	}
	return 0;
}

/* All files are right: now what they say of themselves. */
static int
check_inside(release_source_fn source, void *context,
    const struct release *release, struct error *err)
{
	const struct release_file *list =
	    release_find(release, release_sbom_path);
	struct sbom sbom = { 0 };
	int fd = -1;
	int rc = -1;

	if (list == NULL)
		return error_set_id(err, "E7606", ERROR_MALFORMED,
		    "it has no %s", release_sbom_path);
	if (source(context, list, &fd, err) < 0)
		return -1;
	if (read_sbom(fd, &sbom, err) == 0)
		rc = check_programs(source, context, release, &sbom, err);
	file_close(fd);
	sbom_free(&sbom);
	return rc;
}

/* ---- a folder, a pool ---------------------------------------------------- */

static int
open_path(void *context, const struct release_file *file, int *ret_fd,
    struct error *err)
{
	return file_open(*(const int *)context, file->path, FILE_READ, ret_fd,
	    err);
}

int
release_check_folder(int files, const struct release *release,
    struct error *err)
{
	static const char *const also[] = { release_manifest_name,
		release_digest_name, NULL };

	return release_tree_check(files, release, also, err) < 0
	    ? -1
	    : check_inside(open_path, &files, release, err);
}

int
release_check_pool(int pool, const struct release *release, struct error *err)
{
	for (size_t i = 0; i < release->count; i++) {
		const struct release_file *file = &release->files[i];
		int fd = -1;
		int rc;

		if (release_pool_source(&pool, file, &fd, err) < 0)
			return -1;
		rc = release_tree_check_file(fd, file, file->path, err);
		file_close(fd);
		if (rc < 0)
			return -1;
	}
	return check_inside(release_pool_source, &pool, release, err);
}

/* ---- this host ------------------------------------------------------------ */

struct difference {
	struct bytes *to;
	bool is_exact;
	bool is_bad;
	const struct sbom_package *first; /* bad one */
};

static void
note_difference(void *context, enum package_finding what,
    const struct sbom_package *wanted, const char *installed)
{
	struct difference *difference = context;

	bytes_put_format(difference->to, "%s%s %s (%s)",
	    difference->to->len > 0 ? ", " : "", wanted->name, wanted->version,
	    what == PACKAGE_MISSING ? "-" : installed);
	if (what == PACKAGE_NEWER && !difference->is_exact)
		return;
	if (!difference->is_bad)
		difference->first = wanted;
	difference->is_bad = true;
}

int
release_check_packages(const char *status, bool is_exact, int fd,
    struct bytes *to, struct error *err)
{
	struct difference difference = { .to = to, .is_exact = is_exact };
	struct packages packages = { 0 };
	struct sbom sbom = { 0 };
	struct bytes text = { 0 };
	int rc = -1;

	if (read_sbom(fd, &sbom, err) == 0 &&
	    trust_read(status, PACKAGES_STATUS_MAX, &text, err) == 0 &&
	    packages_parse((const char *)text.data, text.len, &packages, err) ==
		0) {
		packages_compare(&packages, &sbom, note_difference,
		    &difference);
		rc = difference.is_bad
		    ? error_set_id(err, "E7613", ERROR_DENIED,
			  "%.60s %.60s among others: %.*s",
			  difference.first->name, difference.first->version,
			  (int)(to->len > 120 ? 120 : to->len),
			  (const char *)to->data)
		    : bytes_failed(to, err);
	}
	packages_free(&packages);
	sbom_free(&sbom);
	bytes_free(&text);
	return rc;
}
