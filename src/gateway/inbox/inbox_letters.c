#include "gateway/inbox/inbox_letters.h"

#include <stdio.h>
#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "gateway/inbox/inbox_rows.h"
#include "json/json_read.h"
#include "json/json_write.h"
#include "role/problem.h"

enum { NAME_SIZE = ID_TEXT_SIZE + ORG_TEXT_SIZE };

static const char *
text_at(const struct json_value *list, size_t index)
{
	return json_value_text(json_value_item(list, index));
}

static int
bad(struct error *err, const char *why)
{
	return error_set_id(err, "E6701", ERROR_MALFORMED,
	    "letters must be a list of 1 to %d names \"WAYBILL/CODE\": %s",
	    INBOX_LETTERS_MAX, why);
}

static bool
is_name(const char *text)
{
	const char *slash = text != NULL ? strchr(text, '/') : NULL;

	return slash != NULL && slash - text < ID_TEXT_SIZE &&
	    strlen(slash + 1) < ORG_TEXT_SIZE;
}

int
inbox_letters_check(const struct json_value *list, struct error *err)
{
	size_t count = json_value_count(list);

	if (!json_value_is_array(list) || count == 0)
		return bad(err, "there is none");
	if (count > INBOX_LETTERS_MAX)
		return bad(err, "there are more");
	for (size_t i = 0; i < count; i++) {
		if (!is_name(text_at(list, i)))
			return bad(err, "one is no such name");
		for (size_t j = 0; j < i; j++)
			if (text_equal(text_at(list, i), text_at(list, j)))
				return bad(err, "one is there twice");
	}
	return 0;
}

void
inbox_letter_name(const struct json_value *list, size_t index,
    struct inbox_letter_name *ret_name)
{
	const char *text = text_at(list, index);
	size_t len = strcspn(text, "/");

	(void)text_copy_len(ret_name->waybill_id, sizeof(ret_name->waybill_id),
	    text, len);
	(void)text_copy(ret_name->recipient, sizeof(ret_name->recipient),
	    text + len + 1);
}

void
inbox_letter_result(const struct inbox_letter_name *name,
    const struct inbox_row *row, const struct error *failure,
    const char *language, struct bytes *to)
{
	struct json_writer writer = json_writer_to(to);
	struct bytes problem = { 0 };
	char letter[NAME_SIZE];
	int status = 200;

	snprintf(letter, sizeof(letter), "%s/%s", name->waybill_id,
	    name->recipient);
	if (failure != NULL)
		status = problem_put(failure, language, "", NULL, &problem);
	json_write_begin_object(&writer, NULL);
	json_write_text(&writer, "letter", letter);
	json_write_int(&writer, "status", status);
	/* Of what is not theirs to see nothing is said. */
	json_write_text(&writer, "state",
	    row->row != 0 ? inbox_state_name(row->state) : "");
	if (failure != NULL)
		json_write_raw(&writer, "problem", problem.data, problem.len);
	json_write_end(&writer);
	bytes_free(&problem);
}
