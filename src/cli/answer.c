#include "cli/answer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "cli/cli.h"
#include "model/id.h"
#include "model/org.h"
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
answer_fetch(struct answer *answer, const char *target, struct error *err)
{
	forget(answer);
	return local_get(&answer->local, target, &answer->http, err);
}

int
answer_get(struct answer *answer, const char *target, struct error *err)
{
	if (answer_fetch(answer, target, err) < 0)
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

static const char *
last_part(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash != NULL ? slash + 1 : path;
}

int
answer_post_body(struct answer *answer, const char *target, struct bytes *body,
    struct error *err)
{
	if (body == NULL)
		return answer_post(answer, target, "{}", err);
	bytes_put_u8(body, '\0');
	if (bytes_failed(body, err) < 0)
		return -1;
	return answer_post(answer, target, (const char *)body->data, err);
}

int
answer_send_files(struct answer *answer, const char *target, const char *key,
    struct error *err)
{
	return answer_send_rest(answer, target, key, 0, err);
}

int
answer_send_rest(struct answer *answer, const char *target, const char *key,
    size_t first, struct error *err)
{
	const struct cli *cli = answer->cli;
	size_t count = (size_t)cli->argument_count;
	struct local_file *files;
	int rc;

	if (count <= first)
		return cli_refuse(err, "no files given");
	count -= first;
	files = calloc(count, sizeof(*files));
	if (files == NULL)
		return error_set_memory(err);
	for (size_t i = 0; i < count; i++)
		files[i] = (struct local_file){
			.name = last_part(cli->arguments[first + i]),
			.path = cli->arguments[first + i],
		};
	rc = local_send(&answer->local, target, key, files, count,
	    &answer->http, err);
	free(files);
	return rc;
}

int
answer_send_list(struct answer *answer, const char *target, const char *key,
    const struct local_file *files, size_t count, struct error *err)
{
	forget(answer);
	return local_send(&answer->local, target, key, files, count,
	    &answer->http, err);
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

int
answer_say(const struct answer *answer, answer_put_fn put, struct error *err)
{
	struct bytes text = { 0 };
	int rc;

	if (answer->cli->json) {
		answer_print(answer);
		return 0;
	}
	put(answer->cli, answer_root(answer), &text);
	rc = bytes_failed(&text, err);
	cli_print(&text);
	bytes_free(&text);
	return rc;
}

void
answer_show(const struct answer *answer)
{
	struct bytes text = { 0 };

	if (answer->document == NULL)
		return;
	if (answer->cli->json) {
		answer_print(answer);
		return;
	}
	answer_put_document(answer->cli, answer_root(answer), &text);
	cli_print(&text);
	bytes_free(&text);
}

const char *
answer_text(const struct json_value *value, const char *key)
{
	const char *text = json_value_text(json_value_member(value, key));

	return text != NULL ? text : "";
}

int64_t
answer_integer(const struct json_value *value, const char *key)
{
	int64_t number = 0;

	json_value_integer(json_value_member(value, key), &number);
	return number;
}

bool
answer_is_true(const struct json_value *value, const char *key)
{
	bool truth = false;

	return json_value_bool(json_value_member(value, key), &truth) && truth;
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
	struct org_code code;
	struct id id;

	if (!text_copy_len(id_text, sizeof(id_text), name,
		slash != NULL ? (size_t)(slash - name) : strlen(name)) ||
	    !id_parse(id_text, &id))
		return cli_refuse(err, "\"%s\" is not the id of a letter",
		    name);
	if (slash == NULL)
		return search_inbox(answer, id_text, target, err);
	if (!org_code_parse(slash + 1, &code))
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
