/*
 * A hand to make and to read packages from a script:
 *
 *   package_tool read FILE DIR     write its files under DIR; exit 0 if good,
 *                                  else 1 with the catalogue id on stderr
 *   package_tool write OUT FILE... make a package of these files, by their
 *                                  last names
 *   package_tool manifest FILE...  print the manifest that would be signed
 *
 * The signature is the word "signature": who signs is another test's business.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/error.h"
#include "package/package_facts.h"
#include "package/package_read.h"
#include "package/package_write.h"

enum { FILES_MAX = 64 };

struct files {
	char **paths;
	int fds[FILES_MAX];
	size_t count;
};

static int
read_fd(int fd, void *to, size_t size, size_t *ret_len, struct error *err)
{
	ssize_t got = read(fd, to, size);

	if (got < 0)
		return error_set_errno(err, "reading");
	*ret_len = (size_t)got;
	return 0;
}

static int
read_container(void *context, void *to, size_t size, size_t *ret_len,
    struct error *err)
{
	return read_fd(*(int *)context, to, size, ret_len, err);
}

static int
read_file(void *context, size_t index, void *to, size_t size, size_t *ret_len,
    struct error *err)
{
	struct files *files = context;

	return read_fd(files->fds[index], to, size, ret_len, err);
}

static int
write_fd(void *context, const void *data, size_t len, struct error *err)
{
	const char *from = data;

	while (len > 0) {
		ssize_t done = write(*(int *)context, from, len);

		if (done < 0)
			return error_set_errno(err, "writing");
		from += done;
		len -= (size_t)done;
	}
	return 0;
}

/* ---- read ----------------------------------------------------------------- */

/* Open NAME under the directory, making the folders that it lies in. */
static int
create(int dir, const char *name, struct error *err)
{
	char path[512];
	int fd;

	snprintf(path, sizeof(path), "%s", name);
	for (char *at = strchr(path, '/'); at != NULL;
	     at = strchr(at + 1, '/')) {
		*at = '\0';
		if (mkdirat(dir, path, 0700) < 0 && errno != EEXIST)
			return error_set_errno(err, "%s", path);
		*at = '/';
	}
	fd = openat(dir, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	return fd < 0 ? error_set_errno(err, "%s", name) : fd;
}

static int
extract(struct package_reader *reader, int dir, const char *name,
    struct error *err)
{
	static uint8_t chunk[65536];
	int fd = create(dir, name, err);
	size_t len;
	int rc = 0;

	if (fd < 0)
		return -1;
	do {
		rc = package_read_data(reader, chunk, sizeof(chunk), &len, err);
		if (rc == 0)
			rc = write_fd(&fd, chunk, len, err);
	} while (rc == 0 && len > 0);
	close(fd);
	return rc;
}

static int
read_package(const char *path, const char *folder, struct error *err)
{
	struct package_limits limits = package_limits_default();
	struct package_reader *reader = NULL;
	struct package_entry entry;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	int dir = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int rc;

	limits.file_size_max = UINT64_C(16) << 30;
	limits.size_max = limits.file_size_max;
	if (fd < 0 || dir < 0)
		return error_set_errno(err, "%s, %s", path, folder);
	if (package_read_open(read_container, &fd, &limits, &reader, err) < 0)
		return -1;
	while ((rc = package_read_next(reader, &entry, err)) == 1)
		if (extract(reader, dir, entry.name, err) < 0) {
			rc = -1;
			break;
		}
	package_read_close(reader);
	close(fd);
	close(dir);
	return rc;
}

/* ---- write ---------------------------------------------------------------- */

static int
rewind_files(struct files *files, struct error *err)
{
	for (size_t i = 0; i < files->count; i++) {
		if (files->fds[i] < 0)
			files->fds[i] =
			    open(files->paths[i], O_RDONLY | O_CLOEXEC);
		if (files->fds[i] < 0 || lseek(files->fds[i], 0, SEEK_SET) < 0)
			return error_set_errno(err, "%s", files->paths[i]);
	}
	return 0;
}

static int
plan_files(struct files *files, struct package_plan **ret_plan,
    struct error *err)
{
	struct org_code recipient = { "376490000A" };
	struct package_facts facts = {
		.environment = "demo",
		.sender = { "379000000A" },
		.recipients = &recipient,
		.recipient_count = 1,
	};

	id_parse("019a0000-0000-7000-8000-000000000001", &facts.document_id);
	if (rewind_files(files, err) < 0 ||
	    package_plan_new(&facts, ret_plan, err) < 0)
		return -1;
	for (size_t i = 0; i < files->count; i++) {
		const char *slash = strrchr(files->paths[i], '/');
		const char *name = slash != NULL ? slash + 1 : files->paths[i];
		struct package_measure measure;

		if (package_measure(read_file, files, i, &measure, err) < 0 ||
		    package_plan_add(*ret_plan, name, &measure, err) < 0)
			return -1;
	}
	return 0;
}

static int
write_package(const char *path, struct files *files, struct error *err)
{
	struct package_plan *plan = NULL;
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	int rc = -1;

	if (fd < 0)
		return error_set_errno(err, "%s", path);
	if (plan_files(files, &plan, err) < 0 ||
	    package_plan_sign(plan, "signature", 9, err) < 0 ||
	    rewind_files(files, err) < 0 ||
	    package_write(plan, read_file, files, write_fd, &fd, err) < 0)
		goto done;
	if ((uint64_t)lseek(fd, 0, SEEK_CUR) != package_plan_size(plan)) {
		error_set(err, ERROR_SYSTEM, "its length was foretold wrong");
		goto done;
	}
	rc = 0;
done:
	package_plan_free(plan);
	close(fd);
	return rc;
}

static int
print_manifest(struct files *files, struct error *err)
{
	struct package_plan *plan = NULL;
	struct bytes xml = { 0 };
	int rc = -1;

	if (plan_files(files, &plan, err) == 0 &&
	    package_plan_manifest(plan, &xml, err) == 0) {
		fwrite(xml.data, 1, xml.len, stdout);
		rc = 0;
	}
	bytes_free(&xml);
	package_plan_free(plan);
	return rc;
}

int
main(int argc, char **argv)
{
	struct error err = { 0 };
	struct files files = { 0 };
	int first = argc > 1 && strcmp(argv[1], "write") == 0 ? 3 : 2;
	int rc = -1;

	if (argc < 3 || argc - first > FILES_MAX)
		return 64;
	files.paths = argv + first;
	files.count = (size_t)(argc - first);
	for (size_t i = 0; i < files.count; i++)
		files.fds[i] = -1;
	if (strcmp(argv[1], "read") == 0 && argc == 4)
		rc = read_package(argv[2], argv[3], &err);
	else if (strcmp(argv[1], "write") == 0)
		rc = write_package(argv[2], &files, &err);
	else if (strcmp(argv[1], "manifest") == 0)
		rc = print_manifest(&files, &err);
	if (rc < 0)
		fprintf(stderr, "%s: %s\n", error_message_id(&err), err.text);
	return rc < 0;
}
