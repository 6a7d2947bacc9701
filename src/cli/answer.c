#include "cli/answer.h"

#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "cli/cli.h"
#include "model/id.h"
#include "model/times.h"
#include "service/config.h"

enum { ANSWER_MAX = 16 * 1024 * 1024 };

int
answer_open(struct answer *answer, const struct cli *cli, struct error *err)
{
	answer->cli = cli;
	return local_open(cli, &answer->config, &answer->local, err);
}

static void
forget(struct answer *answer)
{
	json_document_free(answer->document);
	answer->document = NULL;
	http_answer_free(&answer->http);
	memset(&answer->http, 0, sizeof(answer->http));
}

void
answer_close(struct answer *answer)
{
	forget(answer);
	config_free(answer->config);
}

int
answer_read(struct answer *answer, struct error *err)
{
	json_document_free(answer->document);
	answer->document = NULL;
	return json_read(answer->http.body.data, answer->http.body.len,
	    ANSWER_MAX, &answer->document, err);
}

int
answer_get(struct answer *answer, const char *target, struct error *err)
{
	forget(answer);
	if (local_get(&answer->local, target, &answer->http, err) < 0)
		return -1;
	return answer_read(answer, err);
}

int
answer_post(struct answer *answer, const char *target, const char *json,
    struct error *err)
{
	forget(answer);
	if (local_post(&answer->local, target, json, &answer->http, err) < 0)
		return -1;
	return answer_read(answer, err);
}

const struct json_value *
answer_root(const struct answer *answer)
{
	return json_root(answer->document);
}

void
answer_print(const struct answer *answer)
{
	struct bytes line = { 0 };

	bytes_put(&line, answer->http.body.data, answer->http.body.len);
	bytes_put_u8(&line, '\n');
	cli_print(&line);
	bytes_free(&line);
}

const char *
answer_text(const struct json_value *value, const char *key)
{
	const char *text = json_value_text(json_value_member(value, key));

	return text != NULL ? text : "";
}

/* ---- finding --------------------------------------------------------- */

/* The first inbox document of a waybill, page by page. */
static int
search_inbox(struct answer *answer, const char *waybill_id,
    char target[ANSWER_TARGET_SIZE], struct error *err)
{
	char cursor[200] = "";
	char page[300];

	for (;;) {
		const struct json_value *list;

		snprintf(page, sizeof(page), "/v1/inbox?limit=500%s%s",
		    cursor[0] != '\0' ? "&cursor=" : "", cursor);
		if (answer_get(answer, page, err) < 0)
			return -1;
		list = json_value_member(answer_root(answer), "documents");
		for (size_t i = 0; i < json_value_count(list); i++) {
			const struct json_value *item =
			    json_value_item(list, i);

			if (text_equal(answer_text(item, "waybill_id"),
				waybill_id)) {
				snprintf(target, ANSWER_TARGET_SIZE,
				    "/v1/inbox/%s/%s", waybill_id,
				    answer_text(item, "recipient"));
				return 0;
			}
		}
		if (json_value_count(list) == 0 ||
		    !text_copy(cursor, sizeof(cursor),
			answer_text(answer_root(answer), "next")) ||
		    cursor[0] == '\0')
			return error_set(err, ERROR_NOT_FOUND,
			    "no letter %s in the inbox", waybill_id);
	}
}

int
answer_find_inbox(struct answer *answer, const char *name,
    char target[ANSWER_TARGET_SIZE], struct error *err)
{
	const char *slash = strchr(name, '/');
	char id_text[ID_TEXT_SIZE];
	struct id id;

	if (!text_copy_len(id_text, sizeof(id_text), name,
		slash != NULL ? (size_t)(slash - name) : strlen(name)) ||
	    !id_parse(id_text, &id))
		return cli_refuse(err, "\"%s\" is not the id of a letter",
		    name);
	if (slash == NULL)
		return search_inbox(answer, id_text, target, err);
	if (strlen(slash + 1) > 17)
		return cli_refuse(err, "\"%s\" is not a code", slash + 1);
	snprintf(target, ANSWER_TARGET_SIZE, "/v1/inbox/%s/%s", id_text,
	    slash + 1);
	return 0;
}

int
answer_find(struct answer *answer, const char *name,
    char target[ANSWER_TARGET_SIZE], struct error *err)
{
	struct id id;

	if (strchr(name, '/') != NULL || !id_parse(name, &id))
		return answer_find_inbox(answer, name, target, err);
	snprintf(target, ANSWER_TARGET_SIZE, "/v1/outbox/%s", name);
	if (answer_get(answer, target, err) == 0)
		return 0;
	if (err->code != ERROR_NOT_FOUND)
		return -1;
	return answer_find_inbox(answer, name, target, err);
}

/* ---- words ----------------------------------------------------------- */

const char *
answer_word(const struct cli *cli, const char *state)
{
	static const struct {
		const char *state, *zh, *en;
	} words[] = {
		{ "draft", "草稿", "draft" },
		{ "held", "可撤回", "undo possible" },
		{ "sent", "已送出", "sent" },
		{ "queued", "待送出", "queued" },
		{ "accepted", "已送出，交換中", "on its way" },
		{ "relayed", "已到對方交換中心", "at recipient's center" },
		{ "fetched", "對方已取回", "fetched" },
		{ "opened", "已送達，待對方簽收",
		    "delivered, not yet signed for" },
		{ "confirmed", "已簽收", "signed for" },
		{ "returned", "已退回", "returned" },
		{ "refused", "檢核不符", "refused" },
		{ "expired", "逾期", "expired" },
		{ "withdrawn", "已撤回", "withdrawn" },
		{ "quarantined", "已隔離", "quarantined" },
		{ "unreadable", "無法開啟", "could not be opened" },
		{ "paper", "已改紙本", "changed to paper" },
	};

	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (text_equal(words[i].state, state))
			return cli_text(cli, words[i].zh, words[i].en);
	return state;
}

static void
put_time(const char *rfc3339, struct bytes *to)
{
	char text[TIMES_ROC_SIZE];
	int64_t at;

	if (times_parse(rfc3339, &at)) {
		times_format_roc(at, text);
		bytes_put_text(to, text);
	}
}

/* Texts of a letter are others' words: nothing of them steers a terminal. */
static void
put_foreign(const struct json_value *value, const char *key, struct bytes *to)
{
	const char *text = answer_text(value, key);

	text_put_escaped(to, text, strlen(text));
}

static void
put_events(const struct cli *cli, const struct json_value *events,
    struct bytes *to)
{
	for (size_t i = 0; i < json_value_count(events); i++) {
		const struct json_value *event = json_value_item(events, i);

		bytes_put_text(to, "    ");
		put_time(answer_text(event, "time"), to);
		bytes_put_format(to, "  %s  %s (%s)\n",
		    answer_word(cli, answer_text(event, "event")),
		    answer_text(event, "at"), answer_text(event, "signer"));
	}
}

static void
put_delivery(const struct cli *cli, const struct json_value *delivery,
    struct bytes *to)
{
	bytes_put_format(to, "  %s ", answer_text(delivery, "recipient"));
	put_foreign(delivery, "name", to);
	bytes_put_format(to, "  %s %s\n",
	    answer_word(cli, answer_text(delivery, "state")),
	    answer_text(delivery, "reason"));
	put_events(cli, json_value_member(delivery, "events"), to);
}

static void
put_files(const struct json_value *files, struct bytes *to)
{
	for (size_t i = 0; i < json_value_count(files); i++) {
		const struct json_value *file = json_value_item(files, i);
		int64_t len = 0;

		json_value_integer(json_value_member(file, "length"), &len);
		bytes_put_format(to, "  %zu  ", i);
		put_foreign(file, "name", to);
		bytes_put_format(to, "  %lld\n", (long long)len);
	}
}

void
answer_put_document(const struct cli *cli, const struct json_value *value,
    struct bytes *to)
{
	const struct json_value *deliveries =
	    json_value_member(value, "deliveries");

	put_foreign(value, "reference", to);
	bytes_put_text(to, "  ");
	put_foreign(value, "subject", to);
	bytes_put_format(to, "\n%s %s ", cli_text(cli, "發文機關", "sender"),
	    answer_text(value, "sender"));
	put_foreign(value, "sender_name", to);
	bytes_put_format(to, "\n%s %s\n", cli_text(cli, "狀態", "state"),
	    answer_word(cli, answer_text(value, "state")));
	put_files(json_value_member(value, "files"), to);
	for (size_t i = 0; i < json_value_count(deliveries); i++)
		put_delivery(cli, json_value_item(deliveries, i), to);
	put_events(cli, json_value_member(value, "events"), to);
}

void
answer_put_line(const struct cli *cli, const struct json_value *value,
    struct bytes *to)
{
	const char *id = answer_text(value, "id");

	if (id[0] != '\0')
		bytes_put_text(to, id);
	else
		bytes_put_format(to, "%s/%s", answer_text(value, "waybill_id"),
		    answer_text(value, "recipient"));
	bytes_put_format(to, "  %s  ",
	    answer_word(cli, answer_text(value, "state")));
	put_foreign(value, "reference", to);
	bytes_put_text(to, "  ");
	put_foreign(value, "subject", to);
	bytes_put_u8(to, '\n');
}
