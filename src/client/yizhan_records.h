/*
 * Registers, reviews, the bulletin board, and the state of trust.
 */
#ifndef YIZHAN_RECORDS_H
#define YIZHAN_RECORDS_H

#include <yizhan_base.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- registers and statistics ---------------------------------------------------- */

/* Civil days in UTC+08:00, "2026-11-01", the last one included; NULL: the newest 31. */
struct yizhan_period {
	const char *from;
	const char *until;
};

/*
 * 收文登記簿, 發文登記簿, and sums by month, 速別 and correspondent.  `format` "csv" or
 * "ods": all of the period; "json": a page of it.  `period` may be NULL.
 */
enum yizhan_result yizhan_register_in(struct yizhan *yizhan,
    const struct yizhan_period *period, const char *format, yizhan_take_fn take,
    void *context);
enum yizhan_result yizhan_register_out(struct yizhan *yizhan,
    const struct yizhan_period *period, const char *format, yizhan_take_fn take,
    void *context);
enum yizhan_result yizhan_statistics(struct yizhan *yizhan,
    const struct yizhan_period *period, const char *format, yizhan_take_fn take,
    void *context);

/* ---- what has to be looked at -------------------------------------------------------- */

struct yizhan_open_delivery {
	const char *document_id;
	const char *reference;
	const char *subject;
	const char *recipient;
	const char *name;
	const char *state;
	const char *sent_at;
	const char *since;
	const char *reason;
	const char *words; /* what the recipient says to the sender, or "" */
};
struct yizhan_open_deliveries {
	size_t count;
	const struct yizhan_open_delivery *deliveries;
	const char *next;
	const char *json;
};
void yizhan_open_deliveries_free(struct yizhan_open_deliveries *deliveries);

/* Today's (art. 7-6), oldest first; and all that have not ended, by `age` (hour
 * day days older any) or `state`, each NULL for any. */
enum yizhan_result yizhan_review(struct yizhan *yizhan, const char *cursor,
    unsigned limit, struct yizhan_open_deliveries **ret_deliveries);
enum yizhan_result yizhan_deliveries(struct yizhan *yizhan, const char *age,
    const char *state, const char *cursor, unsigned limit,
    struct yizhan_open_deliveries **ret_deliveries);

/* As JSON: how much there is; reviews on record, the newest first. */
enum yizhan_result yizhan_overview(struct yizhan *yizhan, char **ret_json);
enum yizhan_result yizhan_reviews(struct yizhan *yizhan, const char *cursor,
    unsigned limit, char **ret_json);

/* As JSON, after the gateway was restored from a backup: letters of which only
 * receipts are left, and those receipts. */
enum yizhan_result yizhan_lost(struct yizhan *yizhan, char **ret_json);
enum yizhan_result yizhan_lost_receipts(struct yizhan *yizhan,
    const char *waybill_id, char **ret_json);

/* ---- the bulletin board (電子公布欄) ------------------------------------------------------ */

struct yizhan_posting {
	const char *waybill_id;
	const char *code;
	const char *sender_name;
	const char *reference;
	const char *subject;
	const char *published_at;
	const char *until;
	size_t part_count; /* 0 in a list */
	const struct yizhan_part *parts;
	const char *json;
};
void yizhan_posting_free(struct yizhan_posting *posting);
struct yizhan_board {
	size_t count;
	const struct yizhan_posting *postings;
	const char *next;
	const char *json;
};
void yizhan_board_free(struct yizhan_board *board);

/* With `text` in it, or NULL: all that is up. */
enum yizhan_result yizhan_board(struct yizhan *yizhan, const char *text,
    const char *cursor, unsigned limit, struct yizhan_board **ret_board);
enum yizhan_result yizhan_posting_get(struct yizhan *yizhan,
    const char *waybill_id, const char *code,
    struct yizhan_posting **ret_posting);
enum yizhan_result yizhan_posting_read(struct yizhan *yizhan,
    const char *waybill_id, const char *code, size_t number,
    yizhan_take_fn take, void *context);
enum yizhan_result yizhan_posting_view(struct yizhan *yizhan,
    const char *waybill_id, const char *code, yizhan_take_fn take,
    void *context);

/* ---- trust and casework, as JSON ------------------------------------------------------------ */

enum yizhan_result yizhan_certificates(struct yizhan *yizhan, unsigned days,
    char **ret_json);
enum yizhan_result yizhan_bulletins(struct yizhan *yizhan, char **ret_json);
enum yizhan_result yizhan_conflicts(struct yizhan *yizhan, char **ret_json);
enum yizhan_result yizhan_case_requests(struct yizhan *yizhan,
    const char *cursor, unsigned limit, char **ret_json);
enum yizhan_result yizhan_case_request(struct yizhan *yizhan, const char *id,
    char **ret_json);

#ifdef __cplusplus
}
#endif

#endif
