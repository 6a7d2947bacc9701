#include "center/center_status.h"

#include "base/error.h"
#include "base/text.h"
#include "bulletin/measures.h"
#include "center/center.h"
#include "directory/directory.h"
#include "role/status/card_reports.h"
#include "role/status/status_watch.h"

bool
center_status_is_ours(void *ctx, const struct directory_org *org)
{
	const struct center *center = ctx;

	return org->status != ORG_DISSOLVED &&
	    text_equal(org->center, center->name);
}

/* Modules are judged where the directory is asked for them. */
static int
check_card(const struct center *center, const struct digest *fingerprint,
    enum key_use use, int64_t at_ms, struct error *err)
{
	const struct measures *measures =
	    bulletins_measures(center->spool.bulletins);
	char text[DIGEST_TEXT_SIZE];

	bool is_blocked;

	if (use != KEY_SIGN)
		return 0;
	digest_format(fingerprint, text);
	if (card_reports_block(center->spool.cards, fingerprint, at_ms,
		&is_blocked, err) < 0)
		return -1;
	if (!is_blocked &&
	    !measures_stop(measures, MEASURE_CARD, text, MEASURE_BOTH, at_ms))
		return 0;
	return error_set_id(err, "E3710", ERROR_UNTRUSTED,
	    "the card %.16s is blocked", text);
}

int
center_status_check(struct center *center, const struct digest *fingerprint,
    enum key_use use, int64_t at_ms, struct digest *ret_answer,
    struct error *err)
{
	char text[DIGEST_TEXT_SIZE];
	struct verdict verdict;

	digest_format(fingerprint, text);
	*ret_answer = (struct digest){ { 0 } };
	if (check_card(center, fingerprint, use, at_ms, err) < 0 ||
	    status_watch_judge(center->status, fingerprint, at_ms, true,
		&verdict, ret_answer, err) < 0)
		return -1;
	return verdict_check(&verdict, text, err);
}

int
center_status_check_sender(struct center *center,
    const struct directory *directory, const struct org_code *sender,
    struct error *err)
{
	int64_t now = spool_now(&center->spool);
	struct error why = { 0 };
	struct directory_org org;

	if (!directory_find_org(directory, sender, &org))
		return 0;
	for (uint32_t i = 0; i < org.key_count; i++) {
		struct directory_key key = directory_key_at(directory, &org, i);
		struct digest ignored;
		struct verdict verdict;
		char text[DIGEST_TEXT_SIZE];

		if (key.use != KEY_SIGN || !key_state_is_usable(key.state))
			continue;
		digest_format(&key.fingerprint, text);
		if (status_watch_judge(center->status, &key.fingerprint, now,
			false, &verdict, &ignored, err) < 0)
			return -1;
		why = (struct error){ 0 };
		if (check_card(center, &key.fingerprint, key.use, now, &why) ==
			0 &&
		    verdict_check(&verdict, text, &why) == 0)
			return 0;
	}
	if (why.code == ERROR_NONE)
		return 0; /* it has none: who receives it will see */
	*err = why;
	return -1;
}
