/*
 * Where a key in a token is, and the PIN that opens it.
 */
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "crypto/secret.h"
#include "token/token_keys.h"
#include "token/token_library.h"

enum { FORBIDDEN_BITS = S_IWGRP | S_IRWXO };

static int
read_line(int fd, const char *path, char to[TOKEN_PIN_SIZE], struct error *err)
{
	struct stat st;
	ssize_t len;

	if (fstat(fd, &st) < 0)
		return error_set_errno(err, "%s", path);
	if (!S_ISREG(st.st_mode) || (st.st_mode & FORBIDDEN_BITS) != 0)
		return error_set_id(err, "E3304", ERROR_DENIED,
		    "%s: mode %04o lets others at the PIN", path,
		    (unsigned)(st.st_mode & 07777));
	len = read(fd, to, TOKEN_PIN_SIZE - 1);
	to[len > 0 ? len : 0] = '\0';
	to[strcspn(to, "\r\n")] = '\0';
	if (len < 0)
		return error_set_errno(err, "%s", path);
	if (to[0] == '\0' || strlen(to) == TOKEN_PIN_SIZE - 1)
		return error_set_id(err, "E3730", ERROR_MALFORMED,
		    "%s: its first line is no PIN", path);
	return 0;
}

int
token_place_read(const char *uri, struct token_place *ret_place,
    struct error *err)
{
	struct token_place place = { .pin = "" };
	int rc;
	int fd;

	if (token_uri_parse(uri, &place.uri, err) < 0)
		return -1;
	fd = open(place.uri.pin_path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return error_set_errno(err, "%s", place.uri.pin_path);
	rc = read_line(fd, place.uri.pin_path, place.pin, err);
	close(fd);
	if (rc == 0)
		*ret_place = place;
	secret_wipe(&place, sizeof(place));
	return rc;
}
