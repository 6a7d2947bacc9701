#include "release/release_history.h"

#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "json/json_write.h"
#include "sys/file.h"
#include "sys/file_link.h"

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
