/*
 * Letters that came in: read, signed for, returned, assigned.
 */
#ifndef YIZHAN_RECEIVING_H
#define YIZHAN_RECEIVING_H

#include <yizhan_base.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A letter that came in. */
struct yizhan_arrival {
	const char *waybill_id;
	const char *recipient; /* code */
	const char *document_id;
	const char *sender; /* code */
	const char *sender_name;
	const char *reference;
	const char *subject;
	const char *speed;
	const char *receive_number; /* 收文號 */
	const char *received_at;
	const char *state; /* opened confirmed returned ... */
	size_t part_count;
	const struct yizhan_part *parts;
	const char *etag;
	const char *json;
};
void yizhan_arrival_free(struct yizhan_arrival *arrival);

struct yizhan_arrivals {
	size_t count;
	const struct yizhan_arrival *const *arrivals;
	const char *next;
};
void yizhan_arrivals_free(struct yizhan_arrivals *arrivals);

/* `state` NULL: of any. */
enum yizhan_result yizhan_inbox(struct yizhan *yizhan, const char *state,
    const char *cursor, unsigned limit, struct yizhan_arrivals **ret_arrivals);

enum yizhan_result yizhan_arrival_get(struct yizhan *yizhan,
    const char *waybill_id, const char *recipient,
    struct yizhan_arrival **ret_arrival);

/*
 * The bytes of part `number` (from 0) of an arrival.  They are compared with
 * its digest: YIZHAN_BUSY when they are others, so that what was taken has to be thrown
 * away.  Not repeated by patience once bytes were taken.
 */
enum yizhan_result yizhan_read_part(struct yizhan *yizhan,
    const struct yizhan_arrival *arrival, size_t number, yizhan_take_fn take,
    void *context);

/* Sign for it, return it (misdirected incomplete attachment_missing unreadable
 * other), or tell the sender of a mistake afterwards; repeats are the same. */
enum yizhan_result yizhan_confirm(struct yizhan *yizhan, const char *waybill_id,
    const char *recipient, struct yizhan_arrival **ret_arrival);
enum yizhan_result yizhan_return(struct yizhan *yizhan, const char *waybill_id,
    const char *recipient, const char *reason,
    struct yizhan_arrival **ret_arrival);
enum yizhan_result yizhan_notice(struct yizhan *yizhan, const char *waybill_id,
    const char *recipient, const char *reason,
    struct yizhan_arrival **ret_arrival);

/* ---- papers of a letter that came in ------------------------------------------ */

/* As PDF or page; the signed package; the evidence; receipts as JSON. */
enum yizhan_result yizhan_arrival_print(struct yizhan *yizhan,
    const char *waybill_id, const char *recipient, yizhan_take_fn take,
    void *context);
enum yizhan_result yizhan_arrival_view(struct yizhan *yizhan,
    const char *waybill_id, const char *recipient, yizhan_take_fn take,
    void *context);
enum yizhan_result yizhan_arrival_package(struct yizhan *yizhan,
    const char *waybill_id, const char *recipient, yizhan_take_fn take,
    void *context);
enum yizhan_result yizhan_arrival_evidence(struct yizhan *yizhan,
    const char *waybill_id, const char *recipient, yizhan_take_fn take,
    void *context);
enum yizhan_result yizhan_arrival_receipts(struct yizhan *yizhan,
    const char *waybill_id, const char *recipient, char **ret_json);

/* ---- assignment (分文, 改分, 退分) ------------------------------------------------ */

/* To a unit, or with `person` not 0 to a person; and back to the registry desk. */
enum yizhan_result yizhan_assign(struct yizhan *yizhan, const char *waybill_id,
    const char *recipient, const char *unit, int64_t person, const char *note,
    struct yizhan_arrival **ret_arrival);
enum yizhan_result yizhan_hand_back(struct yizhan *yizhan,
    const char *waybill_id, const char *recipient, const char *reason,
    struct yizhan_arrival **ret_arrival);

struct yizhan_unit {
	int64_t id;
	const char *code;
	const char *name;
	int is_open;
	const char *source; /* directory local */
};
struct yizhan_colleague {
	int64_t id;
	const char *name;
	const char *unit;
	const char *role;
};
struct yizhan_units {
	size_t unit_count;
	const struct yizhan_unit *units;
	size_t person_count;
	const struct yizhan_colleague *persons;
	const char *json;
};
void yizhan_units_free(struct yizhan_units *units);
enum yizhan_result yizhan_units(struct yizhan *yizhan,
    struct yizhan_units **ret_units);

/* ---- many at once -------------------------------------------------------------- */

/* What came of each, in the order asked for: "WAYBILL/CODE", 1 to 500, each once. */
struct yizhan_outcome {
	const char *letter;
	int64_t status; /* of HTTP */
	const char *state;
	const char *code; /* of what is wrong, or "" */
	const char *title;
};
struct yizhan_outcomes {
	int64_t done;
	int64_t failed;
	size_t count;
	const struct yizhan_outcome *outcomes;
	const char *json;
};
void yizhan_outcomes_free(struct yizhan_outcomes *outcomes);
enum yizhan_result yizhan_confirm_all(struct yizhan *yizhan,
    const char *const *letters, size_t count,
    struct yizhan_outcomes **ret_outcomes);
enum yizhan_result yizhan_return_all(struct yizhan *yizhan,
    const char *const *letters, size_t count, const char *reason,
    struct yizhan_outcomes **ret_outcomes);
enum yizhan_result yizhan_assign_all(struct yizhan *yizhan,
    const char *const *letters, size_t count, const char *unit, int64_t person,
    const char *note, struct yizhan_outcomes **ret_outcomes);
enum yizhan_result yizhan_hand_back_all(struct yizhan *yizhan,
    const char *const *letters, size_t count, const char *reason,
    struct yizhan_outcomes **ret_outcomes);

/* ---- what waits for its time ------------------------------------------------------ */

struct yizhan_announced {
	const char *waybill_id;
	const char *recipient;
	const char *speed;
	const char *announced_at;
	const char *fetch_at;
};
struct yizhan_waiting {
	size_t count;
	const struct yizhan_announced *letters;
	const char *next;
	const char *json;
};
void yizhan_waiting_free(struct yizhan_waiting *waiting);
enum yizhan_result yizhan_waiting(struct yizhan *yizhan, const char *cursor,
    unsigned limit, struct yizhan_waiting **ret_waiting);

/* Fetch it now; how many.  How an organisation receives, as JSON. */
enum yizhan_result yizhan_fetch_now(struct yizhan *yizhan, int64_t *ret_count);
enum yizhan_result yizhan_desk(struct yizhan *yizhan, char **ret_json);

#ifdef __cplusplus
}
#endif

#endif
