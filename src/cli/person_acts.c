/* yizhan person acts: who asked for which change at a host. */
#include "cli/answer.h"
#include "cli/cli.h"
#include "cli/commands.h"

static void
put_act(const struct json_value *act, struct bytes *to)
{
	static const char *const keys[] = { "actor", "for", "organisation",
		"address", "method", "path" };

	answer_put_time(act, "at", to);
	for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
		if (answer_text(act, keys[i])[0] == '\0')
			continue;
		bytes_put_text(to, i == 1 ? "/" : "  ");
		answer_put(act, keys[i], to);
	}
	bytes_put_text(to, "\n");
}

static int
run_person_acts(struct cli *cli, struct error *err)
{
	struct answer answer = { 0 };
	struct bytes text = { 0 };
	int rc = answer_open(&answer, cli, err);

	if (rc == 0)
		rc = answer_get(&answer, "/v1/acts?limit=200", err);
	if (rc == 0 && cli->json) {
		answer_print(&answer);
	} else if (rc == 0) {
		const struct json_value *list =
		    json_value_member(answer_root(&answer), "acts");

		for (size_t i = 0; i < json_value_count(list); i++)
			put_act(json_value_item(list, i), &text);
		rc = bytes_failed(&text, err);
		cli_print(&text);
	}
	bytes_free(&text);
	answer_close(&answer);
	return rc;
}

static const struct command_option host_options[] = {
	{ "config", 'c', "FILE", "configuration of the host" },
	{ NULL, 0, NULL, NULL },
};

const struct command person_acts_command = {
	.name = "person acts",
	.summary = "list who asked for which change",
	.summary_zh = "列出何人提出何項變更",
	.arguments = "",
	.arguments_max = 0,
	.examples = "yizhan person acts\n",
	.options = host_options,
	.run = run_person_acts,
};
