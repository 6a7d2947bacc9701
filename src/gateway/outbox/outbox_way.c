#include "gateway/outbox/outbox_way.h"

#include "base/text.h"
#include "bulletin/measures.h"
#include "policy/sending.h"
#include "role/spool/spool.h"

/* Whoever took over for one that is dissolved. */
static bool
find_heir(const struct directory *directory, const struct directory_org *org,
    struct directory_org *ret_heir)
{
	struct org_code code;

	return org->status == ORG_DISSOLVED &&
	    directory_find_heir(directory, &org->code, &code) &&
	    directory_find_org(directory, &code, ret_heir);
}

/* What is in force against `name`, for who receives; NULL for nothing. */
static const struct measure *
find_measure(const struct spool *spool, enum measure_subject subject,
    const char *name, enum measure_state state)
{
	struct measure_standing standing =
	    measures_judge(bulletins_measures(spool->bulletins), subject, name,
		MEASURE_RECEIVING, spool_now(spool));

	return standing.state == state ? standing.measure : NULL;
}

/* Against it or, for a unit, its organisation. */
static bool
is_stopped(const struct spool *spool, const struct org_code *code,
    enum measure_state state)
{
	struct org_code parent = org_code_parent(code);

	return find_measure(spool, MEASURE_ORGANISATION, parent.text, state) !=
	    NULL ||
	    (org_code_is_unit(code) &&
		find_measure(spool, MEASURE_UNIT, code->text, state) != NULL);
}

/* `ret_center` is the measure against its center, NULL for none. */
static struct verdict
judge_way(const struct spool *spool, const struct directory_org *org,
    const struct measure **ret_center)
{
	const struct measure *center =
	    find_measure(spool, MEASURE_CENTER, org->center, MEASURE_SUSPENDED);
	struct sending_way way = {
		.is_suspended =
		    is_stopped(spool, &org->code, MEASURE_SUSPENDED),
		.is_held = is_stopped(spool, &org->code, MEASURE_HELD),
		.center_is_suspended = center != NULL,
	};

	if (center != NULL) {
		way.has_fallback = center->fallback[0] != '\0';
		way.paper_from_ms = center->paper_from_ms;
	}
	*ret_center = center;
	return sending_judge_way(&way, spool_now(spool));
}

void
outbox_way_judge(const struct spool *spool, const struct org_code *code,
    uint64_t letter_bytes, struct outbox_way *ret_way)
{
	const struct directory *directory = spool_directory(spool);
	struct sending_recipient facts = { .letter_bytes = letter_bytes };
	struct outbox_way way = { .center = NULL };
	struct directory_org receiver;
	struct directory_key seal;
	struct verdict standing;

	facts.is_known = directory_find_org(directory, code, &way.org);
	if (facts.is_known) {
		facts.status = way.org.status;
		facts.accepts_bytes = way.org.accepts_letter_bytes;
		facts.has_seal_key = way.org.center[0] != '\0' &&
		    directory_find_receiver(directory, code, &receiver,
			&seal) &&
		    !directory_is_heir(&receiver, code);
	}
	way.is_known = facts.is_known;
	way.verdict = sending_judge_recipient(&facts);
	if (facts.is_known) {
		way.has_heir = find_heir(directory, &way.org, &way.heir);
		way.verdict = sending_judge_moved(&way.verdict,
		    way.has_heir && text_equal(way.heir.name, way.org.name));
		standing = judge_way(spool, &way.org, &way.center);
		way.verdict = verdict_worse(way.verdict, standing);
	}
	*ret_way = way;
}

enum outbox_way_kind
outbox_way_kind(const struct outbox_way *way)
{
	const struct verdict *verdict = &way->verdict;

	if (verdict->kind == VERDICT_ALLOW || verdict->kind == VERDICT_WARN)
		return OUTBOX_WAY_ELECTRONIC;
	if (!way->is_known)
		return OUTBOX_WAY_UNKNOWN;
	if (text_equal(verdict->id, "E4013"))
		return OUTBOX_WAY_SUSPENDED;
	if (text_equal(verdict->id, "E4014") ||
	    text_equal(verdict->id, "E3917"))
		return OUTBOX_WAY_DISSOLVED;
	return OUTBOX_WAY_PAPER;
}

const char *
outbox_way_name(enum outbox_way_kind kind)
{
	static const char *const names[OUTBOX_WAY_KIND_COUNT] = { "electronic",
		"paper", "suspended", "dissolved", "unknown" };

	return names[kind];
}
