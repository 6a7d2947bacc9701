#include "gateway/gateway_status.h"

#include "base/text.h"
#include "bulletin/measures.h"
#include "directory/directory.h"
#include "gateway/gateway.h"
#include "role/status/card_reports.h"
#include "role/status/status_watch.h"

bool
gateway_status_is_ours(void *ctx, const struct directory_org *org)
{
	const struct gateway *gateway = ctx;

	return org->status != ORG_DISSOLVED &&
	    text_equal(org->host, gateway->name);
}

static bool
is_blocked(const struct gateway *gateway, const struct digest *fingerprint,
    int64_t at_ms)
{
	char text[DIGEST_TEXT_SIZE];

	digest_format(fingerprint, text);
	return measures_stop(bulletins_measures(gateway->spool.bulletins),
	    MEASURE_CARD, text, MEASURE_BOTH, at_ms);
}

int
gateway_status_judge(struct gateway *gateway, const struct digest *fingerprint,
    int64_t at_ms, struct verdict *ret_verdict, struct error *err)
{
	struct digest ignored;

	bool is_lost;

	if (card_reports_block(gateway->spool.cards, fingerprint, at_ms,
		&is_lost, err) < 0)
		return -1;
	if (is_lost || is_blocked(gateway, fingerprint, at_ms)) {
		*ret_verdict = verdict_of(VERDICT_REFUSE, "E3710",
		    ERROR_UNTRUSTED, "the card is blocked");
		return 0;
	}
	return status_watch_judge(gateway->status, fingerprint, at_ms, false,
	    ret_verdict, &ignored, err);
}

/* When the certificate ends, by the directory; 0 if it does not have it. */
static int64_t
end_of(const struct gateway *gateway, const struct digest *fingerprint)
{
	const struct directory *directory = spool_directory(&gateway->spool);
	struct directory_owner owner;
	struct directory_org org;

	if (directory == NULL ||
	    !directory_find_owner(directory, fingerprint, &owner) ||
	    owner.kind != DIRECTORY_OWNER_ORG)
		return 0;
	org = directory_org_at(directory, owner.index);
	for (uint32_t i = 0; i < org.key_count; i++) {
		struct directory_key key = directory_key_at(directory, &org, i);

		if (digest_equal(&key.fingerprint, fingerprint))
			return key.not_after_ms;
	}
	return 0;
}

int
gateway_status_judge_own(struct gateway *gateway, const char *key,
    struct verdict *ret_verdict, struct error *err)
{
	const struct spool_key *held = spool_key_find(&gateway->spool, key);
	int64_t now = spool_now(&gateway->spool);
	int64_t end;

	*ret_verdict = verdict_allow();
	if (held == NULL)
		return 0; /* who asks finds out */
	end = end_of(gateway, &held->certificate);
	if (end != 0 && end < now) {
		*ret_verdict = verdict_of(VERDICT_REFUSE, "E3709",
		    ERROR_UNTRUSTED, "the certificate has ended");
		return 0;
	}
	return gateway_status_judge(gateway, &held->certificate, now,
	    ret_verdict, err);
}
