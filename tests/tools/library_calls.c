/*
 * Each function of libyizhan that asks something, once, for scenarios:
 *
 *   library_calls URL
 *
 * asks URL/FUNCTION in the place of a gateway, so that who answers there sees
 * which request is whose.  Prints the names of those that were answered well.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yizhan.h>

static int
take(void *context, const void *data, size_t len)
{
	(void)context;
	(void)data;
	(void)len;
	return 0;
}

static int
take_event(void *context, const struct yizhan_events *events)
{
	(void)context;
	return events->count == 1 && events->events[0].id == 7 ? 1 : -1;
}

static struct yizhan_file files[] = {
	{ .name = "1.di", .data = "a", .len = 1 },
	{ .name = "1.sw", .data = "b", .len = 1 },
};
static const struct yizhan_draft draft = { .id = "D", .version = 1 };
static const struct yizhan_group group = { .code = "G", .version = 1 };
static const struct yizhan_member member = { .code = "A" };
static const struct yizhan_part part = { .name = "n", .len = 1, .sha256 = "" };
static const struct yizhan_arrival arrival = { .waybill_id = "W",
	.recipient = "A",
	.part_count = 1,
	.parts = &part };
static const struct yizhan_whom whom = { .name = "A" };
static const struct yizhan_limit limit = { .of = "*" };
static const char *const letters[] = { "W/A" };

/* A function whose result is freed, or not. */
#define GIVES(name, type, free, ...)                                         \
	static int run_##name(struct yizhan *yizhan)                         \
	{                                                                    \
		type *given = NULL;                                          \
		int result = (int)yizhan_##name(yizhan __VA_ARGS__, &given); \
                                                                             \
		free(given);                                                 \
		return result;                                               \
	}
#define ASKS(name, ...)                                        \
	static int run_##name(struct yizhan *yizhan)           \
	{                                                      \
		return (int)yizhan_##name(yizhan __VA_ARGS__); \
	}
#define LETTER(name, ...) \
	GIVES(name, struct yizhan_letter, yizhan_letter_free, __VA_ARGS__)
#define ARRIVAL(name, ...) \
	GIVES(name, struct yizhan_arrival, yizhan_arrival_free, __VA_ARGS__)
#define DRAFT(name, ...) \
	GIVES(name, struct yizhan_draft, yizhan_draft_free, __VA_ARGS__)
#define SERIES(name, ...) \
	GIVES(name, struct yizhan_series, yizhan_series_free, __VA_ARGS__)
#define OUTCOMES(name, ...) \
	GIVES(name, struct yizhan_outcomes, yizhan_outcomes_free, __VA_ARGS__)
#define TEXT(name, ...) GIVES(name, char, yizhan_text_free, __VA_ARGS__)
#define BYTES(name, ...) ASKS(name, __VA_ARGS__, take, NULL)

GIVES(self, struct yizhan_self, yizhan_self_free, )
GIVES(health, struct yizhan_health, yizhan_health_free, )
ASKS(metrics, , take, NULL)
GIVES(make, struct yizhan_files, yizhan_files_free, , "{}", 1)
TEXT(validate, , files, 2)
BYTES(preview, , files, 2, "pdf")
LETTER(submit, , files, 2, NULL)
LETTER(letter_get, , "L")
GIVES(outbox, struct yizhan_letters, yizhan_letters_free, , NULL, 1)
LETTER(undo, , "L")
LETTER(withdraw, , "L", "A")
LETTER(paper, , "L", "A")
BYTES(letter_print, , "L", NULL)
BYTES(letter_view, , "L", "A")
BYTES(letter_list, , "L", "csv")
BYTES(letter_evidence, , "L", "A")
TEXT(letter_receipts, , "L")
SERIES(series_send, , files, 2, NULL)
SERIES(series_get, , "S")
SERIES(series_undo, , "S")
DRAFT(draft_new, , "t", files, 2, NULL)
GIVES(drafts, struct yizhan_drafts, yizhan_drafts_free, , "draft", NULL, 0)
DRAFT(draft_get, , "D")
DRAFT(draft_add, , &draft, files, 2)
DRAFT(draft_upload, , &draft, files)
BYTES(draft_read, , "D", 0)
BYTES(draft_print, , "D")
BYTES(draft_view, , "D")
TEXT(draft_check, , &draft)
TEXT(draft_check_apart, , &draft)
SERIES(draft_send_apart, , &draft, NULL)
DRAFT(draft_edit, , &draft, "t", NULL, letters, 1)
DRAFT(draft_proofread, , &draft, NULL)
LETTER(draft_send, , &draft, NULL)
ASKS(draft_discard, , &draft)
GIVES(inbox, struct yizhan_arrivals, yizhan_arrivals_free, , NULL, NULL, 1)
ARRIVAL(arrival_get, , "W", "A")
BYTES(read_part, , &arrival, 0)
ARRIVAL(confirm, , "W", "A")
ARRIVAL(return, , "W", "A", "other")
ARRIVAL(notice, , "W", "A", "other")
BYTES(arrival_print, , "W", "A")
BYTES(arrival_view, , "W", "A")
BYTES(arrival_package, , "W", "A")
BYTES(arrival_evidence, , "W", "A")
TEXT(arrival_receipts, , "W", "A")
ARRIVAL(assign, , "W", "A", "U", 0, "n")
ARRIVAL(hand_back, , "W", "A", "r")
GIVES(units, struct yizhan_units, yizhan_units_free, )
OUTCOMES(confirm_all, , letters, 1)
OUTCOMES(return_all, , letters, 1, "other")
OUTCOMES(assign_all, , letters, 1, NULL, 7, NULL)
OUTCOMES(hand_back_all, , letters, 1, "r")
GIVES(waiting, struct yizhan_waiting, yizhan_waiting_free, , NULL, 0)
TEXT(desk, )
GIVES(events, struct yizhan_events, yizhan_events_free, , "1", 1, 0)
ASKS(events_stream, , "1", take_event, NULL)
GIVES(webhook_new, struct yizhan_webhook, yizhan_webhook_free, , "http://x/")
GIVES(webhooks, struct yizhan_webhooks, yizhan_webhooks_free, )
ASKS(webhook_disable, , 1)
ASKS(webhook_enable, , 1)
ASKS(webhook_replay, , 1, 0)
GIVES(webhook_dead, struct yizhan_dead_letters, yizhan_dead_letters_free, , 1)
GIVES(directory, struct yizhan_organisations, yizhan_organisations_free, , "臺",
    0, 0)
TEXT(directory_entry, , "A", 3)
TEXT(directory_history, , "A")
GIVES(recipients_check, struct yizhan_ways, yizhan_ways_free, , &whom, 1, &part,
    1)
GIVES(groups, struct yizhan_groups, yizhan_groups_free, )
GIVES(group_get, struct yizhan_group, yizhan_group_free, , "G", 2)
TEXT(group_history, , "G")
GIVES(group_new, struct yizhan_group, yizhan_group_free, , "G", "t", &member, 1)
GIVES(group_change, struct yizhan_group, yizhan_group_free, , &group, "t", NULL,
    0)
ASKS(group_remove, , &group)
ASKS(groups_export, , take, NULL)
GIVES(groups_import, struct yizhan_groups, yizhan_groups_free, , "a,b\n", 4)
GIVES(limits, struct yizhan_limits, yizhan_limits_free, )
GIVES(limit_set, struct yizhan_limits, yizhan_limits_free, , &limit)
TEXT(sending, )
TEXT(letterhead, )
BYTES(register_in, , NULL, "csv")
BYTES(register_out, , NULL, "ods")
BYTES(statistics, , NULL, "json")
GIVES(review, struct yizhan_open_deliveries, yizhan_open_deliveries_free, ,
    NULL, 0)
GIVES(deliveries, struct yizhan_open_deliveries, yizhan_open_deliveries_free, ,
    "any", NULL, NULL, 0)
TEXT(overview, )
TEXT(reviews, , NULL, 0)
TEXT(lost, )
TEXT(lost_receipts, , "W")
GIVES(board, struct yizhan_board, yizhan_board_free, , NULL, NULL, 0)
GIVES(posting_get, struct yizhan_posting, yizhan_posting_free, , "W", "A")
BYTES(posting_read, , "W", "A", 0)
BYTES(posting_view, , "W", "A")
TEXT(certificates, , 90)
TEXT(bulletins, )
TEXT(conflicts, )
TEXT(case_requests, , NULL, 0)
TEXT(case_request, , "C")

static int
run_fetch_now(struct yizhan *yizhan)
{
	int64_t count;

	return (int)yizhan_fetch_now(yizhan, &count);
}

static int
run_webhook_test(struct yizhan *yizhan)
{
	int is_taken;

	return (int)yizhan_webhook_test(yizhan, 1, &is_taken);
}

#define CALL(name)                          \
	{                                   \
		"yizhan_" #name, run_##name \
	}
static const struct {
	const char *name;
	int (*run)(struct yizhan *yizhan);
} calls[] = { CALL(self), CALL(health), CALL(metrics), CALL(make),
	CALL(validate), CALL(preview), CALL(submit), CALL(letter_get),
	CALL(outbox), CALL(undo), CALL(withdraw), CALL(paper),
	CALL(letter_print), CALL(letter_view), CALL(letter_list),
	CALL(letter_evidence), CALL(letter_receipts), CALL(series_send),
	CALL(series_get), CALL(series_undo), CALL(draft_new), CALL(drafts),
	CALL(draft_get), CALL(draft_add), CALL(draft_upload), CALL(draft_read),
	CALL(draft_print), CALL(draft_view), CALL(draft_check),
	CALL(draft_check_apart), CALL(draft_send_apart), CALL(draft_edit),
	CALL(draft_proofread), CALL(draft_send), CALL(draft_discard),
	CALL(inbox), CALL(arrival_get), CALL(read_part), CALL(confirm),
	CALL(return ), CALL(notice), CALL(arrival_print), CALL(arrival_view),
	CALL(arrival_package), CALL(arrival_evidence), CALL(arrival_receipts),
	CALL(assign), CALL(hand_back), CALL(units), CALL(confirm_all),
	CALL(return_all), CALL(assign_all), CALL(hand_back_all), CALL(waiting),
	CALL(fetch_now), CALL(desk), CALL(events), CALL(events_stream),
	CALL(webhook_new), CALL(webhooks), CALL(webhook_disable),
	CALL(webhook_enable), CALL(webhook_replay), CALL(webhook_test),
	CALL(webhook_dead), CALL(directory), CALL(directory_entry),
	CALL(directory_history), CALL(recipients_check), CALL(groups),
	CALL(group_get), CALL(group_history), CALL(group_new),
	CALL(group_change), CALL(group_remove), CALL(groups_export),
	CALL(groups_import), CALL(limits), CALL(limit_set), CALL(sending),
	CALL(letterhead), CALL(register_in), CALL(register_out),
	CALL(statistics), CALL(review), CALL(deliveries), CALL(overview),
	CALL(reviews), CALL(lost), CALL(lost_receipts), CALL(board),
	CALL(posting_get), CALL(posting_read), CALL(posting_view),
	CALL(certificates), CALL(bulletins), CALL(conflicts),
	CALL(case_requests), CALL(case_request) };

int
main(int argc, char **argv)
{
	for (size_t i = 0; argc == 2 && i < sizeof(calls) / sizeof(calls[0]);
	     i++) {
		char url[256];
		const struct yizhan_options options = { .url = url,
			.token = "yzt_x",
			.patience_ms = 1000 };
		struct yizhan *yizhan = NULL;

		snprintf(url, sizeof(url), "%s/%s", argv[1], calls[i].name);
		if (yizhan_open(&options, &yizhan) != YIZHAN_OK)
			return EXIT_FAILURE;
		if (calls[i].run(yizhan) == YIZHAN_OK)
			printf("%s\n", calls[i].name);
		else
			fprintf(stderr, "%s: %s\n", calls[i].name,
			    yizhan_problem(yizhan)->detail);
		yizhan_close(yizhan);
	}
	return EXIT_SUCCESS;
}
