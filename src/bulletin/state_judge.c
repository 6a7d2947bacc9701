#include "base/error.h"
#include "base/text.h"
#include "bulletin/measures.h"
#include "bulletin/state_internal.h"
#include "bulletin/texts.h"

enum { AHEAD_MAX_MS = 60 * 1000 }; /* of an issuer's clock before ours */

static int
untrusted(const struct bulletin *bulletin, const char *id, const char *why,
    struct error *err)
{
	return error_set_id(err, id, ERROR_UNTRUSTED, "bulletin %s %s %llu: %s",
	    bulletin_type_name(bulletin->type), bulletin->name,
	    (unsigned long long)bulletin->serial, why);
}

/* As bulletin_check_role(), and says which bulletin it is. */
static int
check_threshold(const struct arrival *arrival, const struct bulletin_role *role,
    struct error *err)
{
	const struct bulletin *bulletin = &arrival->bulletin;

	if (bulletin_check_role(&arrival->signers, role, err) == 0)
		return 0;
	return error_prefix(err, "%s %s %llu",
	    bulletin_type_name(bulletin->type), bulletin->name,
	    (unsigned long long)bulletin->serial);
}

/* Is it signed by those whose business it is? */
static int
check_role(const struct bulletin_state *state, const struct arrival *arrival,
    struct error *err)
{
	const struct bulletin *bulletin = &arrival->bulletin;
	const struct bulletin_role *role;

	if (state->root.role_count == 0)
		return untrusted(bulletin, "E7011", "there is no root", err);
	role = root_role_of(&state->root, bulletin->type, bulletin->name);
	if (role == NULL)
		return untrusted(bulletin, "E7003", "nobody may sign it", err);
	return check_threshold(arrival, role, err);
}

/* The first root is known by its digest; it must also sign for itself. */
static int
check_first_root(const struct bulletin_state *state,
    const struct arrival *arrival, struct error *err)
{
	if (!digest_equal(&arrival->bulletin.digest, &state->pin))
		return untrusted(&arrival->bulletin, "E7004",
		    "not the root that is configured", err);
	return check_threshold(arrival,
	    root_role_of(&arrival->root, BULLETIN_ROOT, ""), err);
}

/* A new root by the threshold of the old one and of itself. */
static int
check_signers(const struct bulletin_state *state, struct arrival *arrival,
    struct error *err)
{
	if (arrival->bulletin.type != BULLETIN_ROOT)
		return check_role(state, arrival, err);
	if (root_decode(&arrival->bulletin, &arrival->root, err) < 0)
		return -1;
	if (state->root.role_count == 0)
		return check_first_root(state, arrival, err);
	if (check_role(state, arrival, err) < 0)
		return -1;
	return check_threshold(arrival,
	    root_role_of(&arrival->root, BULLETIN_ROOT, ""), err);
}

/* Against what is held of the same type and name. */
static int
check_sequence(const struct bulletin *bulletin,
    const struct bulletin_held *held, struct error *err)
{
	bool has_previous =
	    !digest_equal(&bulletin->previous, &(struct digest){ { 0 } });

	if (has_previous != (bulletin->serial > 1))
		return untrusted(bulletin, "E7005",
		    "serial and predecessor do not fit", err);
	if (held == NULL || held->is_disowned)
		return 0;
	if (bulletin->serial < held->serial)
		return untrusted(bulletin, "E7006",
		    "older than what is held (rollback)", err);
	if (bulletin->serial == held->serial)
		return untrusted(bulletin, "E7007",
		    "another one has this serial (equivocation)", err);
	if (bulletin->serial == held->serial + 1 &&
	    !digest_equal(&bulletin->previous, &held->digest))
		return untrusted(bulletin, "E7005",
		    "it follows another one than what is held", err);
	if (bulletin->type == BULLETIN_ROOT &&
	    bulletin->serial != held->serial + 1)
		return untrusted(bulletin, "E7005", "a root between is missing",
		    err);
	return 0;
}

/* A bulletin against what the timestamp in force says of its serial. */
static int
check_named(const struct bulletin_state *state, const struct bulletin *bulletin,
    struct error *err)
{
	const struct timestamp_item *item =
	    timestamp_find(&state->timestamp, bulletin->type, bulletin->name);

	if (item != NULL && item->serial == bulletin->serial &&
	    !digest_equal(&item->sha256, &bulletin->digest))
		return untrusted(bulletin, "E7009",
		    "not the one that the timestamp names", err);
	return 0;
}

/* A timestamp against what is held, and against the timestamp before it. */
static int
check_timestamp(const struct bulletin_state *state,
    const struct arrival *arrival, struct error *err)
{
	const struct bulletin_held *before =
	    bulletin_state_held(state, BULLETIN_TIMESTAMP, "");
	bool goes_on = before != NULL && !before->is_disowned;

	for (size_t i = 0; i < arrival->timestamp.item_count; i++) {
		const struct timestamp_item *item =
		    &arrival->timestamp.items[i];
		const struct timestamp_item *last =
		    timestamp_find(&state->timestamp, item->type, item->name);
		const struct bulletin_held *held =
		    bulletin_state_held(state, item->type, item->name);

		if (goes_on && last != NULL && item->serial < last->serial)
			return untrusted(&arrival->bulletin, "E7006",
			    "it names an older one than the last did", err);
		if (held != NULL && !held->is_disowned &&
		    item->serial == held->serial &&
		    !digest_equal(&item->sha256, &held->digest))
			return untrusted(&arrival->bulletin, "E7009",
			    "it names another one than is held", err);
	}
	return 0;
}

/* Measures: in good form, and nothing of what is held is lost. */
static int
check_measures(const struct bulletin_state *state,
    const struct bulletin *bulletin, const struct bulletin_held *held,
    struct error *err)
{
	const struct bulletin *before =
	    state_measures(state, bulletin->type, bulletin->name);
	struct measures measures = { 0 };
	int rc;

	if (before != NULL && held != NULL && !held->is_disowned)
		return measures_check_successor(before, bulletin, err);
	rc = measures_read(&measures, bulletin, err);
	measures_free(&measures);
	return rc;
}

/* Its body, as far as it is judged here: directory/ does the rest. */
static int
check_body(const struct bulletin_state *state, struct arrival *arrival,
    const struct bulletin_held *held, struct error *err)
{
	const struct bulletin *bulletin = &arrival->bulletin;

	switch (bulletin->type) {
	case BULLETIN_TIMESTAMP:
		if (timestamp_decode(bulletin, &arrival->timestamp, err) < 0)
			return -1;
		return check_timestamp(state, arrival, err);
	case BULLETIN_RELEASE:
	case BULLETIN_BASELINE:
	case BULLETIN_NOTICE:
	case BULLETIN_RULES:
	case BULLETIN_FORMS:
		return texts_check(bulletin, err);
	case BULLETIN_HOLD:
	case BULLETIN_SUSPENSION:
	case BULLETIN_RESTORATION:
		return check_measures(state, bulletin, held, err);
	case BULLETIN_ROOT:
	case BULLETIN_DIRECTORY:
	case BULLETIN_NETWORK:
	case BULLETIN_ACCESS:
	case BULLETIN_TYPE_COUNT:
		break;
	}
	return 0;
}

int
state_judge(const struct bulletin_state *state, struct arrival *arrival,
    size_t len, int64_t now_ms, enum bulletin_news *ret_news, struct error *err)
{
	const struct bulletin *bulletin = &arrival->bulletin;
	const struct bulletin_held *held =
	    bulletin_state_held(state, bulletin->type, bulletin->name);

	if (len > bulletin_bytes_max(bulletin->type))
		return error_set_id(err, "E7001", ERROR_MALFORMED,
		    "bulletin of %zu bytes, too many for its type", len);
	if (!text_equal(bulletin->environment, state->environment))
		return untrusted(bulletin, "E7008",
		    "it is of another environment", err);
	if (held != NULL && digest_equal(&held->digest, &bulletin->digest)) {
		*ret_news = BULLETIN_KNOWN;
		return 0;
	}
	if (check_signers(state, arrival, err) < 0)
		return -1;
	if (bulletin->issued_ms > now_ms + AHEAD_MAX_MS)
		return untrusted(bulletin, "E7010", "issued in the future",
		    err);
	if (check_sequence(bulletin, held, err) < 0 ||
	    check_named(state, bulletin, err) < 0 ||
	    check_body(state, arrival, held, err) < 0)
		return -1;
	if (state->admit != NULL &&
	    state->admit(state->admit_ctx, bulletin, held, err) < 0)
		return -1;
	*ret_news = BULLETIN_ADOPTED;
	return 0;
}
