#include "role/verifier/verifier_admit.h"

#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "bulletin/measures.h"
#include "bulletin/root.h"
#include "bulletin/state.h"
#include "directory/directory.h"
#include "directory/directory_entry.h"
#include "directory/directory_network.h"
#include "json/json_read.h"
#include "role/verifier/verifier_internal.h"
#include "role/verifier/verify.h"

/* ---- another log ----------------------------------------------------- */

enum log_change { LOG_STAYS, LOG_CHANGES, LOG_IS_LEFT_OUT };

/* What the network bulletin says of the log that is in force. */
static int
compare_log(const struct bulletin *network, const struct directory_center *ours,
    enum log_change *ret_change, struct error *err)
{
	const struct json_value *array =
	    json_value_member(network->body, "management");
	size_t count = json_value_is_array(array) ? json_value_count(array) : 0;

	*ret_change = LOG_IS_LEFT_OUT;
	for (size_t i = 0; i < count; i++) {
		struct entry_center entry = { .tls = NULL };
		bool is_same;

		if (entry_management_decode(json_value_item(array, i), &entry,
			err) < 0)
			return -1;
		is_same = text_equal(entry.origin, ours->origin) &&
		    entry.log.len == ours->log_len &&
		    memcmp(entry.log.data, ours->log, ours->log_len) == 0;
		if (is_same)
			*ret_change = LOG_STAYS;
		else if (entry.origin[0] != '\0' &&
		    *ret_change == LOG_IS_LEFT_OUT)
			*ret_change = LOG_CHANGES;
		entry_center_free(&entry);
	}
	return 0;
}

/*
 * A log that its host lost goes on under another name (protocol 4).  Nothing
 * that is cosigned can announce that, so two officers alone do.
 */
static int
judge_network(const struct bulletin *network,
    const struct directory_center *ours, bool *ret_needs, struct error *err)
{
	enum log_change change;

	if (compare_log(network, ours, &change, err) < 0)
		return -1;
	if (change == LOG_IS_LEFT_OUT)
		return error_set_id(err, "E3613", ERROR_UNTRUSTED,
		    "network %llu leaves out the log of management",
		    (unsigned long long)network->serial);
	*ret_needs = change == LOG_STAYS;
	return 0;
}

/* ---- what needs witnesses -------------------------------------------- */

/*
 * Holds and suspensions only reduce power.  The first of a type is believed, as
 * a witness believes the first checkpoint, since without it no log is known;
 * until a timestamp that is cosigned names it, nothing here is fresh.
 */
static bool
is_exempt(const struct bulletin *bulletin, const struct bulletin_held *held)
{
	if (bulletin->type == BULLETIN_HOLD ||
	    bulletin->type == BULLETIN_SUSPENSION)
		return true;
	return held == NULL && bulletin->type != BULLETIN_TIMESTAMP;
}

static int
judge_needs(const struct verify_context *context, const struct root *root,
    const struct bulletin *bulletin, const struct bulletin_held *held,
    bool *ret_needs, struct error *err)
{
	struct directory_center ours;

	*ret_needs = false;
	if (root == NULL || root->quorum == 0 || is_exempt(bulletin, held))
		return 0;
	if (context->directory == NULL) {
		/* Whether there is a log is not known yet. */
		*ret_needs = bulletin->type == BULLETIN_TIMESTAMP;
		return 0;
	}
	if (verify_find_management_log(context, NULL, &ours) == NULL)
		return 0;
	*ret_needs = true;
	return bulletin->type == BULLETIN_NETWORK
	    ? judge_network(bulletin, &ours, ret_needs, err)
	    : 0;
}

/*
 * A new root may name other witnesses: those who cosigned are counted by the
 * old one or by itself, so that dead witnesses can be replaced.
 */
static int
check_shown(const struct verify_context *context, const struct root *root,
    const struct bulletin *bulletin, struct verifier_admission *admission,
    struct error *err)
{
	struct root next = { 0 };
	struct error ignored = { 0 };
	int rc = verify_published(context, root, &admission->receipt, bulletin,
	    &admission->witnessed_at, err);

	if (rc == 0 || bulletin->type != BULLETIN_ROOT ||
	    root_decode(bulletin, &next, &ignored) < 0)
		return rc;
	if (verify_published(context, &next, &admission->receipt, bulletin,
		&admission->witnessed_at, &ignored) == 0)
		rc = 0;
	root_free(&next);
	return rc;
}

/* ---- exchange authorities ---------------------------------------------- */

static bool
is_of_center(const struct directory *directory, const char *code,
    const char *center)
{
	struct org_code parsed;
	struct directory_org org;

	return org_code_parse(code, &parsed) &&
	    directory_find_org(directory, &parsed, &org) &&
	    text_equal(org.center, center);
}

/* A card, or a module, by what it is registered for. */
static bool
is_key_of_center(const struct directory *directory, const char *fingerprint,
    const char *center)
{
	struct directory_owner owner;
	struct digest digest;

	return digest_parse(fingerprint, &digest) &&
	    directory_find_owner(directory, &digest, &owner) &&
	    owner.kind == DIRECTORY_OWNER_ORG &&
	    text_equal(directory_org_at(directory, owner.index).center, center);
}

static bool
is_host_of_center(const struct directory *directory, const char *name,
    const char *center)
{
	size_t count = directory_host_count(directory);

	for (uint32_t i = 0; i < count; i++) {
		struct directory_host host = directory_host_at(directory, i);

		if (text_equal(host.name, name) &&
		    text_equal(host.center, center))
			return true;
	}
	return false;
}

static bool
is_own(const struct directory *directory, const struct measure *hold)
{
	switch (hold->subject) {
	case MEASURE_ORGANISATION:
	case MEASURE_UNIT:
		return is_of_center(directory, hold->name, hold->authority);
	case MEASURE_CARD:
	case MEASURE_MODULE:
		return is_key_of_center(directory, hold->name, hold->authority);
	case MEASURE_HOST:
		return is_host_of_center(directory, hold->name,
		    hold->authority);
	case MEASURE_CENTER:
	case MEASURE_SUBJECT_COUNT:
		break;
	}
	return false;
}

/* Of its own organisations alone; what is over may have moved since. */
static int
check_authority(const struct verify_context *context,
    const struct bulletin *bulletin, struct error *err)
{
	struct measures measures = { 0 };
	int rc;

	if (context->directory == NULL)
		return error_set_id(err, "E3410", ERROR_BUSY,
		    "no directory yet");
	rc = measures_read(&measures, bulletin, err);
	for (size_t i = 0; i < measures.hold_count && rc == 0; i++) {
		const struct measure *hold = &measures.holds[i];

		if (hold->until_ms > context->now &&
		    !is_own(context->directory, hold))
			rc = error_set_id(err, "E3616", ERROR_DENIED,
			    "%s: %s is not of %s", hold->id, hold->name,
			    hold->authority);
	}
	measures_free(&measures);
	return rc;
}

int
verifier_admit(void *ctx, const struct bulletin *bulletin,
    const struct bulletin_held *held, struct error *err)
{
	const struct verifier *verifier = ctx;
	struct verifier_admission *admission = verifier->admission;
	struct verify_context context = verifier_context(verifier);
	const struct root *root = bulletin_state_root(verifier->bulletins);
	struct error why = { 0 };

	if (admission->is_stored || root == NULL)
		return 0;
	if (bulletin->type == BULLETIN_HOLD && bulletin->name[0] != '\0' &&
	    check_authority(&context, bulletin, err) < 0)
		return -1;
	if (judge_needs(&context, root, bulletin, held, &admission->needs,
		err) < 0)
		return -1;
	if (admission->needs || admission->receipt.len > 0)
		admission->is_shown =
		    check_shown(&context, root, bulletin, admission, &why) == 0;
	if (!admission->needs || admission->is_shown || verifier->is_publisher)
		return 0;
	*err = why;
	return -1;
}
