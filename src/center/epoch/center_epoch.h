/*
 * The break after a restore (docs/protocol.md 5, docs/backup.md).  A center whose
 * data were put back from a backup, or are gone, or are older than what
 * witnesses cosigned (center_recall.h), states nothing until a network bulletin
 * names the next epoch of its log and how many records are here.  Then it
 * opens that epoch with a record of its own, and takes back from gateways and
 * other centers what the backup lacks; only when all of them have said that
 * there is no more, or after a time, it serves as ever: hands out deliveries,
 * takes new withdrawals, lets deliveries expire.
 */
#ifndef CENTER_CENTER_EPOCH_H
#define CENTER_CENTER_EPOCH_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"

struct center;
struct center_epoch;
struct error;

enum center_phase {
	CENTER_WAITS,      /* nothing may be stated */
	CENTER_CATCHES_UP, /* what was stated before is taken again */
	CENTER_SERVES
};

/* `on_phase` is called when it changed. */
int center_epoch_new(struct center *center, void (*on_phase)(struct center *),
    struct center_epoch **ret_epoch, struct error *err) MUST_CHECK;
void center_epoch_free(struct center_epoch *epoch);

/* The network bulletin may name another origin; or keys are there now. */
void center_epoch_look(struct center_epoch *epoch);

enum center_phase center_epoch_phase(const struct center_epoch *epoch);

/* When the newest epoch was opened; 0 in the first. */
int64_t center_epoch_opened_at(const struct center_epoch *epoch);

/* False for a number that is told (not 0) and another one. */
bool center_epoch_is_newest(const struct center_epoch *epoch, uint64_t number);

/*
 * ERROR_BUSY in CENTER_WAITS; whoever asked comes again.  E4502: nothing is here,
 * and it is not known whether something was; E4503: a longer log was signed than
 * is here; else E5044.
 */
int center_epoch_check(const struct center_epoch *epoch,
    struct error *err) MUST_CHECK;

/* The same, or E5046, unless it serves as ever. */
int center_epoch_check_serves(const struct center_epoch *epoch,
    struct error *err) MUST_CHECK;

/* A witness says that it has seen more of our log than is here. */
void center_epoch_on_behind(struct center_epoch *epoch);

/*
 * A host says that it has nothing more of before epoch `number`: inside the
 * store's open group, and then, when that is durable, look whether it was the
 * last one.  ERROR_BUSY (E5047) for an epoch that is not opened yet.
 */
int center_epoch_report(struct center_epoch *epoch, const char *host,
    uint64_t number, struct error *err) MUST_CHECK;
void center_epoch_reported(struct center_epoch *epoch);

#endif
