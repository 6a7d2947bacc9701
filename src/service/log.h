/*
 * What a process tells its operator: one line of key=value per event.
 *
 *   time=2026-11-22T03:04:05.678Z level=warning role=courier event=E3102
 *   peer="center-b" text="connection refused"
 *
 * Only services log; libraries return errors.  Never put document content or
 * secrets into a line.  Evidence is another thing: see src/log.
 */
#ifndef SERVICE_LOG_H
#define SERVICE_LOG_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"

struct error;

enum log_level {
	LOG_LEVEL_ERROR,   /* an operator must act */
	LOG_LEVEL_WARNING, /* something was refused or is tried again */
	LOG_LEVEL_NOTICE,  /* life cycle, one line per document event */
	LOG_LEVEL_DEBUG,
};

enum log_format {
	LOG_FORMAT_PLAIN,
	LOG_FORMAT_JOURNAL, /* "<4>" before each line, no time= */
};

/* Milliseconds since 1970 in UTC. */
typedef int64_t (*log_clock_fn)(void *context);

/* Where lines go; passed down, never global. */
struct log {
	int fd; /* not ours */
	enum log_level level;
	enum log_format format;
	const char *role;   /* must outlive the log */
	log_clock_fn clock; /* NULL: the system's clock */
	void *clock_context;
};

/* A line that is being written; it is sent by log_end(). */
struct log_line {
	const struct log *log; /* NULL: this level is switched off */
	struct bytes text;
};

/*
 * Start a line.  `event` is a catalogue id or a short dotted name such as
 * "delivery.accepted"; every log_begin() needs its log_end().  A NULL `log`
 * takes everything and writes nothing.
 */
void log_begin(struct log_line *line, const struct log *log,
    enum log_level level, const char *event);

/* Keys are literals of a-z and _.  Text may be hostile: it is escaped. */
void log_text(struct log_line *line, const char *key, const char *text);
void log_text_len(struct log_line *line, const char *key, const char *text,
    size_t len);
void log_u64(struct log_line *line, const char *key, uint64_t value);
void log_i64(struct log_line *line, const char *key, int64_t value);

/* The id, the code's reaction and the text of a failure. */
void log_error(struct log_line *line, const struct error *err);

/*
 * Send the line by one write(), so that lines of several processes do not
 * mix.  A line that cannot be written is lost: logging never stops work.
 */
void log_end(struct log_line *line);

/* A whole line without fields, or one about a failure. */
void log_event(const struct log *log, enum log_level level, const char *event);
void log_failure(const struct log *log, enum log_level level, const char *doing,
    const struct error *err);

bool log_level_parse(const char *name, enum log_level *ret_level);
const char *log_level_name(enum log_level level);

#endif
