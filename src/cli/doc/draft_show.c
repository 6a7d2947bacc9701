#include "cli/doc/draft_show.h"

#include "base/bytes.h"
#include "base/text.h"
#include "cli/answer.h"
#include "cli/cli.h"

static const char *
word_of(const struct cli *cli, const char *word)
{
	static const struct {
		const char *word, *zh, *en;
	} words[] = {
		{ "draft", "撰擬中", "being written" },
		{ "proofreading", "校對中", "being proofread" },
		{ "proofread", "已校對", "proofread" },
		{ "sent", "已寄送", "sent" },
		{ "made", "新增", "made" },
		{ "changed", "變更", "changed" },
		{ "submitted", "送校對", "handed to proofreading" },
		{ "passed", "校對通過", "passed" },
		{ "sent_back", "校對退回", "sent back" },
		{ "undone", "撤回，恢復為草稿", "undone, a draft again" },
	};

	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (text_equal(words[i].word, word))
			return cli_text(cli, words[i].zh, words[i].en);
	return word;
}

void
draft_put_line(const struct cli *cli, const struct json_value *draft,
    struct bytes *to)
{
	answer_put(draft, "id", to);
	bytes_put_format(to, "  v%lld  ",
	    (long long)answer_integer(draft, "version"));
	cli_put(to, word_of(cli, answer_text(draft, "state")));
	bytes_put_text(to, "  ");
	answer_put(draft, "title", to);
	bytes_put_text(to, "  ");
	answer_put(draft, "changed_by", to);
	bytes_put_u8(to, ' ');
	answer_put_time(draft, "changed_at", to);
	bytes_put_u8(to, '\n');
}

static void
put_steps(const struct cli *cli, const struct json_value *steps,
    struct bytes *to)
{
	for (size_t i = 0; i < json_value_count(steps); i++) {
		const struct json_value *step = json_value_item(steps, i);

		bytes_put_format(to, "    v%lld ",
		    (long long)answer_integer(step, "version"));
		answer_put_time(step, "at", to);
		bytes_put_text(to, "  ");
		cli_put(to, word_of(cli, answer_text(step, "step")));
		bytes_put_text(to, "  ");
		answer_put(step, "by", to);
		if (answer_text(step, "note")[0] != '\0') {
			bytes_put_text(to, "  ");
			answer_put(step, "note", to);
		}
		bytes_put_u8(to, '\n');
	}
}

static void
put_draft(const struct cli *cli, const struct json_value *draft,
    struct bytes *to)
{
	const struct json_value *files = json_value_member(draft, "files");

	draft_put_line(cli, draft, to);
	if (answer_text(draft, "note")[0] != '\0') {
		bytes_put_text(to, "    ");
		answer_put(draft, "note", to);
		bytes_put_u8(to, '\n');
	}
	for (size_t i = 0; i < json_value_count(files); i++) {
		const struct json_value *file = json_value_item(files, i);

		bytes_put_text(to, "    ");
		answer_put(file, "name", to);
		bytes_put_format(to, "  %lld\n",
		    (long long)answer_integer(file, "length"));
	}
	if (answer_text(draft, "document_id")[0] != '\0') {
		bytes_put_format(to, "    %s ",
		    cli_text(cli, "公文", "letter"));
		answer_put(draft, "document_id", to);
		bytes_put_u8(to, '\n');
	}
	put_steps(cli, json_value_member(draft, "steps"), to);
}

void
draft_show(const struct answer *answer)
{
	struct bytes text = { 0 };

	if (answer->document == NULL)
		return;
	if (answer->cli->json) {
		answer_print(answer);
		return;
	}
	put_draft(answer->cli, answer_root(answer), &text);
	cli_print(&text);
	bytes_free(&text);
}
