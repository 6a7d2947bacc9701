#include "sys/file_link.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "sys/file.h"

enum { NAME_SIZE = 256 };

int
file_remove_dir(int dir, const char *name, struct error *err)
{
	if (unlinkat(dir, name, AT_REMOVEDIR) < 0) {
		if (errno == ENOENT)
			return 0;
		return error_set_errno(err, "removing %s", name);
	}
	return file_sync(dir, err);
}

int
file_link(int dir, const char *name, const char *target, struct error *err)
{
	char draft[NAME_SIZE];

	if (snprintf(draft, sizeof(draft), "%s.tmp", name) >=
	    (int)sizeof(draft))
		return error_set(err, ERROR_MALFORMED, "name too long: %s",
		    name);
	if (file_remove(dir, draft, err) < 0)
		return -1;
	if (symlinkat(target, dir, draft) < 0)
		return error_set_errno(err, "making the link %s", draft);
	return file_rename(dir, draft, dir, name, err);
}

int
file_read_link(int dir, const char *name, char *to, size_t size,
    struct error *err)
{
	ssize_t len = readlinkat(dir, name, to, size);

	if (len < 0)
		return error_set_errno(err, "reading the link %s", name);
	if ((size_t)len >= size)
		return error_set(err, ERROR_MALFORMED,
		    "the link %s is too long", name);
	to[len] = '\0';
	return 0;
}

int
file_open_to_all(int fd, bool may_run, struct error *err)
{
	if (fchmod(fd, may_run ? 0755 : 0644) < 0)
		return error_set_errno(err, "fchmod");
	return 0;
}

int
file_give(int fd, int dir, struct error *err)
{
	struct stat st;

	if (geteuid() != 0)
		return 0;
	if (fstat(dir, &st) < 0 || fchown(fd, st.st_uid, st.st_gid) < 0)
		return error_set_errno(err, "giving a file its owner");
	return 0;
}
