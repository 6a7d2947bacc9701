#include "document/doc_message.h"

#include <stddef.h>

#include "base/error.h"
#include "document/doc_kind.h"
#include "document/document.h"
#include "document/finding.h"
#include "document/pool.h"
#include "document/xml_file.h"

/*
 * A code, then at most one remark: the model says so, too, but does not know
 * of codes that are written as text.
 */
static void
check_shape(const struct xml_file *file)
{
	const struct _xmlNode *root = xml_file_root(file);
	const struct _xmlNode *at = xml_child(root, NULL);

	if (xml_child(root, "文書訊息代碼") == NULL) {
		xml_report(file, root, "E2108", "文書訊息代碼");
		return;
	}
	if (!xml_is(at, "文書訊息代碼")) {
		xml_report(file, at, "E2150", "文書訊息代碼");
		return;
	}
	at = xml_next(at, NULL);
	if (at != NULL && xml_is(at, "訊息備註"))
		at = xml_next(at, NULL);
	if (at != NULL)
		xml_report(file, at, "E2150", "訊息備註");
}

/* 0 if there is no code from 1 to 6. */
static int
read_code(const struct xml_file *file, const struct _xmlNode *node)
{
	const char *attribute = xml_attribute(file, node, "代碼");
	const char *text = xml_text(file, node);
	const char *code = *attribute == '\0' ? text : attribute;

	/* Both at once, and different: nobody can tell which is meant. */
	if (*attribute != '\0' && *text != '\0' && *attribute != *text)
		return 0;
	if (code[0] < '1' || code[0] > '6' || code[1] != '\0')
		return 0;
	return code[0] - '0';
}

static int
read_parsed(const struct xml_file *file, struct doc_message *message)
{
	const struct _xmlNode *root = xml_file_root(file);
	const struct _xmlNode *node = xml_child(root, "文書訊息代碼");
	struct finding_place place = { .file = file->name };
	struct doc_form form;
	int code;

	if (!doc_form_of(&file->prolog, &place, file->findings, &form))
		return 0;
	if (form.info->kind != DOC_KIND_MESSAGE) {
		xml_report(file, root, "E2023", form.info->root);
		return 0;
	}
	message->model = form.model;
	check_shape(file);
	if (node == NULL)
		return 0;
	code = read_code(file, node);
	if (code == 0) {
		xml_report(file, node, "E2140", xml_text(file, node));
		return 0;
	}
	message->code = (enum doc_message_code)code;
	message->remark = xml_child_text(file, root, "訊息備註");
	if (*message->remark == '\0' && code != DOC_MESSAGE_TEST)
		xml_report(file, root, "E2141", "");
	return 1;
}

int
doc_message_read(const struct document_input *input, struct pool *pool,
    struct findings *findings, struct doc_message *ret_message,
    struct error *err)
{
	struct xml_source source = { .name = input->name,
		.data = input->data,
		.len = input->len,
		.max = DOC_MESSAGE_LEN_MAX };
	struct xml_file file;
	int rc;

	*ret_message =
	    (struct doc_message){ .name = input->name, .remark = "" };
	rc = xml_file_open(&source, pool, findings, &file, err);
	if (rc > 0)
		rc = read_parsed(&file, ret_message);
	xml_file_close(&file);
	if (pool->failed)
		return error_set_memory(err);
	return rc;
}
