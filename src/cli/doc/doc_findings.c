#include "cli/doc/doc_findings.h"

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "cli/answer.h"
#include "cli/cli.h"
#include "cli/doc/doc_report.h"

void
doc_findings_print(const struct cli *cli, const struct json_value *list)
{
	struct bytes text = { 0 };

	doc_report_put_findings(cli, list, &text);
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
