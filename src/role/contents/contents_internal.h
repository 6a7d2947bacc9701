/*
 * What the files contents*.c share.
 */
#ifndef ROLE_CONTENTS_INTERNAL_H
#define ROLE_CONTENTS_INTERNAL_H

#include "directory/directory_changes.h"
#include "role/contents/contents.h"

struct contents {
	struct rows *rows;
	struct directory_tree *tree; /* of the newest rows */
	struct contents_state state; /* in force */
	/* The rows go beyond what is in force: parts of another one came. */
	bool is_partial;

	bool is_pending; /* judged, and neither done nor abandoned */
	struct directory_body pending;
	uint64_t pending_serial;
	bool is_for_later;                /* they are parts */
	struct contents_state next_state; /* once it is durable */

	struct directory_changes since_image;
	bool wants_all;               /* the next image is made from all rows */
	struct contents_reading *all; /* while it is */
};

#endif
