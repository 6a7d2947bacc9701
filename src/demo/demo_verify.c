#include <stdio.h>
#include <stdlib.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "cli/cli.h"
#include "cli/offline.h"
#include "demo/demo_keys.h"
#include "demo/demo_story.h"
#include "envelope/statement.h"
#include "json/json_read.h"
#include "model/times.h"
#include "service/config.h"
#include "sys/clock.h"

enum { ANSWER_MAX = 16 * 1024 * 1024 };

/* The pinned root, from any host's configuration. */
static int
find_root(const struct demo_story *story, char root[DIGEST_TEXT_SIZE],
    struct error *err)
{
	struct config *config = NULL;
	char path[DEMO_PATH_SIZE];
	int rc = -1;

	snprintf(path, sizeof(path), "%s/gateway-1.conf", story->folder);
	if (config_load(path, NULL, &config, err) < 0)
		return -1;
	if (text_copy(root, DIGEST_TEXT_SIZE, config->trust.fingerprint))
		rc = 0;
	else
		error_set(err, ERROR_SYSTEM, "no root in %s", path);
	config_free(config);
	return rc;
}

static int
check_one(const struct demo_story *story, struct offline *offline,
    const struct json_value *item, struct error *err)
{
	struct message_receipt receipt;
	struct bytes json = { 0 };
	char time[TIMES_ROC_SIZE];
	int rc = -1;

	if (json_value_put(json_value_member(item, "receipt"), &json, err) ==
		0 &&
	    offline_check_receipt(offline, json.data, json.len, &receipt,
		err) == 0) {
		times_format_roc(receipt.time, time);
		demo_tell(story, "  ✓ %-9s %-10s %s  %s #%llu %s",
		    event_name((enum event)receipt.event),
		    receipt.recipient[0] != '\0' ? receipt.recipient : "", time,
		    receipt.center, (unsigned long long)receipt.index,
		    statement_signer_name(
			(enum statement_signer)receipt.signer_class));
		rc = 0;
	}
	bytes_free(&json);
	return rc;
}

static int
check_all(const struct demo_story *story, struct offline *offline,
    const struct json_value *list, struct error *err)
{
	size_t count = json_value_count(list);

	if (count == 0)
		return error_set(err, ERROR_NOT_FOUND, "there is no receipt");
	for (size_t i = 0; i < count; i++)
		if (check_one(story, offline, json_value_item(list, i), err) <
		    0)
			return -1;
	demo_tell(story, "%zu %s", count,
	    cli_text(story->cli, "份回執皆通過離線驗證",
		"receipts verified offline"));
	return 0;
}

int
demo_verify(struct demo_story *story, struct error *err)
{
	char path[4096];
	struct local local =
	    demo_local(story, demo_host_find("gateway-1"), path);
	struct json_document *document = NULL;
	struct offline *offline = NULL;
	struct http_answer answer = { 0 };
	char folder[DEMO_PATH_SIZE];
	char root[DIGEST_TEXT_SIZE];
	char target[128];
	int rc = -1;

	snprintf(target, sizeof(target), "/v1/outbox/%s/receipts",
	    story->document);
	snprintf(folder, sizeof(folder), "%s/bulletins", story->folder);
	if (find_root(story, root, err) == 0 &&
	    offline_open(folder, root, "demo", clock_now_ms(), &offline, err) ==
		0 &&
	    local_get(&local, target, &answer, err) == 0 &&
	    json_read(answer.body.data, answer.body.len, ANSWER_MAX, &document,
		err) == 0)
		rc = check_all(story, offline,
		    json_value_member(json_root(document), "receipts"), err);
	json_document_free(document);
	http_answer_free(&answer);
	offline_close(offline);
	return rc < 0 ? error_prefix(err, "verifying the receipts") : 0;
}
