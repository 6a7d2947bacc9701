/*
 * What a verifier believes: the bulletins in force and the anchors of the root.
 */
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "bulletin/state.h"
#include "crypto/cert.h"
#include "crypto/cert_cache.h"
#include "crypto/sha256.h"
#include "crypto/trust.h"
#include "envelope/batch_open.h"
#include "role/contents/directory_view.h"
#include "role/verifier/checkpoint_cache.h"
#include "role/verifier/verifier_admit.h"
#include "role/verifier/verifier_internal.h"
#include "role/verifier/verify.h"
#include "service/config.h"
#include "sys/clock.h"

enum { CERTS = 4096, CHECKPOINTS = 1024, BATCHES = 4096 };

int
verifier_open(struct verifier *verifier, const struct config *config,
    const struct log *log, struct error *err)
{
	struct digest pin = { { 0 } };
	struct digest digest;

	/* OpenSSL reads its configuration with its first use: now, not later. */
	sha256("", 0, &digest);
	memset(verifier, 0, sizeof(*verifier));
	verifier->environment = config->host.environment;
	verifier->log = log;
	verifier->clock_offset_ms = config->test.clock_offset_ms;
	/* Without a pin no root is believed, and the rest still works. */
	if (config->trust.fingerprint[0] != '\0' &&
	    !digest_parse(config->trust.fingerprint, &pin))
		return error_set(err, ERROR_MALFORMED,
		    "trust.fingerprint is no SHA-256");
	if (cert_cache_new(CERTS, &verifier->certs, err) < 0 ||
	    checkpoint_cache_new(CHECKPOINTS, &verifier->checkpoints, err) <
		0 ||
	    batch_cache_new(BATCHES, &verifier->batches, err) < 0 ||
	    directory_view_new(&verifier->directory, err) < 0)
		return -1;
	verifier->is_publisher = config_has_kind(config, CONFIG_MANAGEMENT);
	if (bulletin_state_new(verifier->environment, &pin,
		&verifier->bulletins, err) < 0)
		return -1;
	bulletin_state_set_admit(verifier->bulletins, verifier_admit, verifier);
	return 0;
}

void
verifier_close(struct verifier *verifier)
{
	cert_cache_free(verifier->certs);
	checkpoint_cache_free(verifier->checkpoints);
	batch_cache_free(verifier->batches);
	bulletin_state_free(verifier->bulletins);
	directory_view_free(verifier->directory);
	trust_free(verifier->trust);
	memset(verifier, 0, sizeof(*verifier));
}

struct verify_context
verifier_context(const struct verifier *verifier)
{
	return (struct verify_context){
		.environment = verifier->environment,
		.certs = verifier->certs,
		.trust = verifier->trust,
		.directory = directory_view_directory(verifier->directory),
		.checkpoints = verifier->checkpoints,
		.batches = verifier->batches,
		.now = clock_now_ms() + verifier->clock_offset_ms,
	};
}

static int
add_anchor(struct trust *trust, const struct bytes *der, struct error *err)
{
	struct cert *anchor = NULL;
	int rc;

	if (cert_parse(der->data, der->len, &anchor, err) < 0)
		return -1;
	rc = trust_add_anchor(trust, anchor, err);
	cert_free(anchor);
	return rc;
}

/* After a failure the former anchors stay in force. */
static int
use_anchors(struct verifier *verifier, struct error *err)
{
	const struct root *root = bulletin_state_root(verifier->bulletins);
	struct trust *trust = NULL;

	if (root == NULL)
		return 0;
	if (trust_new(&trust, err) < 0)
		return -1;
	for (size_t i = 0; i < root->anchor_count; i++) {
		if (add_anchor(trust, &root->anchors[i], err) < 0) {
			trust_free(trust);
			return error_prefix(err, "anchor %zu of the root", i);
		}
	}
	trust_free(verifier->trust);
	verifier->trust = trust;
	return 0;
}

static void
put_taken(const struct bulletin *bulletin, bool is_new,
    const struct verifier_admission *admission,
    struct message_bulletin_taken *to)
{
	bool is_older = admission->is_shown &&
	    admission->witnessed_at < bulletin->issued_ms;

	*to = (struct message_bulletin_taken){
		.is_new = is_new,
		.kind = (uint8_t)bulletin->type,
		.serial = bulletin->serial,
		.digest = bulletin->digest,
		.issued_at = bulletin->issued_ms,
		.expires_at = bulletin->expires_ms,
		.is_shown = admission->is_shown,
		.needs = admission->needs,
		.fresh_at =
		    is_older ? admission->witnessed_at : bulletin->issued_ms,
	};
	memcpy(to->name, bulletin->name, sizeof(to->name));
}

/* What is in use though who signed it may no longer. */
static void
put_disowned(const struct bulletin_state *state, struct bytes *to)
{
	size_t start = to->len;

	for (size_t i = 0; i < bulletin_state_count(state); i++) {
		const struct bulletin_held *held = bulletin_state_at(state, i);

		if (!held->is_disowned)
			continue;
		bytes_put_format(to, "%s%s%s%s", to->len > start ? "," : "",
		    bulletin_type_name(held->type),
		    held->name[0] != '\0' ? "/" : "", held->name);
	}
}

/* What may enlarge power counts once the spooler has seen that it fits. */
static int
take(struct verifier *verifier, const struct message_bulletin_take *request,
    enum bulletin_news *ret_news, struct bulletin *ret_bulletin,
    struct bulletin_signers *ret_signers, struct error *err)
{
	if (request->is_checked)
		return bulletin_state_take(verifier->bulletins,
		    request->cms.data, request->cms.len, request->now, ret_news,
		    ret_bulletin, err);
	return bulletin_state_try(verifier->bulletins, request->cms.data,
	    request->cms.len, request->now, ret_news, ret_bulletin, ret_signers,
	    err);
}

int
verifier_take(struct verifier *verifier,
    const struct message_bulletin_take *request,
    struct message_bulletin_taken *ret_taken, struct bytes *json,
    struct error *err)
{
	struct verifier_admission admission = { .receipt = request->receipt,
		.is_stored = request->is_stored };
	struct bulletin_signers signers = { .count = 0 };
	struct bulletin bulletin = { 0 };
	enum bulletin_news news;
	const uint8_t *json_at;
	size_t signers_len;
	int rc = -1;

	verifier->admission = &admission;
	if (take(verifier, request, &news, &bulletin, &signers, err) < 0)
		goto done;
	if (news == BULLETIN_ADOPTED && bulletin.type == BULLETIN_ROOT &&
	    use_anchors(verifier, err) < 0)
		goto done;
	signers_len = signers.count * sizeof(signers.fingerprints[0]);
	bytes_put(json, signers.fingerprints, signers_len);
	bytes_put(json, bulletin.json.data, bulletin.json.len);
	if (bulletin.type == BULLETIN_ROOT)
		put_disowned(verifier->bulletins, json);
	if (bytes_failed(json, err) < 0)
		goto done;
	put_taken(&bulletin, news == BULLETIN_ADOPTED, &admission, ret_taken);
	ret_taken->is_pending = ret_taken->is_new && !request->is_checked &&
	    bulletin_type_enlarges(bulletin.type);
	ret_taken->signers = blob_of(json->data, signers_len);
	json_at = json->data + signers_len;
	ret_taken->json = blob_of(json_at, bulletin.json.len);
	ret_taken->disowned = blob_of(json_at + bulletin.json.len,
	    json->len - signers_len - bulletin.json.len);
	rc = 0;
done:
	verifier->admission = NULL;
	bulletin_free(&bulletin);
	return rc;
}
