#include "cli/doc/doc_report.h"

#include "base/bytes.h"
#include "base/text.h"
#include "cli/answer.h"
#include "cli/cli.h"

enum { NAMES_SHOWN = 12 };

/* ---- lines ----------------------------------------------------------- */

/* A label of four characters' width in Chinese, as wide in English. */
static void
put_label(const struct cli *cli, const char *zh, const char *en,
    struct bytes *to)
{
	static const char wide[] = "　　　　";
	size_t chars = 0;

	bytes_put_text(to, "  ");
	if (!cli->is_chinese) {
		bytes_put_format(to, "%-13s", en);
		return;
	}
	bytes_put_text(to, zh);
	for (const char *at = zh; *at != '\0'; at++)
		chars += ((unsigned char)*at & 0xc0) != 0x80;
	/* Each blank of the filling is three bytes. */
	bytes_put_text(to, chars < 4 ? wide + 3 * chars : "");
	bytes_put_text(to, "  ");
}

static void
put_line(const struct cli *cli, const char *zh, const char *en,
    const char *text, struct bytes *to)
{
	if (text[0] == '\0')
		return;
	put_label(cli, zh, en, to);
	cli_put(to, text);
	bytes_put_u8(to, '\n');
}

static void
put_member(const struct cli *cli, const char *zh, const char *en,
    const struct json_value *value, const char *key, struct bytes *to)
{
	put_line(cli, zh, en, answer_text(value, key), to);
}

/* What one item of a list is called. */
typedef void (*put_item_fn)(const struct cli *cli,
    const struct json_value *item, struct bytes *to);

static void
put_list(const struct cli *cli, const char *zh, const char *en,
    const struct json_value *list, put_item_fn put_item, struct bytes *to)
{
	size_t count = json_value_count(list);

	if (count == 0)
		return;
	put_label(cli, zh, en, to);
	for (size_t i = 0; i < count && i < NAMES_SHOWN; i++) {
		if (i > 0)
			bytes_put_text(to, "、");
		put_item(cli, json_value_item(list, i), to);
	}
	if (count > NAMES_SHOWN && cli->is_chinese)
		bytes_put_format(to, " …共 %zu", count);
	else if (count > NAMES_SHOWN)
		bytes_put_format(to, " ... %zu in all", count);
	bytes_put_u8(to, '\n');
}

/* ---- items ----------------------------------------------------------- */

static void
put_text(const struct cli *cli, const struct json_value *item, struct bytes *to)
{
	const char *text = json_value_text(item);

	(void)cli;
	cli_put(to, text != NULL ? text : "");
}

static void
put_party(const struct cli *cli, const struct json_value *item,
    struct bytes *to)
{
	(void)cli;
	answer_put(item, "name", to);
	bytes_put_u8(to, ' ');
	answer_put(item, "code", to);
}

static void
put_reader(const struct cli *cli, const struct json_value *item,
    struct bytes *to)
{
	(void)cli;
	answer_put(item, "name", to);
}

/* A copy says which of its readers get the attachments. */
static void
put_copy(const struct cli *cli, const struct json_value *item, struct bytes *to)
{
	bool with_attachments = false;

	json_value_bool(json_value_member(item, "with_attachments"),
	    &with_attachments);
	answer_put(item, "name", to);
	if (with_attachments)
		bytes_put_text(to,
		    cli_text(cli, "（含附件）", " (with attachments)"));
}

static void
put_person(const struct cli *cli, const struct json_value *item,
    struct bytes *to)
{
	const char *phone = answer_text(item, "phone");
	const char *title = answer_text(item, "title");

	(void)cli;
	answer_put(item, "name", to);
	if (title[0] != '\0') {
		bytes_put_u8(to, ' ');
		cli_put(to, title);
	}
	if (phone[0] != '\0') {
		bytes_put_u8(to, ' ');
		cli_put(to, phone);
	}
}

static void
put_time(const struct cli *cli, const struct json_value *item, struct bytes *to)
{
	(void)cli;
	answer_put(item, "date", to);
	bytes_put_text(to, "（");
	answer_put(item, "weekday", to);
	bytes_put_text(to, "）");
	answer_put(item, "clock", to);
}

static void
put_roster(const struct cli *cli, const struct json_value *item,
    struct bytes *to)
{
	answer_put(item, "file", to);
	bytes_put_format(to, " %lld%s",
	    (long long)answer_integer(item, "recipients"),
	    cli_text(cli, " 個受文者", " recipients"));
}

static void
put_card(const struct cli *cli, const struct json_value *item, struct bytes *to)
{
	(void)cli;
	answer_put(item, "code", to);
	bytes_put_u8(to, ' ');
	answer_put(item, "type", to);
	bytes_put_u8(to, ' ');
	answer_put(item, "number", to);
}

static const char *
model_words(const struct cli *cli, const char *model)
{
	if (text_equal(model, "official"))
		return cli_text(cli, "依官方 DTD 檢核",
		    "checked against the official DTD");
	if (text_equal(model, "reconstructed"))
		return cli_text(cli, "無官方 DTD，依重建的參考格式比對",
		    "no official DTD: compared with a reconstructed model");
	return cli_text(cli, "無參考格式，只列出內容",
	    "no model: shown for what it says");
}

/* ---- a letter -------------------------------------------------------- */

static void
put_message(const struct cli *cli, const struct json_value *message,
    struct bytes *to)
{
	if (!json_value_is_object(message))
		return;
	put_label(cli, "文書訊息", "message", to);
	bytes_put_format(to, "%lld ",
	    (long long)answer_integer(message, "code"));
	answer_put(message, "remark", to);
	bytes_put_u8(to, '\n');
}

static void
put_meeting(const struct cli *cli, const struct json_value *document,
    struct bytes *to)
{
	put_list(cli, "時間", "time", json_value_member(document, "times"),
	    put_time, to);
	put_member(cli, "地點", "place", document, "venue", to);
	put_list(cli, "主持人", "chair", json_value_member(document, "chairs"),
	    put_person, to);
	put_list(cli, "聯絡人", "contact",
	    json_value_member(document, "callers"), put_person, to);
	put_list(cli, "出席者", "attendees",
	    json_value_member(document, "attendees"), put_reader, to);
	put_list(cli, "列席者", "observers",
	    json_value_member(document, "observers"), put_reader, to);
}

static void
put_title(const struct json_value *document, struct bytes *to)
{
	const char *kind = answer_text(document, "kind");
	const char *class_name = answer_text(document, "class");

	answer_put(document, "file", to);
	bytes_put_text(to, ": ");
	cli_put(to, class_name[0] != '\0' ? class_name : kind);
	bytes_put_u8(to, '\n');
}

static void
put_document(const struct cli *cli, const struct json_value *document,
    struct bytes *to)
{
	put_title(document, to);
	put_line(cli, "格式", "model",
	    model_words(cli, answer_text(document, "model")), to);
	put_list(cli, "發文機關", "from",
	    json_value_member(document, "senders"), put_party, to);
	put_list(cli, "發文字號", "number",
	    json_value_member(document, "references"), put_text, to);
	put_member(cli, "發文日期", "date", document, "issued", to);
	put_member(cli, "速別", "speed", document, "speed", to);
	put_member(cli, "密等", "secrecy", document, "secrecy", to);
	put_member(cli, "主旨", "subject", document, "subject", to);
	put_meeting(cli, document, to);
	put_list(cli, "正本", "originals",
	    json_value_member(document, "originals"), put_reader, to);
	put_list(cli, "副本", "copies", json_value_member(document, "copies"),
	    put_copy, to);
	put_list(cli, "附件", "attachments",
	    json_value_member(document, "attachments"), put_text, to);
	put_list(cli, "交換表單", "rosters",
	    json_value_member(document, "rosters"), put_roster, to);
	put_message(cli, json_value_member(document, "message"), to);
}

/* ---- an envelope ----------------------------------------------------- */

static void
put_envelope(const struct cli *cli, const struct json_value *envelope,
    struct bytes *to)
{
	const struct json_value *sender = json_value_member(envelope, "sender");

	answer_put(envelope, "file", to);
	bytes_put_format(to, ": %s\n",
	    text_equal(answer_text(envelope, "kind"), "EN")
		? cli_text(cli, "信封檔（EN）", "envelope (EN)")
		: cli_text(cli, "加密切換檔（ESW）", "encrypt list (ESW)"));
	put_line(cli, "格式", "model",
	    model_words(cli, answer_text(envelope, "model")), to);
	if (sender != NULL) {
		put_label(cli, "發文機關", "from", to);
		put_party(cli, sender, to);
		bytes_put_u8(to, '\n');
	}
	put_list(cli, "受文者", "to", json_value_member(envelope, "receivers"),
	    put_party, to);
	put_member(cli, "主旨", "subject", envelope, "subject", to);
	put_member(cli, "服務", "service", envelope, "service", to);
	put_member(cli, "文號", "application", envelope, "application", to);
	put_member(cli, "期限", "expires", envelope, "expires", to);
	put_list(cli, "檔案", "files", json_value_member(envelope, "files"),
	    put_reader, to);
	put_list(cli, "憑證卡", "cards", json_value_member(envelope, "cards"),
	    put_card, to);
}

void
doc_report_put(const struct cli *cli, const struct json_value *root,
    struct bytes *to)
{
	const struct json_value *document = json_value_member(root, "document");
	const struct json_value *list = json_value_member(root, "envelopes");

	if (json_value_is_object(document))
		put_document(cli, document, to);
	for (size_t i = 0; i < json_value_count(list); i++)
		put_envelope(cli, json_value_item(list, i), to);
}

/* ---- findings -------------------------------------------------------- */

/* For a warning that stops a letter: how to let it pass. */
static void
put_accept(const struct cli *cli, const struct json_value *finding,
    struct bytes *to)
{
	const char *accept = answer_text(finding, "accept");

	if (accept[0] == '\0')
		return;
	if (text_equal(accept, "given"))
		bytes_put_text(to, cli_text(cli, "    已確認", "    accepted"));
	else
		bytes_put_format(to, "    %s--accept %s",
		    cli_text(cli, "寄送前須確認：", "must be accepted: "),
		    answer_text(finding, "rule"));
	bytes_put_u8(to, '\n');
}

static void
put_place(const struct json_value *finding, struct bytes *to)
{
	int64_t line = answer_integer(finding, "line");
	int64_t column = answer_integer(finding, "column");

	answer_put(finding, "file", to);
	if (line > 0)
		bytes_put_format(to, ":%lld", (long long)line);
	if (line > 0 && column > 0)
		bytes_put_format(to, ":%lld", (long long)column);
}

static void
put_finding(const struct cli *cli, const struct json_value *finding,
    struct bytes *to)
{
	const char *text = answer_text(finding, "text");
	const char *element = answer_text(finding, "element");

	put_place(finding, to);
	if (answer_text(finding, "file")[0] != '\0')
		bytes_put_text(to, ": ");
	bytes_put_text(to,
	    text_equal(answer_text(finding, "severity"), "error")
		? cli_text(cli, "錯誤 ", "error ")
		: cli_text(cli, "注意 ", "warning "));
	answer_put(finding, "rule", to);
	bytes_put_u8(to, ' ');
	answer_put(finding, "title", to);
	if (text[0] != '\0') {
		bytes_put_text(to, cli_text(cli, "：", ": "));
		cli_put(to, text);
	}
	bytes_put_u8(to, '\n');
	if (element[0] != '\0') {
		bytes_put_text(to, "    ");
		cli_put(to, element);
		bytes_put_u8(to, '\n');
	}
	bytes_put_text(to, "    ");
	answer_put(finding, "remedy", to);
	bytes_put_u8(to, '\n');
	put_accept(cli, finding, to);
}

void
doc_report_put_findings(const struct cli *cli, const struct json_value *list,
    struct bytes *to)
{
	for (size_t i = 0; i < json_value_count(list); i++)
		put_finding(cli, json_value_item(list, i), to);
}
