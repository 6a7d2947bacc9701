#include "cli/doc/doc_remark.h"

#include "base/error.h"
#include "cli/answer.h"
#include "cli/cli.h"
#include "json/json_write.h"

int
doc_remark_record(struct cli *cli, struct answer *answer,
    const struct doc_remark *remark, struct error *err)
{
	const char *by = cli_value(cli, "by");
	const char *action = cli_value(cli, "action");
	const char *note = cli_value(cli, "note");
	struct bytes body = { 0 };
	struct json_writer writer = json_writer_to(&body);
	const char *name;
	int rc = -1;

	if (by == NULL || action == NULL || cli_argument(cli, 0) == NULL)
		return cli_refuse(err, "%s", remark->usage);
	json_write_begin_object(&writer, NULL);
	json_write_text(&writer, "reviewer", by);
	json_write_text(&writer, "action", action);
	json_write_text(&writer, "note", note != NULL ? note : "");
	json_write_begin_array(&writer, remark->list);
	for (int i = 0; (name = cli_argument(cli, i)) != NULL; i++)
		json_write_text(&writer, NULL, name);
	json_write_end(&writer);
	json_write_end(&writer);
	bytes_put_u8(&body, '\0');
	if (json_write_done(&writer, err) == 0)
		rc = answer_post(answer, remark->target,
		    (const char *)body.data, err);
	if (rc == 0 && cli->json)
		answer_print(answer);
	else if (rc == 0)
		cli_say(cli, "%s %lld\n", cli_text(cli, "已登錄", "recorded"),
		    (long long)answer_integer(answer_root(answer),
			remark->count));
	bytes_free(&body);
	return rc;
}
