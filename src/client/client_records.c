/* Registers, reviews, the bulletin board, and the state of trust. */
#include <stdio.h>

#include "client/client_shape.h"

/* ---- registers --------------------------------------------------------------- */

static enum yizhan_result
fetch_period(struct yizhan *yizhan, const char *path,
    const struct yizhan_period *period, const char *format, yizhan_take_fn take,
    void *context)
{
	char target[CLIENT_TARGET_SIZE];

	if (!client_target(target, path) ||
	    !client_param(target, "format", format) ||
	    (period != NULL &&
		(!client_param(target, "from", period->from) ||
		    !client_param(target, "until", period->until))))
		return client_too_long(yizhan);
	return yizhan_fetch(yizhan, target, take, context);
}

enum yizhan_result
yizhan_register_in(struct yizhan *yizhan, const struct yizhan_period *period,
    const char *format, yizhan_take_fn take, void *context)
{
	return fetch_period(yizhan, "/v1/registers/in", period, format, take,
	    context);
}

enum yizhan_result
yizhan_register_out(struct yizhan *yizhan, const struct yizhan_period *period,
    const char *format, yizhan_take_fn take, void *context)
{
	return fetch_period(yizhan, "/v1/registers/out", period, format, take,
	    context);
}

enum yizhan_result
yizhan_statistics(struct yizhan *yizhan, const struct yizhan_period *period,
    const char *format, yizhan_take_fn take, void *context)
{
	return fetch_period(yizhan, "/v1/statistics", period, format, take,
	    context);
}

/* ---- what has to be looked at ------------------------------------------------- */

#define OPEN(name) CLIENT_FIELD(#name, CLIENT_TEXT, yizhan_open_delivery, name)
static const struct client_field open_fields[] = { OPEN(document_id),
	OPEN(reference), OPEN(subject), OPEN(recipient), OPEN(name),
	OPEN(state), OPEN(sent_at), OPEN(since), OPEN(reason), OPEN(words),
	CLIENT_END };
static const struct client_shape open_delivery = {
	sizeof(struct yizhan_open_delivery), open_fields
};
static const struct client_field opens_fields[] = {
	CLIENT_LIST("deliveries", CLIENT_RECORDS, yizhan_open_deliveries, count,
	    deliveries, &open_delivery),
	CLIENT_FIELD("next", CLIENT_TEXT, yizhan_open_deliveries, next),
	CLIENT_FIELD("", CLIENT_WHOLE, yizhan_open_deliveries, json),
	CLIENT_END,
};
static const struct client_shape open_deliveries = {
	sizeof(struct yizhan_open_deliveries), opens_fields
};

void
yizhan_open_deliveries_free(struct yizhan_open_deliveries *given)
{
	client_shape_free(given);
}

/* A page of a list. */
static bool
set_page(char target[CLIENT_TARGET_SIZE], const char *path, const char *cursor,
    unsigned limit)
{
	return client_target(target, path) &&
	    client_param_number(target, "limit", limit > 0 ? limit : 50) &&
	    client_param(target, "cursor", cursor);
}

enum yizhan_result
yizhan_review(struct yizhan *yizhan, const char *cursor, unsigned limit,
    struct yizhan_open_deliveries **ret_deliveries)
{
	char target[CLIENT_TARGET_SIZE];

	if (!set_page(target, "/v1/review", cursor, limit))
		return client_too_long(yizhan);
	return client_get(yizhan, target, &open_deliveries, ret_deliveries);
}

enum yizhan_result
yizhan_deliveries(struct yizhan *yizhan, const char *age, const char *state,
    const char *cursor, unsigned limit,
    struct yizhan_open_deliveries **ret_deliveries)
{
	char target[CLIENT_TARGET_SIZE];

	if (!set_page(target, "/v1/deliveries", cursor, limit) ||
	    !client_param(target, "age", age) ||
	    !client_param(target, "state", state))
		return client_too_long(yizhan);
	return client_get(yizhan, target, &open_deliveries, ret_deliveries);
}

enum yizhan_result
yizhan_overview(struct yizhan *yizhan, char **ret_json)
{
	return client_get_text(yizhan, "/v1/overview", ret_json);
}

static enum yizhan_result
get_page(struct yizhan *yizhan, const char *path, const char *cursor,
    unsigned limit, char **ret_json)
{
	char target[CLIENT_TARGET_SIZE];

	if (!set_page(target, path, cursor, limit))
		return client_too_long(yizhan);
	return client_get_text(yizhan, target, ret_json);
}

enum yizhan_result
yizhan_reviews(struct yizhan *yizhan, const char *cursor, unsigned limit,
    char **ret_json)
{
	return get_page(yizhan, "/v1/reviews", cursor, limit, ret_json);
}

enum yizhan_result
yizhan_lost(struct yizhan *yizhan, char **ret_json)
{
	return client_get_text(yizhan, "/v1/lost", ret_json);
}

enum yizhan_result
yizhan_lost_receipts(struct yizhan *yizhan, const char *waybill_id,
    char **ret_json)
{
	char target[CLIENT_TARGET_SIZE];

	if (!client_target(target, "/v1/lost/{}/receipts", waybill_id))
		return client_too_long(yizhan);
	return client_get_text(yizhan, target, ret_json);
}

/* ---- the bulletin board --------------------------------------------------------- */

#define POSTING(name) CLIENT_FIELD(#name, CLIENT_TEXT, yizhan_posting, name)
static const struct client_field posting_fields[] = {
	POSTING(waybill_id),
	POSTING(code),
	POSTING(sender_name),
	POSTING(reference),
	POSTING(subject),
	POSTING(published_at),
	POSTING(until),
	CLIENT_LIST("files", CLIENT_RECORDS, yizhan_posting, part_count, parts,
	    &client_part_shape),
	CLIENT_FIELD("", CLIENT_WHOLE, yizhan_posting, json),
	CLIENT_END,
};
static const struct client_shape posting = { sizeof(struct yizhan_posting),
	posting_fields };
static const struct client_field board_fields[] = {
	CLIENT_LIST("notices", CLIENT_RECORDS, yizhan_board, count, postings,
	    &posting),
	CLIENT_FIELD("next", CLIENT_TEXT, yizhan_board, next),
	CLIENT_FIELD("", CLIENT_WHOLE, yizhan_board, json),
	CLIENT_END,
};
static const struct client_shape board = { sizeof(struct yizhan_board),
	board_fields };

void
yizhan_posting_free(struct yizhan_posting *given)
{
	client_shape_free(given);
}

void
yizhan_board_free(struct yizhan_board *given)
{
	client_shape_free(given);
}

enum yizhan_result
yizhan_board(struct yizhan *yizhan, const char *text, const char *cursor,
    unsigned limit, struct yizhan_board **ret_board)
{
	char target[CLIENT_TARGET_SIZE];

	if (!set_page(target, "/v1/board", cursor, limit) ||
	    !client_param(target, "q", text))
		return client_too_long(yizhan);
	return client_get(yizhan, target, &board, ret_board);
}

enum yizhan_result
yizhan_posting_get(struct yizhan *yizhan, const char *waybill_id,
    const char *code, struct yizhan_posting **ret_posting)
{
	char target[CLIENT_TARGET_SIZE];

	if (!client_target(target, "/v1/board/{}/{}", waybill_id, code))
		return client_too_long(yizhan);
	return client_get(yizhan, target, &posting, ret_posting);
}

enum yizhan_result
yizhan_posting_read(struct yizhan *yizhan, const char *waybill_id,
    const char *code, size_t number, yizhan_take_fn take, void *context)
{
	char target[CLIENT_TARGET_SIZE];
	char text[24];

	snprintf(text, sizeof(text), "%zu", number);
	if (!client_target(target, "/v1/board/{}/{}/files/{}", waybill_id, code,
		text))
		return client_too_long(yizhan);
	return yizhan_fetch(yizhan, target, take, context);
}

enum yizhan_result
yizhan_posting_view(struct yizhan *yizhan, const char *waybill_id,
    const char *code, yizhan_take_fn take, void *context)
{
	char target[CLIENT_TARGET_SIZE];

	if (!client_target(target, "/v1/board/{}/{}/view", waybill_id, code))
		return client_too_long(yizhan);
	return yizhan_fetch(yizhan, target, take, context);
}

/* ---- trust and casework -------------------------------------------------------- */

enum yizhan_result
yizhan_certificates(struct yizhan *yizhan, unsigned days, char **ret_json)
{
	char target[CLIENT_TARGET_SIZE];

	if (!client_target(target, "/v1/certificates") ||
	    !client_param_number(target, "days", days))
		return client_too_long(yizhan);
	return client_get_text(yizhan, target, ret_json);
}

enum yizhan_result
yizhan_bulletins(struct yizhan *yizhan, char **ret_json)
{
	return client_get_text(yizhan, "/v1/bulletins", ret_json);
}

enum yizhan_result
yizhan_conflicts(struct yizhan *yizhan, char **ret_json)
{
	return client_get_text(yizhan, "/v1/conflicts", ret_json);
}

enum yizhan_result
yizhan_case_requests(struct yizhan *yizhan, const char *cursor, unsigned limit,
    char **ret_json)
{
	return get_page(yizhan, "/v1/case-requests", cursor, limit, ret_json);
}

enum yizhan_result
yizhan_case_request(struct yizhan *yizhan, const char *id, char **ret_json)
{
	char target[CLIENT_TARGET_SIZE];

	if (!client_target(target, "/v1/case-requests/{}", id))
		return client_too_long(yizhan);
	return client_get_text(yizhan, target, ret_json);
}
