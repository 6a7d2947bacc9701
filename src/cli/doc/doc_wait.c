#include "cli/doc/doc_wait.h"

#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "cli/answer.h"
#include "cli/cli.h"
#include "cli/commands.h"
#include "model/id.h"
#include "sys/clock.h"

/* Each question waits at the host so long, below the client's own limit. */
enum { TARGET_SIZE = 160, ASK_S = 20, TIME_MAX = 1000000, DEFAULT_S = 3600 };

/* A letter that was returned had been delivered: its events tell. */
static bool
has_event(const struct json_value *delivery, const char *name)
{
	const struct json_value *events = json_value_member(delivery, "events");

	for (size_t i = 0; i < json_value_count(events); i++)
		if (text_equal(answer_text(json_value_item(events, i), "event"),
			name))
			return true;
	return false;
}

static enum doc_wait
judge_delivery(const struct json_value *delivery, enum delivery_state wanted)
{
	enum delivery_state state;

	if (!delivery_state_parse(answer_text(delivery, "state"), &state))
		return DOC_WAIT_MORE;
	if (state == wanted || has_event(delivery, delivery_state_name(wanted)))
		return DOC_WAIT_THERE;
	if (state > DELIVERY_CONFIRMED)
		return DOC_WAIT_ENDED;
	return state > wanted ? DOC_WAIT_THERE : DOC_WAIT_MORE;
}

enum doc_wait
doc_wait_judge(const struct json_value *document, enum delivery_state wanted)
{
	const struct json_value *list =
	    json_value_member(document, "deliveries");
	enum doc_wait worst = DOC_WAIT_THERE;

	if (json_value_count(list) == 0)
		return DOC_WAIT_MORE;
	for (size_t i = 0; i < json_value_count(list); i++) {
		enum doc_wait one =
		    judge_delivery(json_value_item(list, i), wanted);

		if (one == DOC_WAIT_MORE)
			return DOC_WAIT_MORE;
		if (one == DOC_WAIT_ENDED)
			worst = DOC_WAIT_ENDED;
	}
	return worst;
}

bool
doc_wait_parse_time(const char *text, uint64_t *ret_s)
{
	static const struct {
		const char *unit;
		uint64_t s;
	} units[] = { { "s", 1 }, { "m", 60 }, { "h", 3600 } };
	char number[16];

	for (size_t i = 0; i < ARRAY_LEN(units); i++) {
		if (!text_ends(text, units[i].unit))
			continue;
		if (!text_copy_len(number, sizeof(number), text,
			strlen(text) - 1) ||
		    !text_parse_u64(number, TIME_MAX, ret_s))
			return false;
		*ret_s *= units[i].s;
		return true;
	}
	return text_parse_u64(text, TIME_MAX, ret_s);
}

int
doc_wait_read_limit(const struct cli *cli, const char *name,
    struct doc_wait_limit *ret_limit, struct error *err)
{
	const char *state = cli_value(cli, name);
	const char *timeout = cli_value(cli, "timeout");

	ret_limit->state = DELIVERY_CONFIRMED;
	ret_limit->s = DEFAULT_S;
	if (timeout != NULL && !doc_wait_parse_time(timeout, &ret_limit->s))
		return cli_refuse(err, "\"%s\" is no time such as 90s or 1h",
		    timeout);
	if (state != NULL &&
	    (!delivery_state_parse(state, &ret_limit->state) ||
		ret_limit->state == DELIVERY_QUEUED ||
		ret_limit->state > DELIVERY_CONFIRMED))
		return cli_refuse(err,
		    "\"%s\" cannot be waited for; accepted, relayed, fetched, "
		    "opened and confirmed can",
		    state);
	return 0;
}

int
doc_wait_for(struct answer *answer, const char *id,
    const struct doc_wait_limit *limit, struct error *err)
{
	const char *state = delivery_state_name(limit->state);
	uint64_t end_us = clock_steady_us() + limit->s * 1000000;
	char target[TARGET_SIZE];

	for (;;) {
		uint64_t now_us = clock_steady_us();
		uint64_t left_s =
		    now_us < end_us ? (end_us - now_us + 999999) / 1000000 : 0;
		enum doc_wait found;

		snprintf(target, sizeof(target),
		    "/v1/outbox/%s?for=%s&wait=%llu", id, state,
		    (unsigned long long)(left_s < ASK_S ? left_s : ASK_S));
		if (answer_get(answer, target, err) < 0)
			return -1;
		found = doc_wait_judge(answer_root(answer), limit->state);
		if (found == DOC_WAIT_THERE)
			return 0;
		if (found == DOC_WAIT_ENDED)
			return error_set_id(err, "E1211", ERROR_DENIED,
			    "a delivery of %s ended without being \"%s\"", id,
			    state);
		if (left_s == 0)
			return error_set_id(err, "E1210", ERROR_BUSY,
			    "%s is not \"%s\" after %llu s", id, state,
			    (unsigned long long)limit->s);
	}
}

static int
run(struct cli *cli, struct error *err)
{
	const char *name = cli_argument(cli, 0);
	struct doc_wait_limit limit;
	struct answer answer = { 0 };
	struct id id;
	int rc = -1;

	if (name == NULL)
		return cli_refuse(err, "which letter?");
	if (!id_parse(name, &id))
		return cli_refuse(err, "\"%s\" is not the id of a letter",
		    name);
	if (doc_wait_read_limit(cli, "for", &limit, err) < 0)
		return -1;
	if (answer_open(&answer, cli, err) == 0)
		rc = doc_wait_for(&answer, name, &limit, err);
	answer_show(&answer);
	answer_close(&answer);
	return rc;
}

static const struct command_option options[] = {
	{ "config", 'c', "FILE", "configuration of the host to ask" },
	{ "for", 0, "STATE",
	    "accepted, relayed, fetched, opened, confirmed (the default)" },
	{ "timeout", 0, "TIME", "90s, 5m, 1h (the default)" },
	{ NULL, 0, NULL, NULL },
};

const struct command doc_wait_command = {
	.name = "doc wait",
	.summary = "wait until a letter arrived or was signed for",
	.summary_zh = "等待公文送達或簽收",
	.arguments = "ID",
	.arguments_max = 1,
	.examples = "yizhan doc wait ID --for=opened --timeout=5m\n",
	.options = options,
	.run = run,
};
