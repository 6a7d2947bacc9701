/*
 * Another key part for a delivery (docs/protocol.md 4, Rewrap).  When the
 * directory says that the seal key of an unopened delivery is none of who
 * receives it, the center that decides the delivery marks it `rewrap`; what the
 * sender's module makes of that comes in, is judged, and takes the place of the
 * key part.  The key part itself says nothing to a center.
 */
#ifndef CENTER_CENTER_REWRAP_H
#define CENTER_CENTER_REWRAP_H

#include <stdbool.h>

#include "base/attr.h"
#include "model/digest.h"

struct center;
struct center_delivery;
struct center_giver_up;
struct center_rewrapper;
struct directory;
struct error;
struct ipc_message;
struct org_code;
struct peer;

int center_rewrapper_new(struct center *center,
    struct center_rewrapper **ret_rewrapper, struct error *err) MUST_CHECK;
void center_rewrapper_free(struct center_rewrapper *rewrapper);

/* Receipts can be stated: look through all unopened deliveries. */
void center_rewrapper_start(struct center_rewrapper *rewrapper);

/* The directory is another one: look through them again. */
void center_rewrapper_on_directory(struct center_rewrapper *rewrapper);

/* Message rewrap_submit of the listener: center_rewrap_take.c. */
void center_rewrap_on_submit(void *ctx, struct peer *peer,
    struct ipc_message *message);

/* center_rewrap_give_up.c: ends what has waited too long. */
int center_giver_up_new(struct center *center,
    struct center_giver_up **ret_giver, struct error *err) MUST_CHECK;
void center_giver_up_free(struct center_giver_up *giver);
void center_giver_up_start(struct center_giver_up *giver);

/*
 * True if the directory no longer has this seal certificate with who receives
 * for `recipient`, or has it revoked.  Without anybody who receives: if none of
 * the recipient's own keys is that.  Another organisation needs a key part of
 * its own in any case: `receiver` is the one it was made for, "" for none.
 */
bool center_rewrap_is_wanted(const struct directory *directory,
    const struct org_code *recipient, const struct digest *seal,
    const struct org_code *receiver);

struct center_delivery;

/*
 * The delivery went to another center: the newest addendum, if there is one, is
 * passed on once more.  In the open group.
 */
int center_rewrap_pass_again(struct center *center,
    const struct center_delivery *delivery, struct error *err) MUST_CHECK;

#endif
