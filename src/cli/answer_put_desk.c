/* Where a received letter is inside its organisation, and who did what with it. */
#include "cli/answer.h"

#include "base/text.h"
#include "cli/cli.h"

static const char *
act_word(const struct cli *cli, const char *act)
{
	static const struct {
		const char *act, *zh, *en;
	} words[] = {
		{ "confirm", "簽收", "signed for" },
		{ "return", "退文", "returned" },
		{ "notice", "通知發文機關", "told its sender" },
		{ "assign", "分文", "assigned" },
		{ "reassign", "改分", "moved" },
		{ "hand_back", "退分", "handed back" },
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (text_equal(words[i].act, act))
			return cli_text(cli, words[i].zh, words[i].en);
	return "";
}

/* With a blank before it; nothing for what is not there. */
static void
put_member(const struct json_value *value, const char *key, struct bytes *to)
{
	if (answer_text(value, key)[0] == '\0')
		return;
	bytes_put_text(to, " ");
	answer_put(value, key, to);
}

static void
put_act(const struct cli *cli, const struct json_value *act, struct bytes *to)
{
	bytes_put_text(to, "    ");
	answer_put_time(act, "at", to);
	bytes_put_text(to, "  ");
	answer_put(act, "by", to);
	if (answer_text(act, "for")[0] != '\0') {
		bytes_put_text(to, cli_text(cli, "（代理 ", " (for "));
		answer_put(act, "for", to);
		bytes_put_text(to, cli_text(cli, "）", ")"));
	}
	bytes_put_format(to, "  %s", act_word(cli, answer_text(act, "act")));
	put_member(act, "unit_name", to);
	put_member(act, "person", to);
	put_member(act, "note", to);
	bytes_put_u8(to, '\n');
}

void
answer_put_desk(const struct cli *cli, const struct json_value *value,
    struct bytes *to)
{
	const struct json_value *assigned =
	    json_value_member(value, "assigned");
	const struct json_value *history = json_value_member(value, "history");

	if (answer_text(assigned, "unit")[0] != '\0' ||
	    answer_integer(assigned, "person") != 0) {
		bytes_put_text(to, cli_text(cli, "承辦", "assigned to"));
		put_member(assigned, "unit_name", to);
		put_member(assigned, "name", to);
		bytes_put_u8(to, '\n');
	}
	for (size_t i = 0; i < json_value_count(history); i++)
		put_act(cli, json_value_item(history, i), to);
}
