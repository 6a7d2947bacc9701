/*
 * What a center has just stated stays in memory for the receipts that go out
 * when the group is durable: they are asked for once or twice, and then never.
 * A rollback forgets all of it, so nothing here is newer than the rows.
 */
#include "store/leaves_internal.h"

static struct recent_leaf *
place_of(struct leaves *leaves, uint64_t index)
{
	return &leaves->recent[index % RECENT_LEAVES];
}

void
leaves_recent_forget(struct leaves *leaves)
{
	for (size_t i = 0; i < RECENT_LEAVES; i++)
		bytes_clear(&leaves->recent[i].statement);
	leaves->checkpoint.is_known = false;
}

void
leaves_recent_free(struct leaves *leaves)
{
	for (size_t i = 0; i < RECENT_LEAVES; i++)
		bytes_free(&leaves->recent[i].statement);
	bytes_free(&leaves->checkpoint.note);
}

/* Without memory, or when it is too long, it is read from the rows. */
void
leaves_recent_add(struct leaves *leaves, uint64_t index,
    const struct digest *salt, const void *statement, size_t len)
{
	struct recent_leaf *recent = place_of(leaves, index);

	bytes_clear(&recent->statement);
	if (len > RECENT_MAX)
		return;
	recent->index = index;
	recent->salt = *salt;
	bytes_put(&recent->statement, statement, len);
	if (recent->statement.failed)
		bytes_free(&recent->statement);
}

const struct recent_leaf *
leaves_recent_find(const struct leaves *leaves, uint64_t index)
{
	const struct recent_leaf *recent =
	    &leaves->recent[index % RECENT_LEAVES];

	return recent->statement.len > 0 && recent->index == index ? recent
								   : NULL;
}

void
leaves_recent_add_checkpoint(struct leaves *leaves, uint64_t size,
    const void *note, size_t len)
{
	struct recent_checkpoint *newest = &leaves->checkpoint;

	if (newest->is_known && size > newest->size) {
		newest->has_previous = true;
		newest->previous = newest->size;
	} else if (!newest->is_known || size < newest->size) {
		newest->has_previous = false;
	}
	newest->size = size;
	bytes_clear(&newest->note);
	bytes_put(&newest->note, note, len);
	newest->is_known = !newest->note.failed;
	if (newest->note.failed)
		bytes_free(&newest->note);
}

const struct recent_checkpoint *
leaves_recent_checkpoint(const struct leaves *leaves, uint64_t min_size)
{
	const struct recent_checkpoint *newest = &leaves->checkpoint;

	if (!newest->is_known)
		return NULL;
	if (min_size == UINT64_MAX)
		return newest;
	return newest->has_previous && min_size > newest->previous &&
		min_size <= newest->size
	    ? newest
	    : NULL;
}
