#include "gateway/remark.h"

#include "base/error.h"
#include "base/text.h"
#include "json/json_read.h"
#include "role/message.h"

/* A text of people: not empty if `is_needed`, and nothing but characters. */
static int
read_text(const struct json_value *root, const char *key, bool is_needed,
    char *to, size_t size, struct error *err)
{
	const char *text = json_value_text(json_value_member(root, key));

	if (text == NULL)
		text = "";
	for (const char *at = text; *at != '\0'; at++)
		if ((unsigned char)*at < ' ' || *at == 0x7f)
			return error_set_id(err, "E6204", ERROR_MALFORMED,
			    "%s holds a control character", key);
	if ((is_needed && *text == '\0') || !text_copy(to, size, text))
		return error_set_id(err, "E6204", ERROR_MALFORMED,
		    "%s must be a text of at most %zu bytes", key, size - 1);
	return 0;
}

int
remark_read(const struct message_request *request,
    const struct json_value *root, struct remark *ret_remark, struct error *err)
{
	static const struct digest none = { { 0 } };
	struct remark remark = { .is_person =
				     !digest_equal(&request->session, &none) };

	if (request->actor[0] == '\0') {
		if (read_text(root, "reviewer", true, remark.by,
			sizeof(remark.by), err) < 0)
			return -1;
	} else if (!text_copy(remark.by, sizeof(remark.by), request->actor)) {
		return error_set_id(err, "E6204", ERROR_MALFORMED,
		    "the reviewer's name is too long");
	}
	if (read_text(root, "note", false, remark.note, sizeof(remark.note),
		err) < 0)
		return -1;
	*ret_remark = remark;
	return 0;
}
