/*
 * What center_epoch.c and center_epoch_open.c share.
 */
#ifndef CENTER_CENTER_EPOCH_INTERNAL_H
#define CENTER_CENTER_EPOCH_INTERNAL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "center/epoch/center_epoch.h"
#include "center/epoch/center_epoch_rows.h"
#include "role/spool/group.h"
#include "store/store.h"

struct center_recall;
struct directory_center;
struct loop_timer;

enum { CENTER_EPOCH_LOOK_MS = 1000 };

struct center_epoch {
	struct group_op op; /* first: the group hands it back */
	struct center *center;
	void (*on_phase)(struct center *center);
	struct loop_timer *timer;
	enum center_phase phase;
	bool has_row;
	struct center_epoch_row row; /* the newest */
	bool is_restored;
	struct store_restored restored;
	struct center_recall *recall;
	bool is_lost;       /* a longer log was signed than is here ... */
	uint64_t lost_size; /* ... of so many records */
	bool is_new;        /* nothing is here, and nobody knows of more */
	bool is_busy;       /* a change is under way */
	struct center_epoch_row next; /* that it makes */
	char told[ERROR_ID_SIZE];     /* said once */
};

/* Open the epoch that the bulletin names, which has as many records as are here. */
void center_epoch_open(struct center_epoch *epoch,
    const struct directory_center *own);

#endif
