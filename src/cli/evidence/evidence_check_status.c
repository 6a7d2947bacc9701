/*
 * Revocation answers of an evidence file: what the authority of a signer's
 * certificate said when a center took what it signed.
 */
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "cli/evidence/evidence_check_internal.h"
#include "cli/offline.h"
#include "crypto/ocsp.h"
#include "crypto/sha256.h"
#include "directory/directory.h"
#include "policy/revocation_rules.h"
#include "role/verifier/verify.h"

/* "revocation/DIGEST.ors" or ".crl", as RFC 6960 and RFC 5280 name files. */
static bool
is_named_well(const struct evidence_part *part)
{
	char name[EVIDENCE_NAME_SIZE], text[DIGEST_TEXT_SIZE];
	struct digest digest;

	sha256(part->data, part->len, &digest);
	digest_format(&digest, text);
	snprintf(name, sizeof(name), "revocation/%s.%s", text,
	    ocsp_is_answer(part->data, part->len) ? "ors" : "crl");
	return text_equal(part->name, name);
}

/* NULL: it is not in the file. */
static const struct evidence_part *
find_answer(struct checking *checking, const struct digest *wanted)
{
	const struct evidence *evidence = &checking->evidence;

	for (size_t i = 0; i < evidence->answer_count; i++) {
		const struct evidence_part *part = evidence->answers[i];
		struct digest digest;

		sha256(part->data, part->len, &digest);
		if (digest_equal(&digest, wanted)) {
			checking->is_answer_used[i] = true;
			return part;
		}
	}
	return NULL;
}

/* By the root of the receipt's time or a newer one, which has its anchor. */
static int
judge(const struct checking *checking, const struct evidence_part *part,
    const struct digest *signer, uint64_t serial, struct revocation *to,
    struct error *err)
{
	const struct verify_context *context =
	    offline_context(checking->offline);
	const struct blob answer = blob_of(part->data, part->len);
	struct directory_owner owner;
	struct root root = { 0 };
	struct blob certificate;
	int rc = -1;

	if (!directory_find_owner(context->directory, signer, &owner))
		return error_set_id(err, "E3506", ERROR_UNTRUSTED,
		    "%s: of a certificate that the directory does not have",
		    part->name);
	certificate = blob_of(owner.certificate, owner.certificate_len);
	if (offline_root(checking->offline, serial, &root, err) > 0)
		rc = verify_revocation(&root,
		    !ocsp_is_answer(part->data, part->len), &answer, NULL,
		    &certificate, 0, to, err);
	root_free(&root);
	return rc < 0 ? error_prefix(err, "%s", part->name) : 0;
}

int
evidence_check_status(struct checking *checking, size_t index,
    const struct statement *statement, struct error *err)
{
	static const struct digest none;
	struct evidence_event *event = &checking->verdict->events[index];
	const struct digest *signer = digest_equal(&event->act_signer, &none)
	    ? &checking->verdict->waybill.head.module
	    : &event->act_signer;
	const struct evidence_part *part;
	struct revocation_facts facts = { .is_watched = true };
	struct verdict verdict;

	event->standing = REVOCATION_UNWATCHED;
	if (digest_equal(&statement->status, &none))
		return 0;
	event->has_status = true;
	event->standing = REVOCATION_UNREACHABLE;
	part = find_answer(checking, &statement->status);
	if (part == NULL)
		return 0; /* too long to go along, or not fetched yet */
	if (judge(checking, part, signer, statement->serials.root,
		&facts.newest, err) < 0)
		return -1;
	if (facts.newest.this_update > event->time + OCSP_SKEW_MS)
		return error_set_id(err, "E3704", ERROR_UNTRUSTED,
		    "%s: the answer is later than the receipt", part->name);
	verdict = revocation_judge(&facts, event->time, event->time);
	event->standing = revocation_grade(&facts, event->time);
	event->status_at = facts.newest.this_update;
	return verdict_check(&verdict, part->name, err);
}

int
evidence_check_answers(const struct checking *checking, struct error *err)
{
	const struct evidence *evidence = &checking->evidence;

	for (size_t i = 0; i < evidence->answer_count; i++)
		if (!checking->is_answer_used[i] ||
		    !is_named_well(evidence->answers[i]))
			return error_set_id(err, "E3501", ERROR_MALFORMED,
			    "%s: no receipt names it, or not what it says",
			    evidence->answers[i]->name);
	return 0;
}
