/*
 * yizhan card list, assign, lost and hold: whose card is where, and what is done
 * when one is lost.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "bulletin/bulletin.h"
#include "bulletin/measures.h"
#include "cli/answer.h"
#include "cli/cli.h"
#include "cli/commands.h"
#include "cli/trust/trust_draft.h"
#include "cli/trust/trust_prepare.h"
#include "json/json_read.h"
#include "json/json_write.h"
#include "model/digest.h"
#include "model/times.h"
#include "sys/clock.h"

enum { TARGET_SIZE = 128 };

static const int64_t hour_ms = INT64_C(3600) * 1000;

/* "…/v1/cards/FINGERPRINT:ACTION" of the first argument. */
static int
put_target(const struct cli *cli, const char *action, char to[TARGET_SIZE],
    struct error *err)
{
	const char *card = cli_argument(cli, 0);
	struct digest digest;

	if (card == NULL || !digest_parse(card, &digest))
		return cli_refuse(err,
		    "the fingerprint of the card's certificate, 64 hex digits");
	snprintf(to, TARGET_SIZE, "/v1/cards/%s:%s", card, action);
	return 0;
}

static int
post(struct cli *cli, const char *target, struct bytes *body, const char *said,
    struct error *err)
{
	struct answer answer = { 0 };
	int rc = -1;

	if (answer_open(&answer, cli, err) == 0)
		rc = answer_post_body(&answer, target, body, err);
	if (rc == 0 && cli->json)
		answer_print(&answer);
	else if (rc == 0)
		cli_say(cli, "%s\n", said);
	answer_close(&answer);
	return rc;
}

/* ---- list --------------------------------------------------------------- */

static void
put_card(const struct cli *cli, const struct json_value *card, struct bytes *to)
{
	const struct json_value *people = json_value_member(card, "custodians");

	bytes_put_format(to, "%.16s  ", answer_text(card, "certificate"));
	answer_put(card, "organisation", to);
	bytes_put_text(to, " ");
	answer_put(card, "name", to);
	bytes_put_format(to, "  %s  ", answer_text(card, "state"));
	if (json_value_count(people) == 0) {
		bytes_put_text(to, cli_text(cli, "未登錄保管人", "nobody"));
	} else {
		const struct json_value *now = json_value_item(people, 0);

		answer_put(now, "custodian", to);
		bytes_put_text(to, cli_text(cli, "，自 ", ", since "));
		answer_put_time(now, "since", to);
	}
	bytes_put_u8(to, '\n');
}

static void
put_report(const struct cli *cli, const struct json_value *report,
    struct bytes *to)
{
	bytes_put_format(to, "%s %.16s  ", cli_text(cli, "遺失", "lost"),
	    answer_text(report, "certificate"));
	answer_put(report, "organisation", to);
	bytes_put_text(to, "  ");
	answer_put_time(report, "time", to);
	bytes_put_text(to, "  ");
	answer_put(report, "host", to);
	bytes_put_text(to, "  ");
	answer_put(report, "reason", to);
	bytes_put_u8(to, '\n');
}

static int
run_list(struct cli *cli, struct error *err)
{
	struct answer answer = { 0 };
	struct bytes text = { 0 };
	int rc = -1;

	if (answer_open(&answer, cli, err) == 0)
		rc = answer_get(&answer, "/v1/cards", err);
	if (rc == 0 && cli->json) {
		answer_print(&answer);
	} else if (rc == 0) {
		const struct json_value *cards =
		    json_value_member(answer_root(&answer), "cards");
		const struct json_value *reports =
		    json_value_member(answer_root(&answer), "reports");

		for (size_t i = 0; i < json_value_count(cards); i++)
			put_card(cli, json_value_item(cards, i), &text);
		for (size_t i = 0; i < json_value_count(reports); i++)
			put_report(cli, json_value_item(reports, i), &text);
		cli_print(&text);
	}
	bytes_free(&text);
	answer_close(&answer);
	return rc;
}

/* ---- assign, lost -------------------------------------------------------- */

static int
run_assign(struct cli *cli, struct error *err)
{
	struct bytes body = { 0 };
	struct json_writer writer = json_writer_to(&body);
	const char *custodian = cli_value(cli, "custodian");
	const char *since = cli_value(cli, "since");
	char target[TARGET_SIZE];
	int rc = -1;

	if (put_target(cli, "assign", target, err) < 0)
		return -1;
	if (custodian == NULL || custodian[0] == '\0')
		return cli_refuse(err, "--custodian says who has it");
	json_write_begin_object(&writer, NULL);
	json_write_text(&writer, "custodian", custodian);
	if (since != NULL)
		json_write_text(&writer, "since", since);
	json_write_end(&writer);
	if (json_write_done(&writer, err) == 0)
		rc = post(cli, target, &body,
		    cli_text(cli, "已登錄保管人",
			"the custodian is registered"),
		    err);
	bytes_free(&body);
	return rc;
}

static int
run_lost(struct cli *cli, struct error *err)
{
	struct bytes body = { 0 };
	struct json_writer writer = json_writer_to(&body);
	const char *reason = cli_value(cli, "reason");
	char target[TARGET_SIZE];
	int rc = -1;

	if (put_target(cli, "lost", target, err) < 0)
		return -1;
	if (reason == NULL || reason[0] == '\0')
		return cli_refuse(err, "--reason is told to management");
	json_write_begin_object(&writer, NULL);
	json_write_text(&writer, "reason", reason);
	json_write_end(&writer);
	if (json_write_done(&writer, err) == 0)
		rc = post(cli, target, &body,
		    cli_text(cli, "卡片已停用並通報管理層；機關仍可收文",
			"the card is blocked and management told; the "
			"organisation goes on receiving"),
		    err);
	bytes_free(&body);
	return rc;
}

/* ---- hold ----------------------------------------------------------------- */

struct holding {
	const char *card;
	const char *reason;
	char name[MEASURE_CASE_SIZE];
	int64_t from;
};

/* "card-0011223344556677-20261126T201500": used once and for ever. */
static void
name_case(struct holding *holding)
{
	char time[TIMES_RFC3339_SIZE];

	times_format(holding->from, time);
	snprintf(holding->name, sizeof(holding->name),
	    "card-%.12s-%.4s%.2s%.2sT%.2s%.2s%.2s", holding->card, time,
	    time + 5, time + 8, time + 11, time + 14, time + 17);
}

static void
put_hold(const struct holding *holding, struct json_writer *writer)
{
	json_write_begin_object(writer, NULL);
	json_write_text(writer, "case", holding->name);
	json_write_text(writer, "subject", measure_subject_name(MEASURE_CARD));
	json_write_text(writer, "name", holding->card);
	json_write_text(writer, "direction",
	    measure_direction_name(MEASURE_BOTH));
	json_write_int(writer, "ground", 0);
	json_write_bool(writer, "stops_queued", false);
	json_write_text(writer, "reason", holding->reason);
	json_write_time(writer, "from", holding->from);
	json_write_time(writer, "until",
	    holding->from + HOLD_TERM_MAX_H * hour_ms);
	json_write_end(writer);
}

/* What was held before stays, so that nobody undoes it. */
static int
put_body(const struct bulletin *before, const struct holding *holding,
    struct bytes *to, struct error *err)
{
	struct json_writer writer = json_writer_to(to);
	const struct json_value *holds = before->serial > 0
	    ? json_value_member(before->body, "holds")
	    : NULL;

	json_write_begin_object(&writer, NULL);
	json_write_begin_array(&writer, "holds");
	for (size_t i = 0; i < json_value_count(holds); i++) {
		struct bytes one = { 0 };
		int rc = json_value_put(json_value_item(holds, i), &one, err);

		if (rc == 0)
			json_write_raw(&writer, NULL, one.data, one.len);
		bytes_free(&one);
		if (rc < 0)
			return -1;
	}
	put_hold(holding, &writer);
	json_write_end(&writer);
	json_write_end(&writer);
	return json_write_done(&writer, err);
}

static int
prepare(const struct cli *cli, const struct holding *holding, struct error *err)
{
	struct json_document *document = NULL;
	struct bulletin before = { 0 };
	struct bytes body = { 0 };
	const char *name = cli_value(cli, "name");
	int rc;

	if (name == NULL)
		name = "";
	rc = trust_newest(cli, "before", BULLETIN_HOLD, name, &before, err);

	/* Nobody was held yet. */
	if (rc < 0 && err->code == ERROR_NOT_FOUND) {
		*err = (struct error){ 0 };
		rc = 0;
	}
	if (rc == 0 && put_body(&before, holding, &body, err) == 0 &&
	    json_read(body.data, body.len, body.len, &document, err) == 0)
		rc = trust_prepare_body(cli, BULLETIN_HOLD, name,
		    json_root(document), &before, NULL, err);
	else
		rc = -1;
	json_document_free(document);
	bytes_free(&body);
	bulletin_free(&before);
	return rc;
}

static int
run_hold(struct cli *cli, struct error *err)
{
	struct holding holding = { .card = cli_argument(cli, 0),
		.reason = cli_value(cli, "reason"),
		.from = clock_now_ms() };
	char ignored[TARGET_SIZE];

	if (put_target(cli, "hold", ignored, err) < 0)
		return -1;
	if (holding.reason == NULL || holding.reason[0] == '\0' ||
	    cli_value(cli, "to") == NULL)
		return cli_refuse(err, "--reason, and --to which draft?");
	name_case(&holding);
	return prepare(cli, &holding, err);
}

/* ---- commands -------------------------------------------------------------- */

static const struct command_option list_options[] = {
	{ "config", 'c', "FILE", "configuration of the host" },
	{ NULL, 0, NULL, NULL },
};

const struct command card_list_command = {
	.name = "card list",
	.summary = "the cards of the organisations here, with whom they are",
	.summary_zh = "列出本機機關的卡片與保管人",
	.arguments = "",
	.examples = "yizhan card list -c gateway.conf\n",
	.options = list_options,
	.run = run_list,
};

static const struct command_option assign_options[] = {
	{ "config", 'c', "FILE", "configuration of the host" },
	{ "custodian", 0, "NAME", "who has the card from now on" },
	{ "since", 0, "TIME", "since when, in UTC, instead of now" },
	{ NULL, 0, NULL, NULL },
};

const struct command card_assign_command = {
	.name = "card assign",
	.summary = "register who keeps a card",
	.summary_zh = "登錄卡片保管人",
	.arguments = "FINGERPRINT",
	.arguments_max = 1,
	.examples = "yizhan card assign $FINGERPRINT --custodian '王○○' "
		    "-c gateway.conf\n",
	.options = assign_options,
	.run = run_assign,
};

static const struct command_option lost_options[] = {
	{ "config", 'c', "FILE", "configuration of the host" },
	{ "reason", 0, "TEXT", "what happened" },
	{ NULL, 0, NULL, NULL },
};

const struct command card_lost_command = {
	.name = "card lost",
	.summary = "report that a card is lost, and block it",
	.summary_zh = "通報卡片遺失並停用",
	.arguments = "FINGERPRINT",
	.arguments_max = 1,
	.examples = "yizhan card lost $FINGERPRINT --reason '皮夾遺失' "
		    "-c gateway.conf\n",
	.options = lost_options,
	.run = run_lost,
};

static const struct command_option hold_options[] = {
	{ "config", 'c', "FILE", "configuration of the management host" },
	{ "reason", 0, "TEXT", "why it is blocked" },
	{ "name", 0, "CENTER", "of that center's own authority" },
	{ "to", 'o', "FILE", "the draft to write" },
	{ "days", 0, "N", "until the bulletin expires" },
	{ "before", 0, "FILE", "the hold in force, instead of asking a host" },
	{ "root", 0, "FILE", "the root in force, instead of asking a host" },
	{ NULL, 0, NULL, NULL },
};

const struct command card_hold_command = {
	.name = "card hold",
	.summary = "make the draft of the bulletin that blocks a card",
	.summary_zh = "產生停用卡片的待簽公報",
	.arguments = "FINGERPRINT",
	.arguments_max = 1,
	.examples = "yizhan card hold $FINGERPRINT --reason '遺失' "
		    "-c management.conf --to hold.draft\n",
	.options = hold_options,
	.run = run_hold,
};
