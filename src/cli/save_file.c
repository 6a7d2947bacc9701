#include "cli/save_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "crypto/sha256.h"
#include "model/digest.h"

enum { NAME_MAX_LEN = 255, CHUNK = 65536 };

bool
save_name_is_good(const char *name)
{
	size_t len = strlen(name);
	struct bytes escaped = { 0 };
	bool is_good;

	if (len == 0 || len > NAME_MAX_LEN || name[0] == '.' ||
	    strpbrk(name, "/\\\"") != NULL || !text_is_utf8(name, len))
		return false;
	/* What a terminal would not show as it is has no place in a name. */
	text_put_escaped(&escaped, name, len);
	is_good = !escaped.failed && escaped.len == len;
	bytes_free(&escaped);
	return is_good;
}

int
save_create(int dir, const char *name, int *ret_fd, struct error *err)
{
	int fd;

	if (!save_name_is_good(name))
		return error_set(err, ERROR_DENIED,
		    "a file of the letter has a name that cannot be used here");
	fd = openat(dir, name,
	    O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return error_set_errno(err, "creating %s", name);
	*ret_fd = fd;
	return 0;
}

int
save_open_folder(const char *path, int *ret_dir, struct error *err)
{
	int dir;

	if (mkdir(path, 0700) < 0 && errno != EEXIST)
		return error_set_errno(err, "creating %s", path);
	dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0)
		return error_set_errno(err, "opening %s", path);
	*ret_dir = dir;
	return 0;
}

int
save_check_digest(int dir, const char *name, const char *wanted,
    struct error *err)
{
	struct sha256 *sha = NULL;
	uint8_t *buffer = malloc(CHUNK);
	char text[DIGEST_TEXT_SIZE];
	struct digest digest;
	ssize_t len = -1;
	int fd = openat(dir, name, O_RDONLY | O_CLOEXEC);
	int rc = -1;

	if (fd < 0 || buffer == NULL || sha256_new(&sha, err) < 0) {
		error_set(err, ERROR_BUSY, "reading %s again", name);
		goto done;
	}
	while ((len = read(fd, buffer, CHUNK)) > 0)
		sha256_update(sha, buffer, (size_t)len);
	sha256_final(sha, &digest);
	digest_format(&digest, text);
	if (len == 0 && text_equal(text, wanted))
		rc = 0;
	else
		error_set(err, ERROR_UNTRUSTED,
		    "%s is not what was signed: remove it", name);
done:
	sha256_free(sha);
	free(buffer);
	if (fd >= 0)
		close(fd);
	return rc;
}
