/*
 * Parts of a host's answer in words.
 */
#include "cli/answer.h"

#include "base/text.h"
#include "cli/cli.h"
#include "model/event.h"
#include "model/times.h"
#include "service/catalogue.h"

const char *
answer_word(const struct cli *cli, const char *state)
{
	static const struct {
		const char *state, *zh, *en;
	} words[] = {
		{ "draft", "草稿", "draft" },
		{ "held", "可撤回", "undo possible" },
		{ "undone", "已撤回，未送出", "undone before it left" },
		{ "sent", "已送出", "sent" },
		{ "queued", "待送出", "queued" },
		{ "accepted", "已送出，交換中", "on its way" },
		{ "relayed", "已到對方交換中心", "at recipient's center" },
		{ "fetched", "對方已取回", "fetched" },
		{ "opened", "已送達，待對方簽收",
		    "delivered, not yet signed for" },
		{ "confirmed", "已簽收", "signed for" },
		{ "returned", "已退回", "returned" },
		{ "refused", "檢核不符", "refused" },
		{ "expired", "逾期", "expired" },
		{ "withdrawn", "已撤回", "withdrawn" },
		{ "quarantined", "已隔離", "quarantined" },
		{ "unreadable", "無法開啟", "could not be opened" },
		{ "paper", "已改紙本", "changed to paper" },
		{ "paper_copy", "另寄紙本", "paper copy sent" },
		{ "replaced", "已重發", "replaced by a later letter" },
		{ "sent_in_error", "錯發", "sent in error" },
		{ "wait", "再等候", "wait" },
		{ "chase", "已稽催", "recipient was chased" },
		{ "resend", "重新發送", "sent again" },
		{ "resent", "已重新發送", "sent again" },
		{ "not_needed", "無須處理", "nothing to do" },
		{ "open", "未處理", "open" },
		{ "other", "其他", "other" },
		{ "withdrawing", "撤回中", "withdrawing" },
		{ "wants_paper", "將改紙本", "to be changed to paper" },
		{ "overdue", "逾一日未簽收", "not signed for after one day" },
		{ "suspended", "暫停投遞，可改送紙本",
		    "held back, may be changed to paper" },
		{ "resumed", "恢復投遞", "handed out again" },
		{ "notice", "受文者通知誤送或疏漏",
		    "recipient tells of a mistake" },
		{ "flagged", "事後註記：送出時已受停止",
		    "flagged: its sender had been stopped by then" },
	};

	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (text_equal(words[i].state, state))
			return cli_text(cli, words[i].zh, words[i].en);
	return state;
}

void
answer_put(const struct json_value *value, const char *key, struct bytes *to)
{
	cli_put(to, answer_text(value, key));
}

void
answer_put_word(const struct cli *cli, const char *state, struct bytes *to)
{
	cli_put(to, answer_word(cli, state));
}

void
answer_put_time(const struct json_value *value, const char *key,
    struct bytes *to)
{
	char text[TIMES_ROC_SIZE];
	int64_t at;

	if (!times_parse(answer_text(value, key), &at))
		return;
	times_format_roc(at, text);
	bytes_put_text(to, text);
}

static void
put_events(const struct cli *cli, const struct json_value *events,
    struct bytes *to)
{
	for (size_t i = 0; i < json_value_count(events); i++) {
		const struct json_value *event = json_value_item(events, i);

		bytes_put_text(to, "    ");
		answer_put_time(event, "time", to);
		bytes_put_text(to, "  ");
		answer_put_word(cli, answer_text(event, "event"), to);
		bytes_put_text(to, "  ");
		answer_put(event, "at", to);
		bytes_put_text(to, " (");
		answer_put(event, "signer", to);
		bytes_put_text(to, ")\n");
	}
}

static void
put_words(const struct json_value *delivery, struct bytes *to)
{
	if (answer_text(delivery, "words")[0] == '\0')
		return;
	bytes_put_text(to, ": ");
	answer_put(delivery, "words", to);
}

/* Reasons for a return are words of ours; a refusal's is the host's text. */
static void
put_reason(const struct cli *cli, const struct json_value *delivery,
    struct bytes *to)
{
	static const struct {
		const char *reason, *zh, *en;
	} words[] = {
		{ "misdirected", "誤送", "sent to the wrong office" },
		{ "incomplete", "內容疏漏", "incomplete" },
		{ "attachment_missing", "附件缺漏", "attachment missing" },
		{ "unreadable", "無法開啟", "could not be opened" },
		{ "undo", "發文方於送出前撤回", "undone by its sender" },
		{ "other", "其他", "other" },
	};
	const char *reason = answer_text(delivery, "reason");

	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		if (text_equal(words[i].reason, reason)) {
			bytes_put_text(to,
			    cli_text(cli, words[i].zh, words[i].en));
			return;
		}
	}
	answer_put(delivery, "reason", to);
}

static void
put_flags(const struct cli *cli, const struct json_value *flags,
    struct bytes *to)
{
	for (size_t i = 0; i < json_value_count(flags); i++) {
		const char *flag = json_value_text(json_value_item(flags, i));

		if (flag == NULL)
			continue;
		bytes_put_text(to, "  [");
		answer_put_word(cli, flag, to);
		bytes_put_u8(to, ']');
	}
}

/* An id of the catalogue, and its title. */
static void
put_code(const struct cli *cli, const char *code, struct bytes *to)
{
	const struct message *message = catalogue_find(code);

	cli_put(to, code);
	if (message != NULL)
		bytes_put_format(to, " %s",
		    cli->is_chinese ? message->zh.title : message->en.title);
}

/* What the center lets it wait for. */
static void
put_waiting(const struct cli *cli, const struct json_value *delivery,
    struct bytes *to)
{
	const char *code = answer_text(delivery, "waits_for");

	if (code[0] == '\0')
		return;
	bytes_put_text(to, "  [");
	put_code(cli, code, to);
	if (answer_text(delivery, "next_try")[0] != '\0') {
		bytes_put_text(to, cli_text(cli, "，下次嘗試 ", ", next try "));
		answer_put_time(delivery, "next_try", to);
	}
	bytes_put_u8(to, ']');
}

static void
put_delivery(const struct cli *cli, const struct json_value *delivery,
    struct bytes *to)
{
	bytes_put_text(to, "  ");
	answer_put(delivery, "recipient", to);
	bytes_put_u8(to, ' ');
	answer_put(delivery, "name", to);
	bytes_put_text(to, "  ");
	answer_put_word(cli, answer_text(delivery, "state"), to);
	if (answer_text(delivery, "reason")[0] != '\0') {
		bytes_put_text(to, cli_text(cli, "：", ": "));
		put_reason(cli, delivery, to);
	}
	put_words(delivery, to);
	put_flags(cli, json_value_member(delivery, "flags"), to);
	put_waiting(cli, delivery, to);
	bytes_put_u8(to, '\n');
	put_events(cli, json_value_member(delivery, "events"), to);
}

static void
put_files(const struct json_value *files, struct bytes *to)
{
	for (size_t i = 0; i < json_value_count(files); i++) {
		const struct json_value *file = json_value_item(files, i);

		bytes_put_format(to, "  %zu  ", i);
		answer_put(file, "name", to);
		bytes_put_format(to, "  %lld\n",
		    (long long)answer_integer(file, "length"));
	}
}

/* Its DM: what it says, and of which letter. */
static void
put_message(const struct cli *cli, const struct json_value *value,
    struct bytes *to)
{
	static const struct {
		const char *zh, *en;
	} words[] = {
		{ "", "" },
		{ "本文修正重發", "sent again, body mended" },
		{ "附件修正重發", "sent again, attachments mended" },
		{ "本文附件修正重發",
		    "sent again, body and attachments mended" },
		{ "錯發", "sent in error" },
		{ "測試", "a test" },
		{ "本文附件未修正重發", "sent again, unchanged" },
	};
	int64_t code = answer_integer(value, "message");

	if (code <= 0 || code >= (int64_t)ARRAY_LEN(words))
		return;
	bytes_put_format(to, "%s %s", cli_text(cli, "文書訊息", "message"),
	    cli_text(cli, words[code].zh, words[code].en));
	if (answer_text(value, "earlier")[0] != '\0') {
		bytes_put_format(to, "%s", cli_text(cli, "，原公文 ", ", of "));
		answer_put(value, "earlier", to);
	}
	bytes_put_u8(to, '\n');
}

/* How long a letter that is held can be undone. */
static void
put_held(const struct cli *cli, const struct json_value *value,
    struct bytes *to)
{
	if (!text_equal(answer_text(value, "state"), "held"))
		return;
	bytes_put_text(to, cli_text(cli, "，剩餘秒數 ", ", seconds left: "));
	bytes_put_format(to, "%lld",
	    (long long)answer_integer(value, "undo_s"));
}

/* What a later letter made of this one: marked, never hidden. */
static void
put_superseded(const struct cli *cli, const struct json_value *value,
    struct bytes *to)
{
	const char *superseded = answer_text(value, "superseded");

	if (superseded[0] == '\0')
		return;
	bytes_put_text(to, "  [");
	answer_put_word(cli, superseded, to);
	bytes_put_u8(to, ']');
}

/* What was learned of its sender after it came. */
static void
put_doubt(const struct cli *cli, const struct json_value *value,
    struct bytes *to)
{
	const char *doubt = answer_text(value, "doubt");

	if (doubt[0] == '\0')
		return;
	bytes_put_text(to, cli_text(cli, "注意 ", "note "));
	put_code(cli, doubt, to);
	bytes_put_u8(to, '\n');
}

/* The letters that did so. */
static void
put_later(const struct cli *cli, const struct json_value *value,
    struct bytes *to)
{
	const struct json_value *later = json_value_member(value, "later");

	for (size_t i = 0; i < json_value_count(later); i++) {
		const struct json_value *one = json_value_item(later, i);
		const char *key =
		    answer_text(one, "id")[0] != '\0' ? "id" : "waybill_id";

		bytes_put_text(to, cli_text(cli, "後續公文 ", "later letter "));
		answer_put(one, key, to);
		bytes_put_u8(to, '\n');
	}
}

void
answer_put_document(const struct cli *cli, const struct json_value *value,
    struct bytes *to)
{
	const struct json_value *deliveries =
	    json_value_member(value, "deliveries");

	answer_put(value, "reference", to);
	bytes_put_text(to, "  ");
	answer_put(value, "subject", to);
	bytes_put_format(to, "\n%s ", cli_text(cli, "發文機關", "sender"));
	answer_put(value, "sender", to);
	bytes_put_u8(to, ' ');
	answer_put(value, "sender_name", to);
	bytes_put_format(to, "\n%s ", cli_text(cli, "狀態", "state"));
	answer_put_word(cli, answer_text(value, "state"), to);
	put_held(cli, value, to);
	put_superseded(cli, value, to);
	bytes_put_u8(to, '\n');
	put_message(cli, value, to);
	put_doubt(cli, value, to);
	put_later(cli, value, to);
	if (answer_text(value, "receive_number")[0] != '\0') {
		bytes_put_format(to, "%s ",
		    cli_text(cli, "收文號", "receive number"));
		answer_put(value, "receive_number", to);
		bytes_put_u8(to, '\n');
	}
	put_files(json_value_member(value, "files"), to);
	for (size_t i = 0; i < json_value_count(deliveries); i++)
		put_delivery(cli, json_value_item(deliveries, i), to);
	put_events(cli, json_value_member(value, "events"), to);
	answer_put_desk(cli, value, to);
}

static size_t
count_state(const struct json_value *deliveries, const char *state)
{
	size_t count = 0;

	for (size_t i = 0; i < json_value_count(deliveries); i++)
		if (text_equal(answer_text(json_value_item(deliveries, i),
				   "state"),
			state))
			count++;
	return count;
}

/* "signed for ×2, returned ×1"; the number only where there are several. */
static void
put_states(const struct cli *cli, const struct json_value *deliveries,
    struct bytes *to)
{
	size_t total = json_value_count(deliveries);
	size_t shown = 0;

	for (int i = DELIVERY_STATE_COUNT - 1; i >= 0; i--) {
		const char *name = delivery_state_name((enum delivery_state)i);
		size_t count = count_state(deliveries, name);

		if (count == 0)
			continue;
		if (shown > 0)
			bytes_put_text(to, cli_text(cli, "、", ", "));
		answer_put_word(cli, name, to);
		if (total > 1)
			bytes_put_format(to, " ×%zu", count);
		shown += count;
	}
}

void
answer_put_line(const struct cli *cli, const struct json_value *value,
    struct bytes *to)
{
	if (answer_text(value, "id")[0] != '\0') {
		answer_put(value, "id", to);
	} else {
		answer_put(value, "waybill_id", to);
		bytes_put_u8(to, '/');
		answer_put(value, "recipient", to);
	}
	bytes_put_text(to, "  ");
	if (json_value_member(value, "deliveries") != NULL)
		put_states(cli, json_value_member(value, "deliveries"), to);
	else
		answer_put_word(cli, answer_text(value, "state"), to);
	if (answer_text(value, "receive_number")[0] != '\0') {
		bytes_put_text(to, "  ");
		answer_put(value, "receive_number", to);
	}
	bytes_put_text(to, "  ");
	answer_put(value, "reference", to);
	bytes_put_text(to, "  ");
	answer_put(value, "subject", to);
	put_superseded(cli, value, to);
	bytes_put_u8(to, '\n');
}
