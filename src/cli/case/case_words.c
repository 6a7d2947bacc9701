#include "cli/case/case_words.h"

#include <inttypes.h>
#include <string.h>

#include "base/attr.h"
#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "cli/answer.h"
#include "cli/cli.h"
#include "json/json_read.h"
#include "model/times.h"

void
case_words_put_title(const struct cli *cli, const struct json_value *value,
    const char *key, struct bytes *to)
{
	answer_put(json_value_member(value, key), cli_text(cli, "zh", "en"),
	    to);
}

/* The last day on which it is in time. */
static void
put_last_day(const struct json_value *value, const char *key, struct bytes *to)
{
	char text[TIMES_ROC_SIZE];
	int64_t at;

	if (!times_parse(answer_text(value, key), &at))
		return;
	times_format_roc(at - 1, text);
	bytes_put(to, text, strcspn(text, " "));
}

/* Offices, kinds of steps, who is told. */
static const struct {
	const char *name, *zh, *en;
} words[] = {
	{ "clerk", "承辦", "clerk" },
	{ "officer", "核定", "officer" },
	{ "duty", "值日", "duty" },
	{ "auditor", "稽核", "auditor" },
	{ "operator", "維運", "operator" },
	{ "applicant", "申請機關", "applicant" },
	{ "supervisor", "督導機關", "supervisor" },
	{ "system", "系統", "system" },
	{ "organisation", "機關", "organisation" },
	{ "center", "交換中心", "center" },
	{ "open", "建立", "open" },
	{ "attach", "附上", "attach" },
	{ "code", "發給代碼", "code" },
	{ "move", "辦理", "move" },
};

static void
put_word(const struct cli *cli, const char *name, struct bytes *to)
{
	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (text_equal(words[i].name, name)) {
			bytes_put_text(to,
			    cli_text(cli, words[i].zh, words[i].en));
			return;
		}
	cli_put(to, name);
}

static void
put_words(const struct cli *cli, const struct json_value *list,
    struct bytes *to)
{
	for (size_t i = 0; i < json_value_count(list); i++) {
		const char *text = json_value_text(json_value_item(list, i));

		bytes_put_text(to, i > 0 ? " " : "");
		put_word(cli, text != NULL ? text : "", to);
	}
}

void
case_words_put_line(const struct cli *cli, const struct json_value *value,
    struct bytes *to)
{
	answer_put(value, "id", to);
	bytes_put_text(to, "  ");
	case_words_put_title(cli, value, "title", to);
	bytes_put_text(to, "  ");
	answer_put(value, "subject", to);
	bytes_put_text(to, "  ");
	case_words_put_title(cli, value, "state_title", to);
	if (answer_text(value, "due")[0] != '\0') {
		bytes_put_text(to, cli_text(cli, "  期限 ", "  due "));
		put_last_day(value, "due", to);
	}
	if (answer_is_true(value, "overdue"))
		bytes_put_text(to, cli_text(cli, "  逾期", "  OVERDUE"));
	bytes_put_u8(to, '\n');
}

/* ---- one case -------------------------------------------------------------------- */

static int
put_field(const char *key, const struct json_value *value, void *context,
    struct error *err)
{
	struct bytes *to = context;
	const char *text = json_value_text(value);

	(void)err;
	bytes_put_text(to, "  ");
	cli_put(to, key);
	bytes_put_text(to, ": ");
	cli_put(to, text != NULL ? text : "");
	bytes_put_u8(to, '\n');
	return 0;
}

static void
put_moves(const struct cli *cli, const struct json_value *moves,
    struct bytes *to)
{
	bytes_put_text(to, cli_text(cli, "可辦步驟\n", "What can be done\n"));
	for (size_t i = 0; i < json_value_count(moves); i++) {
		const struct json_value *move = json_value_item(moves, i);
		const struct json_value *missing =
		    json_value_member(move, "missing");

		bytes_put_text(to, "  ");
		answer_put(move, "name", to);
		bytes_put_text(to, "  ");
		case_words_put_title(cli, move, "title", to);
		bytes_put_text(to, "  [");
		put_words(cli, json_value_member(move, "offices"), to);
		bytes_put_u8(to, ']');
		if (answer_integer(move, "persons") > 1)
			bytes_put_format(to, "  %s %" PRId64,
			    cli_text(cli, "尚須簽署人數", "still to sign:"),
			    answer_integer(move, "persons_missing"));
		else if (answer_is_true(move, "signed"))
			bytes_put_text(to,
			    cli_text(cli, "  須簽署", "  signed"));
		if (json_value_count(missing) > 0) {
			bytes_put_text(to, cli_text(cli, "  缺 ", "  lacks "));
			put_words(cli, missing, to);
		}
		bytes_put_u8(to, '\n');
	}
}

static void
put_attachments(const struct cli *cli, const struct json_value *list,
    struct bytes *to)
{
	if (json_value_count(list) > 0)
		bytes_put_text(to, cli_text(cli, "附件\n", "Attachments\n"));
	for (size_t i = 0; i < json_value_count(list); i++) {
		const struct json_value *item = json_value_item(list, i);

		bytes_put_format(to, "  %" PRId64 "  ",
		    answer_integer(item, "number"));
		answer_put(item, "evidence", to);
		bytes_put_text(to, "  ");
		answer_put(item, "name", to);
		bytes_put_format(to, "  %" PRId64 "  ",
		    answer_integer(item, "length"));
		answer_put(item, "sha256", to);
		bytes_put_u8(to, '\n');
	}
}

static void
put_steps(const struct cli *cli, const struct json_value *list,
    struct bytes *to)
{
	bytes_put_text(to, cli_text(cli, "歷程\n", "History\n"));
	for (size_t i = 0; i < json_value_count(list); i++) {
		const struct json_value *step = json_value_item(list, i);

		bytes_put_format(to, "  %" PRId64 "  ",
		    answer_integer(step, "sequence"));
		answer_put_time(step, "at", to);
		bytes_put_text(to, "  ");
		put_word(cli, answer_text(step, "kind"), to);
		bytes_put_u8(to, ' ');
		answer_put(step, "move", to);
		answer_put(step, "evidence", to);
		bytes_put_text(to, "  ");
		answer_put(step, "by", to);
		bytes_put_text(to, "  ");
		answer_put(step, "note", to);
		bytes_put_u8(to, '\n');
	}
}

static void
put_notices(const struct cli *cli, const struct json_value *list,
    struct bytes *to)
{
	if (json_value_count(list) > 0)
		bytes_put_text(to, cli_text(cli, "通知\n", "Notices\n"));
	for (size_t i = 0; i < json_value_count(list); i++) {
		const struct json_value *notice = json_value_item(list, i);

		bytes_put_text(to, "  ");
		answer_put_time(notice, "at", to);
		bytes_put_text(to, "  ");
		put_words(cli, json_value_member(notice, "to"), to);
		bytes_put_text(to, "  ");
		case_words_put_title(cli, notice, "text", to);
		bytes_put_u8(to, '\n');
	}
}

void
case_words_put(const struct cli *cli, const struct json_value *value,
    struct bytes *to)
{
	struct error ignored = { 0 };

	case_words_put_line(cli, value, to);
	(void)!json_value_each(json_value_member(value, "fields"), put_field,
	    to, &ignored);
	put_moves(cli, json_value_member(value, "moves"), to);
	put_attachments(cli, json_value_member(value, "attachments"), to);
	put_steps(cli, json_value_member(value, "steps"), to);
	put_notices(cli, json_value_member(value, "notices"), to);
}

/* ---- definitions --------------------------------------------------------------------- */

static void
put_named(const struct cli *cli, const struct json_value *list,
    struct bytes *to)
{
	for (size_t i = 0; i < json_value_count(list); i++) {
		const struct json_value *item = json_value_item(list, i);
		int64_t days = answer_integer(item, "days");

		bytes_put_text(to, "    ");
		answer_put(item, "name", to);
		bytes_put_text(to, "  ");
		case_words_put_title(cli, item, "title", to);
		if (answer_is_true(item, "required"))
			bytes_put_text(to,
			    cli_text(cli, "（必填）", " (required)"));
		if (days > 0)
			bytes_put_format(to, "  %s %" PRId64 " ",
			    cli_text(cli, "期限日數", "days:"), days);
		if (days > 0)
			answer_put(item, "due", to);
		bytes_put_u8(to, '\n');
	}
}

void
case_words_put_definition(const struct cli *cli, const struct json_value *value,
    struct bytes *to)
{
	answer_put(value, "name", to);
	bytes_put_text(to, "  ");
	case_words_put_title(cli, value, "title", to);
	bytes_put_text(to, "  (");
	answer_put(value, "clause", to);
	bytes_put_text(to, ")\n");
	bytes_put_text(to, cli_text(cli, "  欄位\n", "  fields\n"));
	put_named(cli, json_value_member(value, "fields"), to);
	bytes_put_text(to, cli_text(cli, "  證明\n", "  evidence\n"));
	put_named(cli, json_value_member(value, "evidence"), to);
	bytes_put_text(to, cli_text(cli, "  狀態\n", "  states\n"));
	put_named(cli, json_value_member(value, "states"), to);
	bytes_put_text(to, cli_text(cli, "  步驟\n", "  moves\n"));
	put_named(cli, json_value_member(value, "moves"), to);
}
