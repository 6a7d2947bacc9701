#include "gateway/remark.h"

#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "json/json_read.h"
#include "json/json_write.h"
#include "role/message.h"
#include "role/peer.h"

enum { BODY_MAX = 65536 };

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

/* ---- of several letters ------------------------------------------------ */

static int
read_names(const struct json_value *list, const struct remark_form *form,
    void *ctx, size_t *ret_count, struct error *err)
{
	size_t count = json_value_count(list);

	if (!json_value_is_array(list) || count == 0 ||
	    count > REMARK_LETTERS_MAX)
		return error_set_id(err, "E6204", ERROR_MALFORMED,
		    "%s must be a list of 1 to %d", form->member,
		    REMARK_LETTERS_MAX);
	for (size_t i = 0; i < count; i++) {
		const char *name = json_value_text(json_value_item(list, i));

		if (name == NULL || !form->take_name(ctx, i, name))
			return error_set_id(err, "E6204", ERROR_MALFORMED,
			    "each of %s is named %s", form->member, form->name);
	}
	*ret_count = count;
	return 0;
}

int
remark_read_form(const struct message_request *request,
    const struct remark_form *form, void *ctx, struct remark *ret_remark,
    size_t *ret_count, struct error *err)
{
	struct json_document *document = NULL;
	const struct json_value *root;
	const char *action;
	int rc = -1;

	if (json_read(request->body.data, request->body.len, BODY_MAX,
		&document, err) < 0)
		return -1;
	root = json_root(document);
	action = json_value_text(json_value_member(root, "action"));
	if (action == NULL || !form->take_action(ctx, action))
		error_set_id(err, "E6204", ERROR_MALFORMED,
		    "action is one of %s", form->actions);
	else if (remark_read(request, root, ret_remark, err) == 0)
		rc = read_names(json_value_member(root, form->member), form,
		    ctx, ret_count, err);
	json_document_free(document);
	return rc;
}

void
remark_answer(struct peer *peer, uint32_t id, const char *key, int64_t count,
    const struct error *failure)
{
	struct message_response response = { .status = 200,
		.type = "application/json" };
	struct bytes json = { 0 };
	struct json_writer writer = json_writer_to(&json);
	struct error err = { 0 };

	json_write_begin_object(&writer, NULL);
	json_write_int(&writer, key, count);
	json_write_end(&writer);
	if (failure == NULL && json_write_done(&writer, &err) < 0)
		failure = &err;
	response.body = blob_of_bytes(&json);
	if (failure != NULL)
		peer_refuse(peer, id, failure);
	else
		peer_tell(peer, MESSAGE_RESPONSE, id, &response, -1);
	bytes_free(&json);
}

bool
remark_cut_name(const char *name, struct id *ret_id, const char **ret_rest)
{
	const char *slash = strchr(name, '/');
	char id[ID_TEXT_SIZE];

	*ret_rest = slash != NULL ? slash + 1 : NULL;
	return text_copy_len(id, sizeof(id), name,
		   slash != NULL ? (size_t)(slash - name) : strlen(name)) &&
	    id_parse(id, ret_id);
}
