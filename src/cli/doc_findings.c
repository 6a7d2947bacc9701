#include "cli/doc_findings.h"

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "cli/answer.h"
#include "cli/cli.h"

static void
put_finding(const struct cli *cli, const struct json_value *finding,
    struct bytes *to)
{
	int64_t line = answer_integer(finding, "line");

	answer_put(finding, "file", to);
	if (line > 0)
		bytes_put_format(to, ":%lld", (long long)line);
	bytes_put_format(to, ": %s ",
	    text_equal(answer_text(finding, "severity"), "error")
		? cli_text(cli, "錯誤", "error")
		: cli_text(cli, "注意", "warning"));
	answer_put(finding, "rule", to);
	bytes_put_u8(to, ' ');
	answer_put(finding, "title", to);
	bytes_put_text(to, cli_text(cli, "：", ": "));
	answer_put(finding, "text", to);
	bytes_put_text(to, "\n    ");
	answer_put(finding, "remedy", to);
	bytes_put_u8(to, '\n');
}

void
doc_findings_print(const struct cli *cli, const struct json_value *list)
{
	struct bytes text = { 0 };

	for (size_t i = 0; i < json_value_count(list); i++)
		put_finding(cli, json_value_item(list, i), &text);
	cli_print(&text);
	bytes_free(&text);
}

void
doc_findings_print_refusal(struct answer *answer)
{
	struct error ignored = { 0 };

	if (answer->http.body.len == 0 || answer_read(answer, &ignored) < 0)
		return;
	if (answer->cli->json)
		answer_print(answer);
	else
		doc_findings_print(answer->cli,
		    json_value_member(answer_root(answer), "errors"));
}
