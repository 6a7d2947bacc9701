#include "cli/evidence/evidence_report.h"

#include <stdio.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "cli/cli.h"
#include "cli/evidence/evidence_check.h"
#include "envelope/act.h"
#include "json/json_write.h"
#include "model/standing.h"
#include "model/times.h"

static bool
is_none(const struct digest *digest)
{
	return digest_equal(digest, &(struct digest){ { 0 } });
}

/* ---- words ----------------------------------------------------------- */

static void
put_party(const char *code, const char *name, struct bytes *to)
{
	bytes_put_text(to, code);
	if (name[0] != '\0') {
		bytes_put_u8(to, ' ');
		cli_put(to, name);
	}
}

static void
put_id(const struct id *id, struct bytes *to)
{
	char text[ID_TEXT_SIZE];

	id_format(id, text);
	bytes_put_text(to, text);
}

static void
put_waybill(const struct cli *cli, const struct evidence_verdict *verdict,
    struct bytes *to)
{
	const struct head *head = &verdict->waybill.head;

	bytes_put_format(to, "%s ", cli_text(cli, "運單", "waybill"));
	put_id(&head->waybill_id, to);
	bytes_put_format(to, "  %s ", cli_text(cli, "公文", "letter"));
	put_id(&head->document_id, to);
	bytes_put_format(to, "\n  %s ", cli_text(cli, "發文", "from"));
	put_party(head->sender.text, verdict->sender_name, to);
	bytes_put_format(to, "\n  %s ", cli_text(cli, "受文", "to  "));
	put_party(verdict->leaf.recipient.text, verdict->recipient_name, to);
	bytes_put_format(to, "%s%u%s\n", cli_text(cli, "（共 ", " (one of "),
	    (unsigned)verdict->waybill.count,
	    cli_text(cli, " 個受文者）", " recipients)"));
}

/* Whose word an event is: what the regulation calls 簽收 needs the agency. */
static const char *
signer_words(const struct cli *cli, const struct evidence_event *event)
{
	if (event->signer == STATEMENT_ORGANISATION)
		return event->event == EVENT_CONFIRMED
		    ? cli_text(cli, "受文機關簽署：簽收",
			  "signed by the recipient organisation (簽收)")
		    : cli_text(cli, "受文機關簽署",
			  "signed by the recipient organisation");
	if (act_is_of_sender(event->event) || event->event == EVENT_REWRAPPED)
		return cli_text(cli, "發文機關的密碼模組簽署",
		    "signed by the sender's crypto module");
	if (event->signer == STATEMENT_MODULE)
		return cli_text(cli, "密碼模組簽署：系統代簽，不是簽收",
		    "signed by the crypto module alone (系統代簽), nobody's "
		    "confirmation");
	return cli_text(cli, "交換中心陳述", "stated by the center");
}

/* The words of docs/GLOSSARY.md: what happened, not what state that was. */
static const char *
event_words(const struct cli *cli, enum event event)
{
	static const char *const words[EVENT_COUNT][2] = {
		[EVENT_ACCEPTED] = { "已送出", "accepted by the center" },
		[EVENT_RELAYED] = { "已轉遞",
		    "relayed to the recipient's center" },
		[EVENT_FETCHED] = { "已送達", "fetched" },
		[EVENT_OPENED] = { "已開啟", "opened" },
		[EVENT_UNREADABLE] = { "無法開啟", "could not be opened" },
		[EVENT_CONFIRMED] = { "簽收", "confirmed" },
		[EVENT_RETURNED] = { "退文", "returned" },
		[EVENT_EXPIRED] = { "逾期", "expired" },
		[EVENT_WITHDRAWN] = { "撤回", "withdrawn" },
		[EVENT_QUARANTINED] = { "隔離", "quarantined" },
		[EVENT_SUSPENDED] = { "暫停投遞", "held back" },
		[EVENT_RESUMED] = { "恢復投遞", "handed out again" },
		[EVENT_NOTICE] = { "誤送疏漏通知", "notice of a mistake" },
		[EVENT_REWRAP] = { "待換鑰", "waits for another key part" },
		[EVENT_REWRAPPED] = { "已換鑰",
		    "given a key part for another key" },
		[EVENT_MOVED] = { "改由他中心投遞",
		    "handed over to another center" },
		[EVENT_TAKEN] = { "他中心已接手", "taken over by that center" },
		[EVENT_FLAGGED] = { "事後註記",
		    "flagged: its sender had been stopped by then" },
	};

	return cli_text(cli, words[event][0], words[event][1]);
}

static void
put_witnesses(const struct cli *cli, const struct evidence_event *event,
    struct bytes *to)
{
	char time[TIMES_ROC_SIZE];

	if (event->witness_count == 0) {
		bytes_put_format(to, "      %s\n",
		    cli_text(cli, "無見證", "unwitnessed"));
		return;
	}
	times_format_roc(event->witnessed_at, time);
	bytes_put_format(to, "      %s %s%s",
	    cli_text(cli, "見證於", "witnessed by"), time,
	    cli_text(cli, "：", ":"));
	for (size_t i = 0; i < event->witness_count; i++) {
		bytes_put_text(to, i > 0 ? cli_text(cli, "、", ", ") : " ");
		bytes_put_text(to, event->witnesses[i].name);
		bytes_put_text(to, cli_text(cli, "（", " ("));
		cli_put(to, event->witnesses[i].authority);
		bytes_put_text(to, cli_text(cli, "）", ")"));
	}
	bytes_put_u8(to, '\n');
}

static void
put_stamps(const struct cli *cli, const struct evidence_event *event,
    struct bytes *to)
{
	for (size_t i = 0; i < event->stamp_count; i++) {
		const struct evidence_stamp *stamp = &event->stamps[i];
		char time[TIMES_ROC_SIZE];

		times_format_roc(stamp->time, time);
		bytes_put_format(to, "      %s %s%s ",
		    cli_text(cli, "存在早於", "existed before"), time,
		    cli_text(cli, "，時戳機關：", " by"));
		cli_put(to, stamp->authority);
		bytes_put_u8(to, '\n');
	}
	if (event->ended_stamp_count > 0)
		bytes_put_format(to, "      %s%zu\n",
		    cli_text(cli, "不再採信之時戳（根通報已停止信任其機關）：",
			"time stamps that count no more (the root ended the "
			"trust in their authority): "),
		    event->ended_stamp_count);
}

/* What the authority of the signer's certificate said. */
static void
put_status(const struct cli *cli, const struct evidence_event *event,
    struct bytes *to)
{
	char time[TIMES_ROC_SIZE];

	if (!event->has_status)
		return;
	if (event->status_at == 0) {
		bytes_put_format(to, "      %s\n",
		    cli_text(cli, "憑證狀態：交換中心所用的回覆不在檔內",
			"revocation: the answer that the center used is not "
			"in the file"));
		return;
	}
	times_format_roc(event->status_at, time);
	bytes_put_format(to, "      %s %s%s %s\n",
	    cli_text(cli, "憑證狀態：憑證機構於",
		"revocation: its authority said"),
	    revocation_grade_name(event->standing), cli_text(cli, "，", " at"),
	    time);
}

/* How old the bulletins were by which the center judged, where it matters. */
static void
put_freshness(const struct cli *cli, const struct evidence_event *event,
    struct bytes *to)
{
	enum freshness grade = freshness_grade(event->fresh_at, event->time);
	int64_t hours = (event->time - event->fresh_at) / 3600000;

	if (event->fresh_at == 0)
		bytes_put_format(to, "      %s\n",
		    cli_text(cli, "當時中心尚無時戳公報",
			"the center had no timestamp bulletin yet"));
	else if (grade != FRESHNESS_FRESH && cli->is_chinese)
		bytes_put_format(to,
		    "      當時中心的信任資料已 %lld 小時未更新\n",
		    (long long)hours);
	else if (grade != FRESHNESS_FRESH)
		bytes_put_format(to,
		    "      by bulletins of %lld hours before (%s)\n",
		    (long long)hours, freshness_name(grade));
}

static void
put_event(const struct cli *cli, const struct evidence_event *event,
    struct bytes *to)
{
	char time[TIMES_ROC_SIZE];

	times_format_roc(event->time, time);
	bytes_put_text(to, "  ✓ ");
	bytes_put_text(to, event_words(cli, event->event));
	bytes_put_format(to, "  %s  %s #%llu%s\n      %s", time, event->center,
	    (unsigned long long)event->index,
	    event->is_repeat ? cli_text(cli, "（轉述對方中心）",
				   " (repeats the other center)")
			     : "",
	    signer_words(cli, event));
	if (event->act_time != 0) {
		times_format_roc(event->act_time, time);
		bytes_put_format(to, "%s %s", cli_text(cli, "，簽署於", ", at"),
		    time);
	}
	if (event->reason[0] != '\0')
		bytes_put_format(to, "%s%s",
		    cli_text(cli, "，原因 ", ", reason "), event->reason);
	bytes_put_u8(to, '\n');
	if (event->has_words) {
		bytes_put_text(to,
		    cli_text(cli, "      說明：", "      in words: "));
		if (event->words[0] != '\0')
			cli_put(to, event->words);
		else
			bytes_put_text(to,
			    cli_text(cli, "（不在檔內）",
				"(they are not in the file)"));
		bytes_put_u8(to, '\n');
	}
	put_witnesses(cli, event, to);
	put_stamps(cli, event, to);
	put_status(cli, event, to);
	put_freshness(cli, event, to);
}

static const char *
conclusion(const struct cli *cli, enum event event)
{
	switch (event) {
	case EVENT_ACCEPTED:
		return cli_text(cli,
		    "發文方的交換中心已收下；受文方是否收到未證明。",
		    "the sender's center took it; nothing about the recipient.");
	case EVENT_RELAYED:
		return cli_text(cli,
		    "受文方的交換中心已收下；受文方是否收到未證明。",
		    "the recipient's center took it; nothing about the "
		    "recipient.");
	case EVENT_FETCHED:
		return cli_text(cli, "受文方的系統已取得密文（系統代簽）。",
		    "the recipient's system has the ciphertext (系統代簽).");
	case EVENT_OPENED:
		return cli_text(cli,
		    "受文方的系統已開啟並檢查（系統代簽）；沒有人簽收。",
		    "the recipient's system opened and checked it (系統代簽); "
		    "no person has signed for it.");
	case EVENT_UNREADABLE:
		return cli_text(cli, "受文方的系統無法開啟（系統代簽）。",
		    "the recipient's system could not open it (系統代簽).");
	case EVENT_CONFIRMED:
		return cli_text(cli, "受文機關已簽收。",
		    "the recipient organisation signed for it (簽收).");
	case EVENT_RETURNED:
		return cli_text(cli, "受文機關已退文。",
		    "the recipient organisation returned it (退文).");
	case EVENT_EXPIRED:
		return cli_text(cli, "逾期未簽收。", "nobody signed in time.");
	case EVENT_WITHDRAWN:
		return cli_text(cli, "發文方已撤回。",
		    "the sender withdrew it.");
	case EVENT_QUARANTINED:
		return cli_text(cli, "已隔離。", "it was quarantined.");
	case EVENT_REWRAP:
	case EVENT_REWRAPPED: /* never the last step: evidence_check_order() */
	case EVENT_MOVED:
	case EVENT_TAKEN:
	case EVENT_NONE:
	case EVENT_SUSPENDED:
	case EVENT_RESUMED:
	case EVENT_NOTICE:
	case EVENT_FLAGGED:
	case EVENT_COUNT:
		break;
	}
	return "";
}

/* Every one of them: then no log was made for whoever has the file. */
static bool
is_witnessed(const struct evidence_verdict *verdict)
{
	for (size_t i = 0; i < verdict->event_count; i++)
		if (verdict->events[i].witness_count == 0)
			return false;
	return true;
}

static bool
is_stamped(const struct evidence_verdict *verdict)
{
	for (size_t i = 0; i < verdict->event_count; i++)
		if (verdict->events[i].stamp_count == 0)
			return false;
	return true;
}

/* A center's own word needs none. */
static bool
has_statuses(const struct evidence_verdict *verdict)
{
	for (size_t i = 0; i < verdict->event_count; i++) {
		const struct evidence_event *event = &verdict->events[i];
		bool is_signed =
		    event->act_time != 0 || event->event == EVENT_ACCEPTED;

		if (is_signed && !event->is_repeat && event->status_at == 0)
			return false;
	}
	return true;
}

static void
put_unproven(const struct cli *cli, const struct evidence_verdict *verdict,
    struct bytes *to)
{
	bytes_put_text(to, cli_text(cli, "未證明：", "not proven: "));
	if (!is_stamped(verdict) && !is_witnessed(verdict))
		bytes_put_text(to,
		    cli_text(cli,
			"時間為各交換中心之陳述（並非每張回條都有見證或外部時戳）；",
			"times are the centers' word (not every receipt is "
			"witnessed or time-stamped);\n  "));
	else if (!is_stamped(verdict))
		bytes_put_text(to,
		    cli_text(cli,
			"時間為各交換中心與見證者之陳述（並非每張回條都有外部時戳）；",
			"times are the word of centers and witnesses (not "
			"every receipt is time-stamped);\n  "));
	if (!has_statuses(verdict))
		bytes_put_text(to,
		    cli_text(cli,
			"並非每個簽章都附有憑證機構的狀態回覆"
			"（其餘以當時名錄為準）；",
			"not every signature comes with its authority's word "
			"(the directory of the time counts for the rest);\n"
			"  "));
	bytes_put_text(to,
	    cli_text(cli, "此後是否另有事件。\n",
		"whether more happened since.\n"));
}

void
evidence_report_words(const struct cli *cli,
    const struct evidence_verdict *verdict, struct bytes *to)
{
	char module[DIGEST_TEXT_SIZE];

	digest_format(&verdict->waybill.head.module, module);
	put_waybill(cli, verdict, to);
	bytes_put_format(to, "  ✓ %s  %.16s…\n",
	    cli_text(cli, "運單由發文方的密碼模組簽署",
		"waybill signed by the sender's crypto module"),
	    module);
	for (size_t i = 0; i < verdict->event_count; i++)
		put_event(cli, &verdict->events[i], to);
	bytes_put_format(to, "%s%s\n", cli_text(cli, "證明：", "proven: "),
	    conclusion(cli, verdict->last->event));
	put_unproven(cli, verdict, to);
}

/* ---- JSON ------------------------------------------------------------ */

static void
write_witnesses(struct json_writer *writer, const struct evidence_event *event)
{
	json_write_begin_array(writer, "witnesses");
	for (size_t i = 0; i < event->witness_count; i++) {
		const struct evidence_witness *witness = &event->witnesses[i];

		json_write_begin_object(writer, NULL);
		json_write_text(writer, "name", witness->name);
		json_write_text(writer, "authority", witness->authority);
		json_write_time(writer, "time", witness->time);
		json_write_end(writer);
	}
	json_write_end(writer);
}

static void
write_stamps(struct json_writer *writer, const struct evidence_event *event)
{
	json_write_begin_array(writer, "stamps");
	for (size_t i = 0; i < event->stamp_count; i++) {
		json_write_begin_object(writer, NULL);
		json_write_text(writer, "authority",
		    event->stamps[i].authority);
		json_write_time(writer, "time", event->stamps[i].time);
		json_write_end(writer);
	}
	json_write_end(writer);
	json_write_int(writer, "stamps_ended",
	    (int64_t)event->ended_stamp_count);
}

/* null: no answer was used; "unknown": it is not in the file. */
static void
write_status(struct json_writer *writer, const struct evidence_event *event)
{
	if (!event->has_status) {
		json_write_null(writer, "revocation");
		return;
	}
	json_write_begin_object(writer, "revocation");
	json_write_text(writer, "standing",
	    revocation_grade_name(event->standing));
	if (event->status_at == 0)
		json_write_text(writer, "time", "");
	else
		json_write_time(writer, "time", event->status_at);
	json_write_end(writer);
}

static void
write_event(struct json_writer *writer, const struct evidence_event *event)
{
	json_write_begin_object(writer, NULL);
	json_write_text(writer, "event", event_name(event->event));
	json_write_text(writer, "etsi", event_etsi(event->event));
	json_write_time(writer, "time", event->time);
	json_write_text(writer, "center", event->center);
	json_write_int(writer, "index", (int64_t)event->index);
	json_write_text(writer, "at", event->at);
	json_write_text(writer, "signer", statement_signer_name(event->signer));
	if (is_none(&event->act_signer))
		json_write_text(writer, "signed_by", "");
	else
		json_write_digest(writer, "signed_by", &event->act_signer);
	json_write_int(writer, "directory", (int64_t)event->directory);
	if (event->fresh_at == 0)
		json_write_text(writer, "fresh", "");
	else
		json_write_time(writer, "fresh", event->fresh_at);
	json_write_text(writer, "reason", event->reason);
	json_write_text(writer, "words", event->words);
	json_write_bool(writer, "repeats", event->is_repeat);
	write_witnesses(writer, event);
	write_stamps(writer, event);
	write_status(writer, event);
	json_write_end(writer);
}

int
evidence_report_json(const struct evidence_verdict *verdict, struct bytes *to,
    struct error *err)
{
	struct json_writer writer = json_writer_to(to);
	const struct waybill *waybill = &verdict->waybill;

	json_write_begin_object(&writer, NULL);
	json_write_text(&writer, "environment", waybill->head.environment);
	json_write_id(&writer, "waybill_id", &waybill->head.waybill_id);
	json_write_id(&writer, "document_id", &waybill->head.document_id);
	json_write_digest(&writer, "waybill", &waybill->digest);
	json_write_org(&writer, "sender", &waybill->head.sender);
	json_write_text(&writer, "sender_name", verdict->sender_name);
	json_write_org(&writer, "recipient", &verdict->leaf.recipient);
	json_write_text(&writer, "recipient_name", verdict->recipient_name);
	json_write_digest(&writer, "module", &waybill->head.module);
	if (is_none(&verdict->package))
		json_write_text(&writer, "package", "");
	else
		json_write_digest(&writer, "package", &verdict->package);
	json_write_text(&writer, "proven", event_name(verdict->last->event));
	json_write_text(&writer, "signer",
	    statement_signer_name(verdict->last->signer));
	json_write_begin_array(&writer, "events");
	for (size_t i = 0; i < verdict->event_count; i++)
		write_event(&writer, &verdict->events[i]);
	json_write_end(&writer);
	json_write_bool(&writer, "witnessed", is_witnessed(verdict));
	json_write_bool(&writer, "stamped", is_stamped(verdict));
	json_write_end(&writer);
	return json_write_done(&writer, err);
}
