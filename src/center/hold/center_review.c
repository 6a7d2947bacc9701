#include "center/hold/center_review.h"

#include <stdlib.h>

#include "base/error.h"
#include "base/text.h"
#include "center/accept/center_event.h"
#include "center/center.h"
#include "center/center_rows.h"
#include "center/hold/center_hold_internal.h"
#include "role/status/review.h"
#include "role/status/reviewer.h"
#include "store/store.h"

struct center_review {
	struct center *center;
	struct center_waybill after; /* the last that was looked at */
	struct center_news news[REVIEWER_SLICE]; /* of those with a flag */
	size_t news_count;
};

static struct rows *
rows_of(const struct center_review *review)
{
	return store_rows(review->center->spool.store);
}

/* ---- one waybill ------------------------------------------------------ */

struct flagging {
	struct center_review *review;
	const struct center_waybill *waybill;
	const char *why;
	struct center_news news; /* the same for all of a waybill */
	bool has_any;
};

static void
log_flagged(const struct flagging *flagging,
    const struct center_delivery *delivery)
{
	char id[ID_TEXT_SIZE];
	struct log_line line;

	id_format(&flagging->waybill->waybill_id, id);
	log_begin(&line, &flagging->review->center->spool.env->log,
	    LOG_LEVEL_WARNING, flagging->why);
	log_text(&line, "waybill", id);
	log_text(&line, "sender", flagging->waybill->sender.text);
	log_text(&line, "org", delivery->recipient.text);
	log_end(&line);
}

static int
flag_one(void *ctx, struct center_delivery *delivery, struct error *err)
{
	struct flagging *flagging = ctx;
	struct center_review *review = flagging->review;
	struct center *center = review->center;
	struct center_event event = { .event = EVENT_FLAGGED,
		.signer = STATEMENT_CENTER,
		.at = center->name };
	enum delivery_role role =
	    center_role(center, flagging->waybill, delivery);
	uint64_t entry;

	if (delivery_apply(&delivery->life, role, EVENT_FLAGGED, false) !=
	    DELIVERY_NOTED)
		return 0;
	if (center_event_write(center, flagging->waybill, delivery, &event,
		&entry, &flagging->news, err) < 0)
		return -1;
	flagging->has_any = true;
	log_flagged(flagging, delivery);
	return 0;
}

static int
look_at(struct center_review *review, const struct center_waybill *waybill,
    struct error *err)
{
	struct center *center = review->center;
	const struct review_sender sender = {
		.code = waybill->sender,
		.host = text_equal(waybill->origin, center->name)
		    ? waybill->host
		    : "",
		.module = &waybill->module,
	};
	const struct review_facts facts = reviewer_facts(&center->spool);
	struct flagging flagging = { .review = review, .waybill = waybill };

	flagging.why = review_judge(&facts, &sender, waybill->origin_at);
	if (flagging.why[0] == '\0')
		return 0;
	if (center_delivery_each(rows_of(review), waybill->row, center->name,
		flag_one, &flagging, err) < 0)
		return -1;
	if (flagging.has_any)
		review->news[review->news_count++] = flagging.news;
	return 0;
}

/* ---- all of them ------------------------------------------------------ */

static void
go_back(void *ctx, int64_t since_ms)
{
	struct center_review *review = ctx;

	review->after = (struct center_waybill){ .accepted_at = since_ms };
	review->news_count = 0;
	/* What is to be held, by a module say, is looked at there. */
	center_holds_reload(review->center->holds);
}

static int
judge_next(void *ctx, struct error *err)
{
	struct center_review *review = ctx;
	int found = center_waybill_next(rows_of(review), &review->after,
	    &review->after, err);

	return found > 0 && look_at(review, &review->after, err) < 0 ? -1
								     : found;
}

static void
tell(void *ctx)
{
	struct center_review *review = ctx;

	for (size_t i = 0; i < review->news_count; i++)
		center_news_tell(review->center, &review->news[i]);
	review->news_count = 0;
}

int
center_review_new(struct center *center, struct reviewer **ret_reviewer,
    struct error *err)
{
	static const struct reviewer_tier tier = { go_back, judge_next, tell };
	struct center_review *review = calloc(1, sizeof(*review));

	if (review == NULL)
		return error_set_memory(err);
	review->center = center;
	return reviewer_new(&center->spool, &tier, review, ret_reviewer, err);
}
