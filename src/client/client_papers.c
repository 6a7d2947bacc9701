/* Papers of a letter: prints, pages, lists, evidence, packages, receipts. */
#include <stdio.h>

#include "client/client_shape.h"

/* ---- of what was sent ------------------------------------------------------------ */

static enum yizhan_result
fetch_sent(struct yizhan *yizhan, const char *pattern, const char *id,
    const char *name, const char *value, yizhan_take_fn take, void *context)
{
	char target[CLIENT_TARGET_SIZE];

	if (!client_target(target, pattern, id) ||
	    !client_param(target, name, value))
		return client_too_long(yizhan);
	return yizhan_fetch(yizhan, target, take, context);
}

enum yizhan_result
yizhan_letter_print(struct yizhan *yizhan, const char *id,
    const char *recipient, yizhan_take_fn take, void *context)
{
	return fetch_sent(yizhan, "/v1/outbox/{}/print", id, "recipient",
	    recipient, take, context);
}

enum yizhan_result
yizhan_letter_view(struct yizhan *yizhan, const char *id, const char *recipient,
    yizhan_take_fn take, void *context)
{
	return fetch_sent(yizhan, "/v1/outbox/{}/view", id, "recipient",
	    recipient, take, context);
}

enum yizhan_result
yizhan_letter_list(struct yizhan *yizhan, const char *id, const char *as,
    yizhan_take_fn take, void *context)
{
	return fetch_sent(yizhan, "/v1/outbox/{}/recipients", id, "as", as,
	    take, context);
}

enum yizhan_result
yizhan_letter_evidence(struct yizhan *yizhan, const char *id,
    const char *recipient, yizhan_take_fn take, void *context)
{
	return fetch_sent(yizhan, "/v1/outbox/{}/evidence", id, "recipient",
	    recipient, take, context);
}

enum yizhan_result
yizhan_letter_receipts(struct yizhan *yizhan, const char *id, char **ret_json)
{
	char target[CLIENT_TARGET_SIZE];

	if (!client_target(target, "/v1/outbox/{}/receipts", id))
		return client_too_long(yizhan);
	return client_get_text(yizhan, target, ret_json);
}

/* ---- of what came in --------------------------------------------------------------- */

static enum yizhan_result
fetch_arrival(struct yizhan *yizhan, const char *pattern,
    const char *waybill_id, const char *recipient, yizhan_take_fn take,
    void *context)
{
	char target[CLIENT_TARGET_SIZE];

	if (!client_target(target, pattern, waybill_id, recipient))
		return client_too_long(yizhan);
	return yizhan_fetch(yizhan, target, take, context);
}

enum yizhan_result
yizhan_arrival_print(struct yizhan *yizhan, const char *waybill_id,
    const char *recipient, yizhan_take_fn take, void *context)
{
	return fetch_arrival(yizhan, "/v1/inbox/{}/{}/print", waybill_id,
	    recipient, take, context);
}

enum yizhan_result
yizhan_arrival_view(struct yizhan *yizhan, const char *waybill_id,
    const char *recipient, yizhan_take_fn take, void *context)
{
	return fetch_arrival(yizhan, "/v1/inbox/{}/{}/view", waybill_id,
	    recipient, take, context);
}

enum yizhan_result
yizhan_arrival_package(struct yizhan *yizhan, const char *waybill_id,
    const char *recipient, yizhan_take_fn take, void *context)
{
	return fetch_arrival(yizhan, "/v1/inbox/{}/{}/package", waybill_id,
	    recipient, take, context);
}

enum yizhan_result
yizhan_arrival_evidence(struct yizhan *yizhan, const char *waybill_id,
    const char *recipient, yizhan_take_fn take, void *context)
{
	return fetch_arrival(yizhan, "/v1/inbox/{}/{}/evidence", waybill_id,
	    recipient, take, context);
}

enum yizhan_result
yizhan_arrival_receipts(struct yizhan *yizhan, const char *waybill_id,
    const char *recipient, char **ret_json)
{
	char target[CLIENT_TARGET_SIZE];

	if (!client_target(target, "/v1/inbox/{}/{}/receipts", waybill_id,
		recipient))
		return client_too_long(yizhan);
	return client_get_text(yizhan, target, ret_json);
}

/* ---- of a draft ---------------------------------------------------------------------- */

enum yizhan_result
yizhan_draft_read(struct yizhan *yizhan, const char *id, size_t number,
    yizhan_take_fn take, void *context)
{
	char target[CLIENT_TARGET_SIZE];
	char text[24];

	snprintf(text, sizeof(text), "%zu", number);
	if (!client_target(target, "/v1/drafts/{}/files/{}", id, text))
		return client_too_long(yizhan);
	return yizhan_fetch(yizhan, target, take, context);
}

enum yizhan_result
yizhan_draft_print(struct yizhan *yizhan, const char *id, yizhan_take_fn take,
    void *context)
{
	return fetch_sent(yizhan, "/v1/drafts/{}/print", id, "", NULL, take,
	    context);
}

enum yizhan_result
yizhan_draft_view(struct yizhan *yizhan, const char *id, yizhan_take_fn take,
    void *context)
{
	return fetch_sent(yizhan, "/v1/drafts/{}/view", id, "", NULL, take,
	    context);
}

/* ---- before it is one ------------------------------------------------------------------ */

enum yizhan_result
yizhan_preview(struct yizhan *yizhan, const struct yizhan_file *files,
    size_t count, const char *as, yizhan_take_fn take, void *context)
{
	char target[CLIENT_TARGET_SIZE];
	struct client_upload *upload = NULL;
	struct client_request request = { .method = "POST",
		.target = target,
		.take = take,
		.take_context = context };
	struct client_answer answer = { 0 };
	enum yizhan_result result;

	if (!client_target(target, "/v1/documents:preview?as={}", as))
		return client_too_long(yizhan);
	result = client_upload_new(yizhan, files, count, &upload);
	request.upload = upload;
	if (result == YIZHAN_OK)
		result = client_ask(yizhan, &request, &answer);
	client_answer_free(&answer);
	client_upload_free(upload);
	return result;
}
