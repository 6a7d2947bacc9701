#include "simulate/bugs.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <sqlite3.h>

#include "base/error.h"
#include "base/text.h"
#include "center/accept/center_event.h"
#include "center/center.h"
#include "center/center_rows.h"
#include "center/move/center_move_rows.h"
#include "center/send/center_send_rows.h"
#include "exchange/delivery.h"
#include "exchange/duplicate.h"
#include "exchange/refusal.h"
#include "exchange/retry.h"
#include "gateway/inbox/inbox_events.h"
#include "policy/admission.h"
#include "role/spool/group.h"
#include "simulate/sim.h"
#include "simulate/sim_disk.h"
#include "store/rows_vfs.h"
#include "store/store.h"

enum { TRIES = 3, DAYS = 30 };

enum bug bug;

static const char *const names[BUG_COUNT] = {
	[BUG_NONE] = "none",
	[BUG_ACK_BEFORE_COMMIT] = "ack-before-commit",
	[BUG_LYING_SYNC] = "lying-sync",
	[BUG_FINISH_EARLY] = "finish-early",
	[BUG_WAYBILL_TWICE] = "waybill-twice",
	[BUG_ACT_TWICE] = "act-twice",
	[BUG_GIVE_UP] = "give-up",
	[BUG_ANY_SENDER] = "any-sender",
	[BUG_LEAF_LOST] = "leaf-lost",
	[BUG_MOVE_UNSTATED] = "move-unstated",
	[BUG_MOVE_TWICE] = "move-twice",
	[BUG_MOVE_FORGOTTEN] = "move-forgotten",
	[BUG_FORMER_DECIDES] = "former-decides",
	[BUG_ACT_AHEAD] = "act-ahead",
	[BUG_REFUSAL_BLOCKS] = "refusal-blocks",
	[BUG_FAILURE_BLOCKS] = "failure-blocks",
	[BUG_GOES_ON] = "goes-on",
};

const char *
bug_name(enum bug which)
{
	return names[which];
}

/* ---- the end of a process ------------------------------------------------------ */

void __real__exit(int status);
void __wrap__exit(int status);

/* A role that ends takes its host with it, as the parent would have it. */
void
__wrap__exit(int status)
{
	struct sim_host *host = sim_host_of(sim.role);

	if (host != NULL && host->is_up)
		sim_host_die(host, false);
	__real__exit(status);
}

int __real_store_open(const struct store_options *options, store_lost_fn lost,
    void *context, struct store **ret_store, struct error *err);
int __wrap_store_open(const struct store_options *options, store_lost_fn lost,
    void *context, struct store **ret_store, struct error *err);

int
__wrap_store_open(const struct store_options *options, store_lost_fn lost,
    void *context, struct store **ret_store, struct error *err)
{
	struct store_options own = *options;

	if (bug == BUG_GOES_ON)
		own.broken = NULL;
	return __real_store_open(&own, lost, context, ret_store, err);
}

static void
go_on(void *ctx, const struct error *err)
{
	(void)ctx;
	(void)err;
}

int __real_group_new(struct loop *loop, struct store *store,
    const struct group_hooks *hooks, void *ctx, struct group **ret_group,
    struct error *err);
int __wrap_group_new(struct loop *loop, struct store *store,
    const struct group_hooks *hooks, void *ctx, struct group **ret_group,
    struct error *err);

int
__wrap_group_new(struct loop *loop, struct store *store,
    const struct group_hooks *hooks, void *ctx, struct group **ret_group,
    struct error *err)
{
	struct group_hooks *own = malloc(sizeof(*own));

	if (own == NULL)
		abort();
	*own = *hooks;
	if (bug == BUG_GOES_ON)
		own->broken = go_on;
	return __real_group_new(loop, store, own, ctx, ret_group, err);
}

/* ---- repeats --------------------------------------------------------------------- */

int __real_center_waybill_find(struct rows *rows, const struct org_code *sender,
    const struct id *waybill_id, struct center_waybill *ret_waybill,
    struct error *err);
int __wrap_center_waybill_find(struct rows *rows, const struct org_code *sender,
    const struct id *waybill_id, struct center_waybill *ret_waybill,
    struct error *err);

int
__wrap_center_waybill_find(struct rows *rows, const struct org_code *sender,
    const struct id *waybill_id, struct center_waybill *ret_waybill,
    struct error *err)
{
	if (bug == BUG_WAYBILL_TWICE)
		return 0;
	return __real_center_waybill_find(rows, sender, waybill_id, ret_waybill,
	    err);
}

int __real_center_act_find(struct rows *rows, int64_t delivery,
    enum event event, uint64_t *ret_entry, struct error *err);
int __wrap_center_act_find(struct rows *rows, int64_t delivery,
    enum event event, uint64_t *ret_entry, struct error *err);

int
__wrap_center_act_find(struct rows *rows, int64_t delivery, enum event event,
    uint64_t *ret_entry, struct error *err)
{
	if (bug == BUG_ACT_TWICE)
		return 0;
	return __real_center_act_find(rows, delivery, event, ret_entry, err);
}

/* ---- moves ------------------------------------------------------------------------ */

int __real_center_event_write(struct center *center,
    const struct center_waybill *waybill, struct center_delivery *delivery,
    const struct center_event *event, uint64_t *ret_entry,
    struct center_news *ret_news, struct error *err);
int __wrap_center_event_write(struct center *center,
    const struct center_waybill *waybill, struct center_delivery *delivery,
    const struct center_event *event, uint64_t *ret_entry,
    struct center_news *ret_news, struct error *err);

int
__wrap_center_event_write(struct center *center,
    const struct center_waybill *waybill, struct center_delivery *delivery,
    const struct center_event *event, uint64_t *ret_entry,
    struct center_news *ret_news, struct error *err)
{
	if (bug == BUG_MOVE_UNSTATED && event->event == EVENT_MOVED) {
		*ret_entry = waybill->entry;
		*ret_news = (struct center_news){ .is_for_others = true };
		return center_delivery_save(store_rows(center->spool.store),
		    delivery, err);
	}
	return __real_center_event_write(center, waybill, delivery, event,
	    ret_entry, ret_news, err);
}

int __real_center_move_find_taken(struct rows *rows, int64_t delivery,
    int64_t hop, uint64_t *ret_entry, struct error *err);
int __wrap_center_move_find_taken(struct rows *rows, int64_t delivery,
    int64_t hop, uint64_t *ret_entry, struct error *err);

int
__wrap_center_move_find_taken(struct rows *rows, int64_t delivery, int64_t hop,
    uint64_t *ret_entry, struct error *err)
{
	if (bug == BUG_MOVE_TWICE)
		return 0;
	return __real_center_move_find_taken(rows, delivery, hop, ret_entry,
	    err);
}

int __real_center_send_add(struct rows *rows, const struct center_send *send,
    struct error *err);
int __wrap_center_send_add(struct rows *rows, const struct center_send *send,
    struct error *err);

int
__wrap_center_send_add(struct rows *rows, const struct center_send *send,
    struct error *err)
{
	if (bug == BUG_MOVE_FORGOTTEN && send->kind == CENTER_SEND_MOVE)
		return 0;
	return __real_center_send_add(rows, send, err);
}

enum delivery_role __real_center_role(const struct center *center,
    const struct center_waybill *waybill,
    const struct center_delivery *delivery);
enum delivery_role __wrap_center_role(const struct center *center,
    const struct center_waybill *waybill,
    const struct center_delivery *delivery);

enum delivery_role
__wrap_center_role(const struct center *center,
    const struct center_waybill *waybill,
    const struct center_delivery *delivery)
{
	enum delivery_role role = __real_center_role(center, waybill, delivery);

	return bug == BUG_FORMER_DECIDES && role == DELIVERY_FORMER
	    ? DELIVERY_TARGET
	    : role;
}

/* ---- clocks ----------------------------------------------------------------------- */

int __real_inbox_event_remove(struct rows *rows, int64_t row, enum event event,
    struct error *err);
int __wrap_inbox_event_remove(struct rows *rows, int64_t row, enum event event,
    struct error *err);

int
__wrap_inbox_event_remove(struct rows *rows, int64_t row, enum event event,
    struct error *err)
{
	if (bug == BUG_ACT_AHEAD)
		return 0;
	return __real_inbox_event_remove(rows, row, event, err);
}

/* ---- retry ------------------------------------------------------------------------ */

void __real_retry_failed(struct retry *retry, const struct retry_bounds *bounds,
    int64_t now_ms, int64_t after_ms, uint32_t random);
void __wrap_retry_failed(struct retry *retry, const struct retry_bounds *bounds,
    int64_t now_ms, int64_t after_ms, uint32_t random);

void
__wrap_retry_failed(struct retry *retry, const struct retry_bounds *bounds,
    int64_t now_ms, int64_t after_ms, uint32_t random)
{
	__real_retry_failed(retry, bounds, now_ms, after_ms, random);
	if (bug == BUG_GIVE_UP && retry->failures >= TRIES)
		retry->next_at = now_ms + (int64_t)DAYS * 24 * 3600 * 1000;
}

/* ---- refusals --------------------------------------------------------------------- */

enum refusal __real_refusal_judge(uint16_t status, const char *code);
enum refusal __wrap_refusal_judge(uint16_t status, const char *code);

/*
 * In every other of the histories in which centers refuse what they are told
 * (below) they seem to fail over it.
 */
static bool
comes_as_failure(const char *code)
{
	const struct sim_host *host = sim_host_of(sim.role);

	return (sim.seed % 8 == 6 || bug == BUG_FAILURE_BLOCKS) &&
	    host != NULL && host->index >= SIM_CENTER &&
	    host->index < SIM_GATEWAY && text_equal(code, "E4102");
}

enum refusal
__wrap_refusal_judge(uint16_t status, const char *code)
{
	if (comes_as_failure(code)) {
		status = 500;
		code = "";
	}
	if (bug == BUG_FAILURE_BLOCKS && status == 500)
		return REFUSAL_OF_ALL;
	if (bug == BUG_REFUSAL_BLOCKS && status < 500)
		return REFUSAL_OF_ALL;
	return __real_refusal_judge(status, code);
}

enum delivery_effect __real_delivery_apply(struct delivery *delivery,
    enum delivery_role role, enum event event, bool is_decided);
enum delivery_effect __wrap_delivery_apply(struct delivery *delivery,
    enum delivery_role role, enum event event, bool is_decided);

/*
 * In every fourth history no bug but a peculiarity: centers refuse for good what
 * others tell them of `fetched`.  All that comes behind it must get through.
 */
enum delivery_effect
__wrap_delivery_apply(struct delivery *delivery, enum delivery_role role,
    enum event event, bool is_decided)
{
	bool refuses = sim.seed % 4 == 2 || bug == BUG_REFUSAL_BLOCKS ||
	    bug == BUG_FAILURE_BLOCKS;

	if (refuses && role == DELIVERY_ORIGIN && is_decided &&
	    event == EVENT_FETCHED)
		return DELIVERY_DENIED;
	return __real_delivery_apply(delivery, role, event, is_decided);
}

/* ---- admission --------------------------------------------------------------------- */

struct verdict __real_admission_judge_submission(
    const struct admission_submission *submission, int64_t now_ms);
struct verdict __wrap_admission_judge_submission(
    const struct admission_submission *submission, int64_t now_ms);

struct verdict
__wrap_admission_judge_submission(const struct admission_submission *submission,
    int64_t now_ms)
{
	struct admission_submission facts = *submission;

	if (bug == BUG_ANY_SENDER)
		facts.sender_status = ORG_ACTIVE;
	return __real_admission_judge_submission(&facts, now_ms);
}

/* ---- group commit -------------------------------------------------------------------- */

void __real_group_add(struct group *group, struct group_op *op);
void __wrap_group_add(struct group *group, struct group_op *op);

struct early {
	struct group_op op; /* first */
	struct group_op *real;
	bool is_done;
};

static int
apply_early(struct group_op *op, struct error *err)
{
	struct early *early = (struct early *)(void *)op;

	if (early->real->apply(early->real, err) < 0)
		return -1;
	early->is_done = true;
	early->real->finish(early->real, NULL);
	return 0;
}

static void
finish_early(struct group_op *op, const struct error *failure)
{
	struct early *early = (struct early *)(void *)op;

	if (!early->is_done)
		early->real->finish(early->real, failure);
	free(early);
}

/* At gateways; a center's promise needs the log's signature first. */
void
__wrap_group_add(struct group *group, struct group_op *op)
{
	const struct sim_host *host = sim_host_of(sim.role);
	struct early *early;

	if (bug != BUG_FINISH_EARLY || host == NULL ||
	    host->index < SIM_GATEWAY) {
		__real_group_add(group, op);
		return;
	}
	early = calloc(1, sizeof(*early));
	if (early == NULL)
		abort();
	early->op.apply = apply_early;
	early->op.finish = finish_early;
	early->real = op;
	__real_group_add(group, &early->op);
}

/* ---- at a start ------------------------------------------------------------------------ */

void
bug_at_start(const struct sim_host *host)
{
	char path[SIM_PATH_SIZE];
	const char *vfs = NULL;
	sqlite3 *db = NULL;
	struct error err = { 0 };

	if (bug != BUG_LEAF_LOST || host->index < SIM_CENTER ||
	    host->index >= SIM_GATEWAY || host->starts == 0)
		return;
	snprintf(path, sizeof(path), "%s/%s/rows.db", sim.folder, host->name);
	if (rows_vfs_register(&vfs, &err) == 0 &&
	    sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE, vfs) == SQLITE_OK)
		sqlite3_exec(db,
		    "DELETE FROM leaf WHERE position ="
		    " (SELECT max(position) FROM leaf)",
		    NULL, NULL, NULL);
	sqlite3_close(db);
}
