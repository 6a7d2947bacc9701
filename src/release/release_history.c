#include "release/release_history.h"

#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "json/json_read.h"
#include "json/json_write.h"
#include "model/times.h"
#include "sys/file.h"
#include "sys/file_link.h"

/* Of the end of the file, in which some ten lines stand. */
enum { TAIL = 8192 };

static const char history[] = "history";
static const char older[] = "history.1";

const char *
release_act_name(enum release_act act)
{
	static const char *const names[RELEASE_ACTS] = {
		[RELEASE_FETCHED] = "fetched",
		[RELEASE_REFUSED] = "refused",
		[RELEASE_VERIFIED] = "verified",
		[RELEASE_STAGED] = "staged",
		[RELEASE_INSTALLED] = "installed",
		[RELEASE_RETURNED] = "returned",
		[RELEASE_CONFIRMED] = "confirmed",
	};

	return names[act];
}

static int
write_line(const struct release_note *note, struct bytes *to, struct error *err)
{
	struct json_writer writer = json_writer_to(to);

	json_write_begin_object(&writer, NULL);
	json_write_time(&writer, "time", note->at);
	json_write_text(&writer, "act", release_act_name(note->act));
	json_write_text(&writer, "version", note->version);
	json_write_digest(&writer, "code", &note->code);
	json_write_text(&writer, "by", note->by);
	json_write_text(&writer, "detail", note->detail);
	json_write_end(&writer);
	bytes_put_u8(to, '\n');
	return json_write_done(&writer, err);
}

/* What a power cut left of a line is ended, so that the next one is whole. */
static int
end_line(int dir, uint64_t len, struct bytes *line, struct error *err)
{
	uint8_t last = '\n';
	size_t got = 0;
	int fd = -1;
	int rc = 0;

	if (len == 0)
		return 0;
	if (file_open(dir, history, FILE_READ, &fd, err) < 0)
		return -1;
	rc = file_read_at(fd, &last, 1, len - 1, &got, err);
	file_close(fd);
	if (rc == 0 && last != '\n')
		bytes_put_u8(line, '\n');
	return rc;
}

int
release_history_add(int dir, const struct release_note *note, struct error *err)
{
	struct bytes line = { 0 };
	uint64_t len = 0;
	int fd = -1;
	int rc = -1;

	if (file_open(dir, history, FILE_APPEND, &fd, err) < 0 ||
	    file_give(fd, dir, err) < 0 || file_size(fd, &len, err) < 0)
		goto done;
	if (len > RELEASE_HISTORY_MAX) {
		file_close(fd);
		fd = -1;
		if (file_rename(dir, history, dir, older, err) < 0 ||
		    file_open(dir, history, FILE_APPEND, &fd, err) < 0 ||
		    file_give(fd, dir, err) < 0)
			goto done;
		len = 0;
	}
	if (end_line(dir, len, &line, err) == 0 &&
	    write_line(note, &line, err) == 0 &&
	    bytes_failed(&line, err) == 0 &&
	    file_write_at(fd, line.data, line.len, len, err) == 0 &&
	    file_sync(fd, err) == 0)
		rc = file_sync(dir, err);
done:
	file_close(fd);
	bytes_free(&line);
	return rc;
}

/* ---- the alarm ----------------------------------------------------------- */

/* Reading of a whole line: 1 an alarm, 0 all is right, -1 it says nothing. */
static int
read_line(const void *line, size_t len, struct release_alarm *alarm)
{
	struct json_document *document = NULL;
	struct error ignored = { 0 };
	const struct json_value *root;
	const char *act, *time, *version, *detail;
	int found = -1;

	if (json_read(line, len, len, &document, &ignored) < 0)
		return -1;
	root = json_root(document);
	act = json_value_text(json_value_member(root, "act"));
	time = json_value_text(json_value_member(root, "time"));
	version = json_value_text(json_value_member(root, "version"));
	detail = json_value_text(json_value_member(root, "detail"));
	if (act == NULL || time == NULL || version == NULL || detail == NULL) {
		found = -1;
	} else if (text_equal(act, release_act_name(RELEASE_REFUSED))) {
		found = 1;
		if (!times_parse(time, &alarm->at))
			alarm->at = 0;
		text_copy(alarm->version, sizeof(alarm->version), version);
		if (!text_copy(alarm->detail, sizeof(alarm->detail), detail))
			text_copy_len(alarm->detail, sizeof(alarm->detail),
			    detail, sizeof(alarm->detail) - 1);
	} else if (text_equal(act, release_act_name(RELEASE_VERIFIED)) ||
	    text_equal(act, release_act_name(RELEASE_STAGED)) ||
	    text_equal(act, release_act_name(RELEASE_INSTALLED)) ||
	    text_equal(act, release_act_name(RELEASE_CONFIRMED))) {
		found = 0;
	}
	json_document_free(document);
	return found;
}

/* From the last line back to the first that says anything. */
static int
find_alarm(const uint8_t *text, size_t len, struct release_alarm *alarm)
{
	while (len > 0) {
		size_t begin = len - 1;
		int found;

		while (begin > 0 && text[begin - 1] != '\n')
			begin--;
		found = read_line(text + begin, len - begin, alarm);
		if (found >= 0)
			return found;
		len = begin;
	}
	return 0;
}

int
release_history_alarm(int dir, struct release_alarm *ret_alarm,
    struct error *err)
{
	uint8_t end[TAIL];
	struct error why = { 0 };
	uint64_t len = 0;
	size_t got = 0;
	int fd = -1;
	int rc;

	if (file_open(dir, history, FILE_READ, &fd, &why) < 0) {
		if (why.code == ERROR_NOT_FOUND)
			return 0;
		*err = why;
		return -1;
	}
	rc = file_size(fd, &len, err);
	if (rc == 0)
		rc = file_read_at(fd, end, sizeof(end),
		    len > sizeof(end) ? len - sizeof(end) : 0, &got, err);
	file_close(fd);
	return rc < 0 ? -1 : find_alarm(end, got, ret_alarm);
}

/* ---- all of it ------------------------------------------------------------- */

int
release_history_read(int dir, struct bytes *to, struct error *err)
{
	struct bytes text = { 0 };
	struct error why = { 0 };
	bool is_first = true;

	if (file_read_all(dir, history, 2 * RELEASE_HISTORY_MAX, &text, &why) <
		0 &&
	    why.code != ERROR_NOT_FOUND) {
		bytes_free(&text);
		*err = why;
		return -1;
	}
	bytes_put_u8(to, '[');
	for (size_t at = 0; at < text.len;) {
		const uint8_t *line = text.data + at;
		const uint8_t *end = memchr(line, '\n', text.len - at);
		size_t len = end == NULL ? text.len - at : (size_t)(end - line);

		at += len + 1;
		/* One that a power cut tore is not a line. */
		if (len < 2 || line[0] != '{' || line[len - 1] != '}')
			continue;
		if (!is_first)
			bytes_put_u8(to, ',');
		bytes_put(to, line, len);
		is_first = false;
	}
	bytes_put_u8(to, ']');
	bytes_free(&text);
	return bytes_failed(to, err);
}
