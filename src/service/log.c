#include "service/log.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/error.h"
#include "base/text.h"
#include "model/times.h"

/* A longer value is cut, and marked: one field must not drown the others. */
enum { VALUE_MAX = 1024 };

static const struct {
	const char *name;
	int priority; /* of syslog(3), which the journal reads */
} levels[] = {
	[LOG_LEVEL_ERROR] = { "error", 3 },
	[LOG_LEVEL_WARNING] = { "warning", 4 },
	[LOG_LEVEL_NOTICE] = { "notice", 5 },
	[LOG_LEVEL_DEBUG] = { "debug", 7 },
};

static const char *const code_names[] = {
	[ERROR_NONE] = "none",
	[ERROR_BUSY] = "busy",
	[ERROR_NOT_FOUND] = "not_found",
	[ERROR_EXISTS] = "exists",
	[ERROR_MALFORMED] = "malformed",
	[ERROR_UNTRUSTED] = "untrusted",
	[ERROR_DENIED] = "denied",
	[ERROR_SYSTEM] = "system",
};

static int64_t
log_now(const struct log *log)
{
	struct timespec now;

	if (log->clock != NULL)
		return log->clock(log->clock_context);
	clock_gettime(CLOCK_REALTIME, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void
log_begin(struct log_line *line, const struct log *log, enum log_level level,
    const char *event)
{
	char time[TIMES_RFC3339_SIZE];

	*line = (struct log_line){ 0 };
	if (log == NULL || level > log->level)
		return;
	line->log = log;
	if (log->format == LOG_FORMAT_JOURNAL) {
		bytes_put_format(&line->text, "<%d>", levels[level].priority);
	} else {
		times_format(log_now(log), time);
		bytes_put_format(&line->text, "time=%s ", time);
	}
	bytes_put_format(&line->text, "level=%s role=%s event=%s",
	    levels[level].name, log->role, event);
}

void
log_text_len(struct log_line *line, const char *key, const char *text,
    size_t len)
{
	size_t shown = len < VALUE_MAX ? len : VALUE_MAX;

	if (line->log == NULL)
		return;
	bytes_put_format(&line->text, " %s=\"", key);
	text_put_escaped(&line->text, text, shown);
	bytes_put_text(&line->text, "\"");
	if (shown < len)
		bytes_put_format(&line->text, " %s_cut=%zu", key, len - shown);
}

void
log_text(struct log_line *line, const char *key, const char *text)
{
	log_text_len(line, key, text, strlen(text));
}

void
log_u64(struct log_line *line, const char *key, uint64_t value)
{
	if (line->log != NULL)
		bytes_put_format(&line->text, " %s=%" PRIu64, key, value);
}

void
log_i64(struct log_line *line, const char *key, int64_t value)
{
	if (line->log != NULL)
		bytes_put_format(&line->text, " %s=%" PRId64, key, value);
}

void
log_error(struct log_line *line, const struct error *err)
{
	if (line->log == NULL)
		return;
	bytes_put_format(&line->text, " id=%s code=%s", error_message_id(err),
	    code_names[err->code]);
	log_text(line, "text", err->text);
}

void
log_end(struct log_line *line)
{
	ssize_t written;

	if (line->log != NULL) {
		bytes_put_text(&line->text, "\n");
		do {
			written = write(line->log->fd, line->text.data,
			    line->text.failed ? 0 : line->text.len);
		} while (written < 0 && errno == EINTR);
	}
	bytes_free(&line->text);
	line->log = NULL;
}

void
log_event(const struct log *log, enum log_level level, const char *event)
{
	struct log_line line;

	log_begin(&line, log, level, event);
	log_end(&line);
}

void
log_failure(const struct log *log, enum log_level level, const char *doing,
    const struct error *err)
{
	struct log_line line;

	log_begin(&line, log, level, error_message_id(err));
	log_text(&line, "doing", doing);
	log_error(&line, err);
	log_end(&line);
}

bool
log_level_parse(const char *name, enum log_level *ret_level)
{
	for (size_t i = 0; i < sizeof(levels) / sizeof(levels[0]); i++) {
		if (text_equal(name, levels[i].name)) {
			*ret_level = (enum log_level)i;
			return true;
		}
	}
	return false;
}

const char *
log_level_name(enum log_level level)
{
	return levels[level].name;
}
