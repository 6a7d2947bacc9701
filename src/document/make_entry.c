/*
 * Recipients by code, and the roster and the message form made of little else.
 */
#include "document/make.h"

#include <stdint.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "document/document.h"
#include "document/file_name.h"
#include "document/finding.h"
#include "document/make_internal.h"
#include "document/pool.h"

/* 收發處理本別. */
static const char *const copies[] = { "正本", "副本", "抄本", "影本", "譯本",
	"稿本", "草稿", "定稿", "底圖", "藍圖", NULL };

static void
put_body_file(struct maker *maker, const char *name)
{
	static const char element[] = "內含本文與附件之可攜式文件檔名";
	const char *rule;

	if (*name == '\0')
		return;
	rule = file_name_broken_rule(name);
	if (rule != NULL)
		make_report(maker, rule, name);
	make_element(maker, element, 0, name);
}

void
make_entry(struct maker *maker, const struct roster_entry *entry, size_t nth)
{
	const char *name = "全銜";

	if (entry->is_person)
		name = "姓名";
	else if (org_code_is_unit(&entry->code))
		name = "單位名";
	make_needed(maker, name, nth, entry->name);
	make_code(maker, &entry->code);
	make_element(maker, "含附件", 0,
	    entry->with_attachments ? "含附件" : "不含附件");
	put_body_file(maker, entry->body_file);
}

int
make_finish(const struct bytes *made, int rc, bool is_clean, struct bytes *to,
    struct error *err)
{
	if (rc < 0 || bytes_failed(made, err) < 0)
		return -1;
	if (rc == 0 || !is_clean)
		return 0;
	bytes_put(to, made->data, made->len);
	return bytes_failed(to, err) < 0 ? -1 : 1;
}

static void
put_roster(struct maker *maker, const struct roster *roster)
{
	make_prolog(maker, "交換表單");
	bytes_put_text(maker->out, ">\n");
	make_open(maker, "交換表單", 0);
	bytes_put_u8(maker->out, '\n');
	if (roster->count == 0)
		make_report(maker, "E2130", roster->name);
	for (size_t i = 0; i < roster->count; i++) {
		const struct roster_entry *entry = &roster->entries[i];
		const char *copy = entry->copy;

		make_entry(maker, entry, i + 1);
		make_open(maker, "本別", 0);
		make_word(maker, "收發處理本別", *copy != '\0' ? copy : "正本",
		    copies);
		make_close(maker, "本別");
	}
	make_close(maker, "交換表單");
}

void
make_check_name(struct maker *maker, const char *extension)
{
	const char *rule = file_name_broken_rule(maker->file);

	if (rule == NULL && !file_name_has_extension(maker->file, extension))
		rule = "E2120";
	if (rule != NULL)
		make_report(maker, rule, maker->file);
}

int
roster_write(const struct roster *roster, const struct dtd_set *dtds,
    struct pool *pool, struct findings *findings, struct bytes *to,
    struct error *err)
{
	size_t errors = findings->error_total;
	struct bytes made = { 0 };
	struct maker maker = { .file = roster->name,
		.findings = findings,
		.out = &made };
	struct document_input input = { .name = roster->name,
		.kind = DOCUMENT_SW };
	struct roster again;
	int rc = 0;

	make_check_name(&maker, ".sw");
	put_roster(&maker, roster);
	input.data = made.data;
	input.len = made.len;
	if (!made.failed && findings->error_total == errors)
		rc = roster_read(&input, dtds, pool, findings, &again, err);
	rc = make_finish(&made, rc, findings->error_total == errors, to, err);
	bytes_free(&made);
	return rc;
}

static void
put_message(struct maker *maker, const struct doc_message *message)
{
	char code[] = "0";

	make_prolog(maker, "文書訊息表單");
	bytes_put_text(maker->out, ">\n");
	make_open(maker, "文書訊息表單", 0);
	bytes_put_u8(maker->out, '\n');
	if (message->code < DOC_MESSAGE_BODY_MENDED ||
	    message->code > DOC_MESSAGE_UNCHANGED)
		make_report(maker, "E2140", "");
	else
		code[0] = (char)('0' + (int)message->code);
	make_empty(maker, "文書訊息代碼", code);
	make_element(maker, "訊息備註", 0, message->remark);
	make_close(maker, "文書訊息表單");
}

int
doc_message_write(const struct doc_message *message, struct pool *pool,
    struct findings *findings, struct bytes *to, struct error *err)
{
	size_t errors = findings->error_total;
	struct bytes made = { 0 };
	struct maker maker = { .file = message->name,
		.findings = findings,
		.out = &made };
	struct document_input input = { .name = message->name,
		.kind = DOCUMENT_DM };
	struct doc_message again;
	int rc = 0;

	make_check_name(&maker, ".dm");
	put_message(&maker, message);
	input.data = made.data;
	input.len = made.len;
	if (!made.failed && findings->error_total == errors)
		rc = doc_message_read(&input, pool, findings, &again, err);
	rc = make_finish(&made, rc, findings->error_total == errors, to, err);
	bytes_free(&made);
	return rc;
}
