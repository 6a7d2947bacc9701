#include "base/error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static void set_text(struct error *err, enum error_code code, const char *id,
    const char *fmt, va_list args) PRINTF_LIKE(4, 0);

static void
set_text(struct error *err, enum error_code code, const char *id,
    const char *fmt, va_list args)
{
	err->code = code;
	err->retry_after_s = 0;
	snprintf(err->id, sizeof(err->id), "%s", id);
	vsnprintf(err->text, sizeof(err->text), fmt, args);
}

int
error_set(struct error *err, enum error_code code, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	set_text(err, code, "", fmt, args);
	va_end(args);
	return -1;
}

int
error_set_id(struct error *err, const char *id, enum error_code code,
    const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	set_text(err, code, id, fmt, args);
	va_end(args);
	return -1;
}

static enum error_code
code_of_errno(int number)
{
	switch (number) {
	case ENOENT:
		return ERROR_NOT_FOUND;
	case EEXIST:
		return ERROR_EXISTS;
	case EACCES:
	case EPERM:
		return ERROR_DENIED;
	case EAGAIN:
	case EBUSY:
	case ECONNREFUSED:
	case ECONNRESET:
	case EDQUOT:
	case EHOSTUNREACH:
	case EINTR:
	case EMFILE:
	case ENFILE:
	case ENETUNREACH:
	case ENOMEM:
	case ENOSPC:
	case EPIPE:
	case ETIMEDOUT:
		return ERROR_BUSY;
	default:
		return ERROR_SYSTEM;
	}
}

int
error_set_errno(struct error *err, const char *fmt, ...)
{
	int number = errno;
	size_t len;
	va_list args;

	va_start(args, fmt);
	set_text(err, code_of_errno(number), "", fmt, args);
	va_end(args);
	len = strlen(err->text);
	snprintf(err->text + len, sizeof(err->text) - len, ": %s",
	    strerror(number));
	return -1;
}

int
error_set_memory(struct error *err)
{
	return error_set(err, ERROR_BUSY, "out of memory");
}

int
error_prefix(struct error *err, const char *fmt, ...)
{
	char old[ERROR_TEXT_SIZE];
	size_t len;
	va_list args;

	memcpy(old, err->text, sizeof(old));
	va_start(args, fmt);
	vsnprintf(err->text, sizeof(err->text), fmt, args);
	va_end(args);
	len = strlen(err->text);
	snprintf(err->text + len, sizeof(err->text) - len, ": %s", old);
	return -1;
}

bool
error_is_temporary(const struct error *err)
{
	return err->code == ERROR_BUSY;
}

const char *
error_message_id(const struct error *err)
{
	static const char *const general[] = {
		[ERROR_NONE] = "E1000",
		[ERROR_BUSY] = "E1001",
		[ERROR_NOT_FOUND] = "E1002",
		[ERROR_EXISTS] = "E1003",
		[ERROR_MALFORMED] = "E1004",
		[ERROR_UNTRUSTED] = "E1005",
		[ERROR_DENIED] = "E1006",
		[ERROR_SYSTEM] = "E1007",
	};

	return err->id[0] != '\0' ? err->id : general[err->code];
}
