#include "role/reader/copy_answer.h"

#include "base/bytes.h"
#include "base/error.h"

void
copy_answer_put(struct bytes *result, enum message_type type, int rc,
    const struct bytes *answer, const struct error *err)
{
	struct message_failed failed = { .error = *err };

	if (rc < 0) {
		bytes_put_u16(result, MESSAGE_FAILED);
		codec_encode(message_fields(MESSAGE_FAILED), &failed, result);
		return;
	}
	bytes_put_u16(result, (uint16_t)type);
	bytes_put(result, answer->data, answer->len);
}

int
copy_answer_read(const uint8_t *result, size_t len, enum message_type type,
    void *ret_body, struct error *err)
{
	struct cursor cursor = cursor_of(result, len);
	uint16_t found = cursor_u16(&cursor);
	struct message_failed failed;
	struct error ignored = { 0 };

	if (!cursor.failed && found == MESSAGE_FAILED &&
	    codec_decode(message_fields(found), cursor.data, cursor.left,
		&failed, &ignored) == 0) {
		*err = failed.error;
		return -1;
	}
	if (!cursor.failed && found == (uint16_t)type &&
	    codec_decode(message_fields(found), cursor.data, cursor.left,
		ret_body, &ignored) == 0)
		return 0;
	return error_set_id(err, "E2290", ERROR_MALFORMED,
	    "the process that read the file answered nonsense");
}
