/*
 * Deliveries whose recipient is served by another center now (docs/protocol.md
 * 5, Moving; docs/decisions/0014): the center that decides one states `moved`,
 * which names the next center, and decides nothing of it from then on; it hands
 * it over until that one has it.  The directory alone says where to.
 */
#ifndef CENTER_CENTER_MOVE_H
#define CENTER_CENTER_MOVE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "model/org.h"

struct accepting;
struct center;
struct center_delivery;
struct center_mover;
struct center_news;
struct center_waybill;
struct center_request;
struct directory;
struct error;
struct message_receipt;

/* A delivery that moved so often stays where it is, and expires there. */
enum { CENTER_MOVES_MAX = 8 };

/*
 * The center at which deliveries to `code` are: that of its own entry, or, when
 * it is dissolved or not listed, of who receives for it.  False when there is
 * none, or none that the network bulletin has.
 */
bool center_move_where(const struct directory *directory,
    const struct org_code *code, const char **ret_center);

/* True for what this center decides and is to hand over. */
bool center_move_is_due(const struct center *center,
    const struct center_delivery *delivery, const char **ret_to);

/*
 * Hand it over to `to`, which may be ourselves: statement, delivery, and what is
 * to be sent, in the store's open group.  Nothing happens to what has ended,
 * is decided elsewhere, or has moved too often.
 */
int center_move_begin(struct center *center,
    const struct center_waybill *waybill, struct center_delivery *delivery,
    const char *to, struct center_news *ret_news, struct error *err) MUST_CHECK;

/*
 * The origin decides it again: what its sender's module signed meanwhile, and
 * was to be passed on, is decided here.  In the open group.
 */
int center_move_come_home(struct center *center,
    const struct center_waybill *waybill, struct center_delivery *delivery,
    struct error *err) MUST_CHECK;

/*
 * The next center's `taken` of what was handed over: kept, and, for who is
 * neither side of the delivery, the end of it.  As center_remote_fn.
 */
typedef void (*center_moved_fn)(void *ctx, const struct error *failure);
void center_move_done(struct center *center,
    const struct message_receipt *receipt, int64_t delivery, int64_t send,
    center_moved_fn done, void *ctx);

/* ---- the sweep: a new directory or network ---------------------------- */

int center_mover_new(struct center *center, struct center_mover **ret_mover,
    struct error *err) MUST_CHECK;
void center_mover_free(struct center_mover *mover);
void center_mover_start(struct center_mover *mover);

/* Look whether it moves any. */
void center_mover_on_directory(struct center_mover *mover);

/* ---- center_move_take.c: the next center ------------------------------ */

/* Verify the receipts that lead here, one after the other; then the group. */
void center_take_begin(struct accepting *accepting);

/*
 * May it be taken: E4402 its sender's or the former center's directory is newer
 * than ours, E4403 the receipts do not lead from the leaf's center, or the
 * origin, to us.
 */
int center_take_judge(const struct accepting *accepting,
    struct error *err) MUST_CHECK;

/*
 * In the open group.  `known` is the waybill if it is here, else NULL.  Sets
 * is_repeat and entry; *ret_is_done is false when content is to come first.
 */
int center_take_apply(struct accepting *accepting,
    const struct center_waybill *known, bool *ret_is_done,
    struct error *err) MUST_CHECK;

#endif
