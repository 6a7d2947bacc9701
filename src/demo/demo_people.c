#include "demo/demo_people.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "cli/cli.h"
#include "json/json_read.h"
#include "json/json_write.h"

enum {
	PATH_SIZE = 4096,
	ANSWER_MAX = 65536,
	TARGET_SIZE = 64,
	SECRET_SIZE = 96,
	PEOPLE_PORT = 8443,
	MINUTES = 24 * 60, /* as long as the demo's certificates */
};

/* POST `body` and keep a text, or the number `id`, of the answer. */
static int
post(const struct demo_story *story, const struct demo_host *host,
    const char *target, struct bytes *body, const char *key,
    char to[SECRET_SIZE], int64_t *ret_id, struct error *err)
{
	char path[PATH_SIZE];
	struct local local = demo_local(story, host, path);
	struct json_document *document = NULL;
	struct http_answer answer = { 0 };
	const struct json_value *value;
	const char *text;
	int rc = -1;

	bytes_put_u8(body, '\0');
	if (bytes_failed(body, err) == 0 &&
	    local_post(&local, target, (const char *)body->data, &answer,
		err) == 0)
		rc = json_read(answer.body.data, answer.body.len, ANSWER_MAX,
		    &document, err);
	if (rc == 0) {
		value = json_value_member(json_root(document), key);
		text = json_value_text(value);
		if (text != NULL ? !text_copy(to, SECRET_SIZE, text)
				 : !json_value_integer(value, ret_id))
			rc = error_set(err, ERROR_SYSTEM, "%s has no %s",
			    target, key);
	}
	json_document_free(document);
	http_answer_free(&answer);
	bytes_free(body);
	return rc < 0 ? error_prefix(err, "%s: POST %s", host->name, target)
		      : 0;
}

/* A person of the organisation that `host` serves, and a link for them. */
static int
add_person(const struct demo_story *story, const struct demo_host *host,
    const char *name, const char *role, char ret_code[SECRET_SIZE],
    struct error *err)
{
	struct bytes body = { 0 };
	struct json_writer writer = json_writer_to(&body);
	char target[TARGET_SIZE];
	int64_t person = 0;

	json_write_begin_object(&writer, NULL);
	json_write_text(&writer, "name", name);
	json_write_text(&writer, "role", role);
	json_write_text(&writer, "organisation", host->code);
	json_write_end(&writer);
	if (post(story, host, "/v1/persons", &body, "id", ret_code, &person,
		err) < 0)
		return -1;
	body = (struct bytes){ 0 };
	bytes_put_format(&body, "{\"minutes\":%d}", MINUTES);
	snprintf(target, sizeof(target), "/v1/persons/%" PRId64 ":link",
	    person);
	return post(story, host, target, &body, "code", ret_code, &person, err);
}

static int
add_token(const struct demo_story *story, const struct demo_host *host,
    char ret_token[SECRET_SIZE], struct error *err)
{
	struct bytes body = { 0 };
	int64_t none = 0;

	bytes_put_format(&body,
	    "{\"name\":\"demo\",\"organisation\":\"%s\",\"days\":1,"
	    "\"scopes\":[\"read\",\"send\",\"receive\",\"events\","
	    "\"webhooks\"]}",
	    host->code);
	return post(story, host, "/v1/tokens", &body, "token", ret_token, &none,
	    err);
}

/* Where the link leads. */
static const char *
what_waits(const struct demo_story *story, const struct demo_host *host,
    const char *role)
{
	if (text_equal(role, "operator"))
		return cli_text(story->cli, "的維運人員：系統狀況、介接權杖",
		    ", its operator: status and tokens");
	if (text_equal(host->name, "gateway-3") && !story->confirm_all)
		return cli_text(story->cli,
		    "的收發人員：有一件公文等您簽收，從這裡開始",
		    ", its clerk: a letter waits for you; begin here");
	if (text_equal(host->name, "gateway-1"))
		return cli_text(story->cli,
		    "的收發人員：發文機關，簽收後這裡會自動變成「已簽收」",
		    ", its clerk: who sent it; it turns to \"signed for\" here");
	return cli_text(story->cli, "的收發人員", ", its clerk");
}

static int
tell_person(const struct demo_story *story, const struct demo_host *host,
    const char *name, const char *role, struct error *err)
{
	char code[SECRET_SIZE];

	if (add_person(story, host, name, role, code, err) < 0)
		return -1;
	cli_say(story->cli, "  %-9s %-10s https://%s:%d/login#code=%s\n", role,
	    host->name, host->address, PEOPLE_PORT, code);
	cli_say(story->cli, "            %s%s\n", host->org,
	    what_waits(story, host, role));
	return 0;
}

static int
tell_people(const struct demo_story *story, struct error *err)
{
	const char *operator= cli_text(story->cli, "示範管理", "Demo operator");
	const char *clerk = cli_text(story->cli, "示範收發", "Demo clerk");

	cli_say(story->cli, "\n%s\n",
	    cli_text(story->cli,
		"網頁（憑證為示範自簽，瀏覽器會提醒；連結限用一次）：",
		"Pages (the certificate is the demo's own, so browsers warn; "
		"each link works once):"));
	for (int i = 0; i < DEMO_HOSTS; i++) {
		const struct demo_host *host = &demo_hosts[i];

		if (host->kind == DEMO_GATEWAY &&
		    tell_person(story, host, clerk, "clerk", err) < 0)
			return -1;
	}
	return tell_person(story, demo_host_find("gateway-1"), operator,
	    "operator", err);
}

/* What a document system there would ask first. */
static int
tell_token(const struct demo_story *story, const char *name, const char *path,
    struct error *err)
{
	const struct demo_host *host = demo_host_find(name);
	char token[SECRET_SIZE];

	if (add_token(story, host, token, err) < 0)
		return -1;
	cli_say(story->cli,
	    "  curl -k -H 'Authorization: Bearer %s' https://%s:%d%s\n", token,
	    host->address, PEOPLE_PORT, path);
	return 0;
}

int
demo_people(const struct demo_story *story, struct error *err)
{
	if (tell_people(story, err) < 0)
		return -1;
	cli_say(story->cli, "\n%s  https://%s:%d/api.html\n",
	    cli_text(story->cli,
		"介面（公文管理系統；一個寄件，一個收件的權杖）：",
		"API (for document systems; a token of a sender and one of a "
		"recipient):"),
	    demo_host_find("gateway-1")->address, PEOPLE_PORT);
	if (tell_token(story, "gateway-1", "/v1/outbox", err) < 0 ||
	    tell_token(story, "gateway-2", "/v1/inbox", err) < 0)
		return -1;
	cli_say(story->cli, "\n");
	return 0;
}
