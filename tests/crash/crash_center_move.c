/*
 * What must hold of deliveries that move, whatever a crash left (decision 0014):
 * the line of the log, the links, who decides, and what is still to be done.
 */
#include <string.h>

#include "base/text.h"
#include "center/center_rows.h"
#include "crash/crash_center_internal.h"

static int64_t
count_stated(const struct check *check, enum event event,
    const struct digest *leaf, bool is_own)
{
	int64_t count = 0;

	for (size_t i = 0; i < check->stated_count; i++)
		count += check->stated[i].event == event &&
		    check->stated[i].is_own == is_own &&
		    digest_equal(&check->stated[i].leaf, leaf);
	return count;
}

struct way {
	int64_t links;  /* that lead from the leaf's center on */
	int64_t own;    /* of them and beside them, by us */
	int64_t last;   /* 1: the last one leads to where it is */
	int64_t ours;   /* 1: we stated that one */
	int64_t taken;  /* how often we took it */
	int64_t feed;   /* items of whoever fetches it */
	int64_t moving; /* moves that wait to be handed over */
};

static int
read_way(struct check *check, int64_t delivery, struct way *ret_way)
{
	struct way way = {
		.links = check_number(check,
		    "SELECT count(*) FROM moved WHERE delivery = ?1 AND"
		    " hop > 0",
		    delivery),
		.own = check_number(check,
		    "SELECT count(*) FROM moved WHERE delivery = ?1 AND"
		    " center = '" WORLD_HERE "'",
		    delivery),
		.last = check_number(check,
		    "SELECT count(*) FROM moved AS m JOIN delivery AS d ON"
		    " d.id = m.delivery WHERE d.id = ?1 AND m.hop = d.hops AND"
		    " m.at = d.center",
		    delivery),
		.ours = check_number(check,
		    "SELECT count(*) FROM moved AS m JOIN delivery AS d ON"
		    " d.id = m.delivery WHERE d.id = ?1 AND m.hop = d.hops AND"
		    " m.center = '" WORLD_HERE "'",
		    delivery),
		.taken = check_number(check,
		    "SELECT count(*) FROM moved WHERE delivery = ?1 AND"
		    " taken IS NOT NULL",
		    delivery),
		.feed = check_number(check,
		    "SELECT count(*) FROM feed WHERE delivery = ?1", delivery),
		.moving = check_number(check,
		    "SELECT count(*) FROM send WHERE kind = 5 AND waybill ="
		    " ?1",
		    delivery),
	};

	*ret_way = way;
	return check->complaint[0] == '\0' ? 0 : -1;
}

/* Here it waits for its recipient; there it is, or is on its way. */
static int
check_place(struct check *check, uint32_t number,
    const struct center_delivery *delivery, const struct way *way)
{
	bool is_here = text_equal(delivery->center, WORLD_HERE);
	bool was_taken =
	    count_stated(check, EVENT_TAKEN, &delivery->leaf, false) > 0 ||
	    delivery->life.state == DELIVERY_PASSED_ON;

	if (is_here ? way->feed != 1 || way->moving != 0 : way->feed != 0)
		return check_complain(check,
		    "letter %u, %s at %s: %lld feed items, %lld moves", number,
		    delivery->recipient.text, delivery->center,
		    (long long)way->feed, (long long)way->moving);
	if (!is_here && way->ours == 1 && (way->moving == 1) == was_taken)
		return check_complain(check,
		    "letter %u, %s: %lld moves to come of what was%s taken",
		    number, delivery->recipient.text, (long long)way->moving,
		    was_taken ? "" : " not");
	return 0;
}

static int
check_way(struct check *check, uint32_t number,
    const struct center_delivery *delivery)
{
	int64_t moved = count_stated(check, EVENT_MOVED, &delivery->leaf, true);
	int64_t taken = count_stated(check, EVENT_TAKEN, &delivery->leaf, true);
	struct way way;

	if (read_way(check, delivery->row, &way) < 0)
		return -1;
	if (way.links != delivery->hops || way.own != moved || moved > 1 ||
	    way.taken != taken || taken > 1 ||
	    (delivery->hops > 0 && way.last != 1))
		return check_complain(check,
		    "letter %u, %s at %s: %lld hops, %lld links, %lld of %lld "
		    "moves and %lld of %lld takings stated",
		    number, delivery->recipient.text, delivery->center,
		    (long long)delivery->hops, (long long)way.links,
		    (long long)moved, (long long)way.own, (long long)taken,
		    (long long)way.taken);
	return check_place(check, number, delivery, &way);
}

static int
find_delivery(struct check *check, int64_t waybill, uint32_t number,
    const char *recipient, struct center_delivery *ret_delivery)
{
	struct org_code code;

	if (!org_code_parse(recipient, &code) ||
	    center_delivery_find(check->rows, waybill, &code, ret_delivery,
		&check->err) <= 0)
		return check_complain(check,
		    "letter %u lost its delivery to %s", number, recipient);
	return 0;
}

int
check_move_ways(struct check *check, const struct center_waybill *waybill,
    const struct world_letter *letter)
{
	struct center_delivery delivery;

	for (size_t i = 0; i < letter->leaf_count; i++)
		if (find_delivery(check, waybill->row, letter->number,
			letter->leaves[i].recipient, &delivery) < 0 ||
		    check_way(check, letter->number, &delivery) < 0)
			return -1;
	return 0;
}

int
check_moved(struct check *check, const struct crash_said *said)
{
	bool came = said->kind == CENTER_TAKEN;
	struct world_letter letter = world_letter(said->number);
	struct center_evidence evidence;
	struct center_waybill waybill;
	struct center_delivery delivery;

	if (said->kind == CENTER_DECIDED)
		return check_complain(check,
		    "letter %u was decided here when it had moved",
		    said->number);
	memcpy(&evidence, said->data, sizeof(evidence));
	if (center_waybill_find_named(check->rows, &letter.waybill_id,
		&letter.waybill, &waybill, &check->err) <= 0)
		return check_complain(check, "letter %u is lost", said->number);
	if (find_delivery(check, waybill.row, said->number,
		came ? WORLD_COMES : WORLD_LEAVES, &delivery) < 0)
		return -1;
	if (!text_equal(delivery.center, came ? WORLD_HERE : WORLD_THERE))
		return check_complain(check, "letter %u is at %s by now",
		    said->number, delivery.center);
	if (check_number(check,
		came ? "SELECT count(*) FROM moved WHERE taken = ?1"
		     : "SELECT count(*) FROM moved WHERE entry = ?1 AND"
		       " center = '" WORLD_HERE "'",
		(int64_t)evidence.index) != 1)
		return check_complain(check, "letter %u lost its %s",
		    said->number, came ? "taking" : "move");
	return check_receipt(check, said);
}
