#include "demo/demo_story.h"

#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "cli/cli.h"
#include "demo/demo_letter.h"
#include "envelope/bundle.h"
#include "json/json_read.h"
#include "sys/clock.h"

enum {
	PATH_SIZE = 4096,
	ANSWER_MAX = 4 * 1024 * 1024,
	STEP_MS = 20,
	LIMIT_MS = 120000, /* so slow may a machine be */
};

void
demo_tell(const struct demo_story *story, const char *fmt, ...)
{
	uint64_t us = clock_steady_us() - story->started_us;
	char text[1024];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	cli_say(story->cli, "%6.2f s  %s\n", (double)us / 1e6, text);
}

struct local
demo_local(const struct demo_story *story, const struct demo_host *host,
    char path[4096])
{
	snprintf(path, PATH_SIZE, "%s/%s/control.sock", story->folder,
	    host->name);
	return (struct local){ .socket = path,
		.language = story->cli->is_chinese ? "zh-TW" : "en" };
}

/* ---- asking ---------------------------------------------------------- */

static int
get_json(const struct demo_story *story, const struct demo_host *host,
    const char *target, struct json_document **ret_document, struct error *err)
{
	char path[PATH_SIZE];
	struct local local = demo_local(story, host, path);
	struct http_answer answer;
	int rc = -1;

	if (local_get(&local, target, &answer, err) == 0)
		rc = json_read(answer.body.data, answer.body.len, ANSWER_MAX,
		    ret_document, err);
	http_answer_free(&answer);
	return rc < 0 ? error_prefix(err, "%s: GET %s", host->name, target) : 0;
}

static const char *
member(const struct json_value *value, const char *key)
{
	const char *text = json_value_text(json_value_member(value, key));

	return text != NULL ? text : "";
}

/* ---- bulletins ------------------------------------------------------- */

static int
put_file(const char *path, struct bytes *bundle, struct error *err)
{
	struct bytes data = { 0 };
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t len = -1;
	uint8_t *room;

	if (fd < 0)
		return error_set_errno(err, "opening %s", path);
	do {
		room = bytes_extend(&data, 65536);
		len = room != NULL ? read(fd, room, 65536) : -1;
		data.len -= 65536 - (len > 0 ? (size_t)len : 0);
	} while (len > 0);
	close(fd);
	if (len == 0)
		bundle_put(bundle, BUNDLE_BULLETIN, data.data, data.len);
	bytes_free(&data);
	return len < 0 ? error_set_errno(err, "reading %s", path) : 0;
}

/* Their names begin with the number of their turn. */
static int
put_bulletins(const struct demo_story *story, struct bytes *bundle,
    struct error *err)
{
	char folder[PATH_SIZE];
	char path[PATH_SIZE];
	struct dirent **names = NULL;
	int rc = 0;
	int count;

	snprintf(folder, sizeof(folder), "%s/bulletins", story->folder);
	count = scandir(folder, &names, NULL, alphasort);
	if (count < 0)
		return error_set_errno(err, "listing %s", folder);
	bundle_put_magic(bundle);
	for (int i = 0; i < count; i++) {
		if (names[i]->d_name[0] != '.' && rc == 0) {
			snprintf(path, sizeof(path), "%s/bulletins/%s",
			    story->folder, names[i]->d_name);
			rc = put_file(path, bundle, err);
		}
		free(names[i]);
	}
	free(names);
	return rc < 0 ? -1 : bytes_failed(bundle, err);
}

static bool
is_ready(const struct demo_story *story, const struct demo_host *host)
{
	struct json_document *document;
	struct error err = { 0 };
	bool ready = false;

	if (get_json(story, host, "/v1/health", &document, &err) < 0)
		return false;
	json_value_bool(json_value_member(json_root(document), "ready"),
	    &ready);
	json_document_free(document);
	return ready;
}

int
demo_publish(struct demo_story *story, struct error *err)
{
	static const struct http_header type = { "content-type",
		"application/vnd.yizhan.bundle" };
	char path[PATH_SIZE];
	struct local local =
	    demo_local(story, demo_host_find("management"), path);
	struct http_call call = { .method = "POST",
		.target = "/v1/bulletins",
		.headers = &type,
		.header_count = 1,
		.body_fd = -1,
		.answer_fd = -1 };
	struct http_answer answer = { 0 };
	struct bytes bundle = { 0 };
	int rc = -1;

	if (put_bulletins(story, &bundle, err) == 0) {
		call.body = bundle.data;
		call.body_len = bundle.len;
		rc = local_call(&local, &call, &answer, err);
	}
	http_answer_free(&answer);
	bytes_free(&bundle);
	if (rc < 0)
		return error_prefix(err, "publishing the bulletins");
	for (int i = 0; i < DEMO_HOSTS; i++) {
		int ms = 0;

		while (!is_ready(story, &demo_hosts[i]) && ms < LIMIT_MS) {
			poll(NULL, 0, STEP_MS);
			ms += STEP_MS;
		}
		if (ms >= LIMIT_MS)
			return error_set(err, ERROR_BUSY,
			    "%s has no directory after 30 s",
			    demo_hosts[i].name);
	}
	return 0;
}

/* ---- the letter ------------------------------------------------------ */

static bool
is_new(struct demo_story *story, const char *recipient, const char *event)
{
	char item[DEMO_SEEN_SIZE];

	snprintf(item, sizeof(item), "%s/%s", recipient, event);
	for (size_t i = 0; i < story->seen_count; i++)
		if (text_equal(story->seen[i], item))
			return false;
	if (story->seen_count < DEMO_SEEN_MAX)
		memcpy(story->seen[story->seen_count++], item, sizeof(item));
	return true;
}

static const char *
word_of(const struct cli *cli, const char *event)
{
	static const struct {
		const char *event, *zh, *en;
	} words[] = {
		{ "accepted", "本方交換中心已收存", "its center has it" },
		{ "relayed", "對方交換中心已收存",
		    "the recipient's center has it" },
		{ "fetched", "對方閘道已取回",
		    "the recipient's gateway has it" },
		{ "opened", "對方已開封並驗章", "opened, signature checked" },
		{ "confirmed", "對方已簽收", "signed for" },
		{ "returned", "對方退回", "returned" },
		{ "unreadable", "對方無法開啟", "could not be opened" },
	};

	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (text_equal(words[i].event, event))
			return cli_text(cli, words[i].zh, words[i].en);
	return event;
}

static void
tell_delivery(struct demo_story *story, const struct json_value *delivery)
{
	const struct json_value *events = json_value_member(delivery, "events");

	for (size_t i = 0; i < json_value_count(events); i++) {
		const struct json_value *event = json_value_item(events, i);

		if (is_new(story, member(delivery, "recipient"),
			member(event, "event")))
			demo_tell(story, "  %s  %s  (%s)",
			    member(delivery, "name"),
			    word_of(story->cli, member(event, "event")),
			    member(event, "at"));
	}
}

/* True if the delivery's state is `wanted` or comes after it. */
static bool
has_reached(const struct json_value *delivery, const char *wanted)
{
	const char *state = member(delivery, "state");

	return text_equal(state, wanted) || text_equal(state, "confirmed");
}

/*
 * Ask for the letter again and again, telling what is new, until `wanted`
 * holds for `least` of its deliveries, or with 0 for all of them.
 */
static int
follow(struct demo_story *story, const char *wanted, size_t least,
    struct error *err)
{
	const struct demo_host *sender = demo_host_find("gateway-1");
	char target[128];

	snprintf(target, sizeof(target), "/v1/outbox/%s", story->document);
	for (int ms = 0; ms < LIMIT_MS; ms += STEP_MS) {
		struct json_document *document;
		const struct json_value *list;
		size_t reached = 0;
		size_t count;

		if (get_json(story, sender, target, &document, err) < 0)
			return -1;
		list = json_value_member(json_root(document), "deliveries");
		count = json_value_count(list);
		for (size_t i = 0; i < count; i++) {
			tell_delivery(story, json_value_item(list, i));
			if (has_reached(json_value_item(list, i), wanted))
				reached++;
		}
		json_document_free(document);
		if (count > 0 && reached >= (least > 0 ? least : count))
			return 0;
		poll(NULL, 0, STEP_MS);
	}
	return error_set(err, ERROR_BUSY,
	    "the letter did not get to \"%s\" within 30 s", wanted);
}

int
demo_send(struct demo_story *story, struct error *err)
{
	char path[PATH_SIZE];
	struct local local =
	    demo_local(story, demo_host_find("gateway-1"), path);
	struct local_file files[16];
	struct json_document *document = NULL;
	struct http_answer answer;
	int rc = -1;

	for (size_t i = 0; i < demo_letter_count && i < ARRAY_LEN(files); i++)
		files[i] = (struct local_file){ .name = demo_letter[i].name,
			.data = demo_letter[i].data,
			.len = demo_letter[i].len };
	if (local_send(&local, "/v1/documents", "", files, demo_letter_count,
		&answer, err) == 0)
		rc = json_read(answer.body.data, answer.body.len, ANSWER_MAX,
		    &document, err);
	http_answer_free(&answer);
	if (rc < 0)
		return error_prefix(err, "sending the letter");
	text_copy(story->document, sizeof(story->document),
	    member(json_root(document), "id"));
	demo_tell(story, "%s %s 「%s」",
	    cli_text(story->cli, "雲林縣政府發文", "sent by 雲林縣政府:"),
	    member(json_root(document), "reference"),
	    member(json_root(document), "subject"));
	json_document_free(document);
	return follow(story, "opened", 0, err);
}

int
demo_inbox_name(const struct demo_story *story, const char *host,
    char ret_name[DEMO_NAME_SIZE], struct error *err)
{
	struct json_document *document;
	const struct json_value *first;

	if (get_json(story, demo_host_find(host), "/v1/inbox", &document, err) <
	    0)
		return -1;
	first =
	    json_value_item(json_value_member(json_root(document), "documents"),
		0);
	snprintf(ret_name, DEMO_NAME_SIZE, "%s/%s", member(first, "waybill_id"),
	    member(first, "recipient"));
	json_document_free(document);
	return 0;
}

static int
confirm_at(const struct demo_story *story, const struct demo_host *host,
    struct error *err)
{
	char path[PATH_SIZE];
	struct local local = demo_local(story, host, path);
	struct http_answer answer;
	char name[DEMO_NAME_SIZE];
	char target[256];
	int rc;

	if (demo_inbox_name(story, host->name, name, err) < 0)
		return -1;
	snprintf(target, sizeof(target), "/v1/inbox/%s:confirm", name);
	rc = local_post(&local, target, "{}", &answer, err);
	http_answer_free(&answer);
	return rc < 0 ? error_prefix(err, "signing at %s", host->name) : 0;
}

int
demo_confirm(struct demo_story *story, struct error *err)
{
	if (confirm_at(story, demo_host_find("gateway-2"), err) < 0)
		return -1;
	demo_tell(story, "%s",
	    cli_text(story->cli, "彰化縣政府簽收", "彰化縣政府 signs for it"));
	if (!story->confirm_all)
		return follow(story, "confirmed", 1, err);
	if (confirm_at(story, demo_host_find("gateway-3"), err) < 0)
		return -1;
	demo_tell(story, "%s",
	    cli_text(story->cli, "屏東縣政府簽收", "屏東縣政府 signs for it"));
	return follow(story, "confirmed", 0, err);
}
