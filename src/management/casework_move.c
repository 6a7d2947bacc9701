/*
 * A move of a case: by who sits at the control socket, or signed with the key
 * of a person, whom the root names or a case has registered.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "bulletin/draft.h"
#include "bulletin/root.h"
#include "crypto/sha256.h"
#include "directory/registration.h"
#include "envelope/case_consent.h"
#include "json/json_decode.h"
#include "management/casework_internal.h"
#include "policy/office.h"
#include "role/spool/spool.h"
#include "store/rows.h"
#include "sys/ipc.h"

enum { BODY_MAX = 65536, TRIES_MAX = 5, TYPED_SIZE = 128 };

/* What the body says. */
struct moving_body {
	char move[CASE_NAME_SIZE];
	char note[CASEWORK_NOTE_SIZE];
	char code[TYPED_SIZE];
	char fingerprint[TYPED_SIZE];
	struct bytes consent; /* CMS */
};

/* A move that waits for its signature to be verified. */
struct moving {
	struct casework *casework;
	struct peer *peer;
	uint32_t id;
	struct management_caller caller;
	char name[CASEWORK_ID_SIZE];
	struct moving_body body;
	char person[CASE_PERSON_SIZE];
	unsigned offices;
	bool is_signed;
	struct digest after; /* of who signed: the newest step then */
};

static const struct json_field fields[] = {
	{ .name = "move",
	    .kind = JSON_FIELD_TEXT,
	    .offset = offsetof(struct moving_body, move),
	    .size = CASE_NAME_SIZE },
	{ .name = "note",
	    .kind = JSON_FIELD_TEXT,
	    .offset = offsetof(struct moving_body, note),
	    .size = CASEWORK_NOTE_SIZE,
	    .optional = true },
	{ .name = "code",
	    .kind = JSON_FIELD_TEXT,
	    .offset = offsetof(struct moving_body, code),
	    .size = TYPED_SIZE,
	    .optional = true },
	{ .name = "fingerprint",
	    .kind = JSON_FIELD_TEXT,
	    .offset = offsetof(struct moving_body, fingerprint),
	    .size = TYPED_SIZE,
	    .optional = true },
	{ .name = "signed",
	    .kind = JSON_FIELD_BASE64,
	    .offset = offsetof(struct moving_body, consent),
	    .max = CASE_CONSENT_CMS_MAX,
	    .optional = true },
};

static void
moving_free(struct moving *moving)
{
	memset(moving->body.code, 0, sizeof(moving->body.code));
	bytes_free(&moving->body.consent);
	free(moving);
}

/* ---- the one-time code ----------------------------------------------------------- */

static int
code_fails(struct casework *casework, struct casework_case *file,
    const char *id, const char *why, struct error *err)
{
	struct error failure = { 0 };

	file->code_tries++;
	if (rows_begin(casework->rows, err) < 0)
		return -1;
	if (casework_save_code(casework->rows, file, err) < 0) {
		rows_rollback(casework->rows);
		return -1;
	}
	if (casework_commit(casework, &failure) < 0) {
		*err = failure;
		return -1;
	}
	return error_set_id(err, id, ERROR_DENIED, "%s", why);
}

/* The request file was made by who knew the code, and is the one read out. */
static int
check_request(struct casework *casework, struct casework_case *file,
    const char *folded, const char *fingerprint, struct error *err)
{
	struct registration registration = { .has_host = false };
	struct digest digest, proof;
	int found =
	    casework_read_request(casework, file, &registration, &digest, err);

	if (found <= 0)
		return found < 0 ? -1
				 : error_set_id(err, "E7103", ERROR_DENIED,
				       "no request file is attached");
	registration_proof(folded, &registration, &proof);
	found = digest_equal(&proof, &registration.proof) ? 1 : 0;
	registration_free(&registration);
	if (found == 0)
		return code_fails(casework, file, "E7114",
		    "the request file was made with another code", err);
	if (!draft_code_matches(&digest, fingerprint))
		return code_fails(casework, file, "E7115",
		    "that is not the check code of the request file", err);
	return 0;
}

static int
check_code(struct casework *casework, struct casework_case *file,
    const struct moving_body *body, struct error *err)
{
	char folded[REGISTRATION_CODE_SIZE];
	int rc;

	if (file->code_until_ms <= casework_now(casework) ||
	    file->code_tries >= TRIES_MAX)
		return error_set_id(err, "E7112", ERROR_DENIED,
		    file->code_tries >= TRIES_MAX
			? "it is void after too many tries"
			: "none is in force");
	if (!registration_code_fold(body->code, folded) ||
	    !casework_code_matches(file, folded))
		return code_fails(casework, file, "E7112", "it is wrong", err);
	rc = check_request(casework, file, folded, body->fingerprint, err);
	memset(folded, 0, sizeof(folded));
	return rc;
}

/* It is used. */
static int
spend_code(struct casework *casework, struct casework_case *file,
    struct error *err)
{
	file->code_hash = (struct digest){ { 0 } };
	file->code_until_ms = 0;
	return casework_save_code(casework->rows, file, err);
}

/* ---- making it --------------------------------------------------------------------- */

static int
judge(struct moving *moving, struct casework_case *file,
    struct casework_step *step, struct error *err)
{
	const struct moving_body *body = &moving->body;
	bool has_code = body->code[0] != '\0';

	step->step.move = case_find_move(file->definition, body->move);
	step->step.has_note = body->note[0] != '\0';
	memcpy(step->step.person, moving->person, sizeof(moving->person));
	step->step.offices = moving->offices;
	step->step.is_signed = moving->is_signed;
	step->note = body->note;
	step->consent = moving->is_signed ? &body->consent : NULL;
	if (moving->is_signed && !digest_equal(&moving->after, &file->last))
		return error_set_id(err, "E7116", ERROR_UNTRUSTED,
		    "the case has a newer step than was signed");
	/* All else must be right before a try at the code is counted. */
	step->step.has_code = has_code;
	if (case_judge(file->definition, &file->status, &step->step, err) < 0)
		return -1;
	return has_code ? check_code(moving->casework, file, body, err) : 0;
}

static int
make_move(struct moving *moving, struct casework_case *file, struct error *err)
{
	struct casework *casework = moving->casework;
	const char *environment = casework_environment(casework);
	struct casework_step step = { .step = { .kind = CASE_STEP_MOVE,
					  .at_ms = casework_now(casework) } };

	if (judge(moving, file, &step, err) < 0 ||
	    rows_begin(casework->rows, err) < 0)
		return -1;
	if (casework_add_step(casework->rows, file, environment, &step, err) <
		0 ||
	    (step.step.has_code && spend_code(casework, file, err) < 0)) {
		rows_rollback(casework->rows);
		return -1;
	}
	return casework_commit(casework, err);
}

/* Frees `moving`. */
static void
finish(struct moving *moving)
{
	const struct casework_asked asked = { .casework = moving->casework,
		.peer = moving->peer,
		.id = moving->id,
		.caller = &moving->caller,
		.name = moving->name };
	struct casework_case file = { .number = 0 };
	struct error err = { 0 };

	if (casework_find(&asked, &file, &err) < 0 ||
	    make_move(moving, &file, &err) < 0) {
		peer_refuse(moving->peer, moving->id, &err);
	} else {
		casework_settle(moving->casework, moving->name);
		casework_reply(&asked, moving->name, 200, NULL);
	}
	casework_case_free(&file);
	moving_free(moving);
}

/* ---- who signed --------------------------------------------------------------------- */

/* The root names who signs the directory: these are the officers. */
static int
is_officer(const struct casework *casework, const struct digest *fingerprint,
    bool *ret_is, struct error *err)
{
	const struct bulletin_role *role;
	const struct root *root;

	if (bulletins_root(casework->management->spool.bulletins, &root, err) <
	    0)
		return -1;
	*ret_is = false;
	role = root_role_of(root, BULLETIN_DIRECTORY, "");
	for (size_t i = 0; role != NULL && i < role->certificate_count; i++)
		*ret_is |= digest_equal(&role->certificates[i], fingerprint);
	return 0;
}

static int
take_person(struct moving *moving, const struct digest *fingerprint,
    struct error *err)
{
	struct casework_person person = { .offices = 0 };
	char text[DIGEST_TEXT_SIZE];
	bool is_in_root = false;
	int found;

	digest_format(fingerprint, text);
	found =
	    casework_find_person(moving->casework->rows, text, &person, err);
	if (found < 0 ||
	    is_officer(moving->casework, fingerprint, &is_in_root, err) < 0)
		return -1;
	moving->offices = found > 0 && !person.is_ended ? person.offices : 0;
	/* Registered or not, who is an officer stands in the root alone. */
	moving->offices &= ~(1u << OFFICE_OFFICER);
	if (is_in_root)
		moving->offices |= 1u << OFFICE_OFFICER;
	snprintf(moving->person, sizeof(moving->person), "card %s", text);
	moving->is_signed = true;
	if (moving->offices != 0)
		return 0;
	return error_set_id(err, "E7102", ERROR_DENIED,
	    "nobody with an office has this certificate");
}

static int
check_consent(struct moving *moving, const struct message_signed *answer,
    struct error *err)
{
	const char *environment = casework_environment(moving->casework);
	struct case_consent consent;
	struct digest fingerprint;

	if (case_consent_decode(answer->content.data, answer->content.len,
		&consent, err) < 0)
		return -1;
	if (!text_equal(consent.environment, environment) ||
	    !text_equal(consent.id, moving->name) ||
	    !text_equal(consent.move, moving->body.move) ||
	    !text_equal(consent.note, moving->body.note))
		return error_set_id(err, "E7116", ERROR_UNTRUSTED,
		    "another case, move or reason was signed");
	if (answer->signers.len != DIGEST_LEN)
		return error_set_id(err, "E7116", ERROR_UNTRUSTED,
		    "it is signed by several");
	memcpy(fingerprint.bytes, answer->signers.data, DIGEST_LEN);
	moving->after = consent.after;
	return take_person(moving, &fingerprint, err);
}

static void
on_verified(void *ctx, struct ipc_message *message)
{
	struct moving *moving = ctx;
	struct message_signed answer;
	struct error err = { 0 };

	if (message_read(message, MESSAGE_SIGNED, &answer, &err) < 0 ||
	    check_consent(moving, &answer, &err) < 0) {
		peer_refuse(moving->peer, moving->id, &err);
		moving_free(moving);
		return;
	}
	finish(moving);
}

static int
read_body(const struct message_request *request, struct moving_body *body,
    struct error *err)
{
	struct error why = { 0 };

	if (json_decode(request->body.data, request->body.len, BODY_MAX, fields,
		ARRAY_LEN(fields), body, &why) == 0)
		return 0;
	return error_set_id(err, "E7111", ERROR_MALFORMED, "%s", why.text);
}

void
casework_move(const struct casework_asked *asked)
{
	struct moving *moving = calloc(1, sizeof(*moving));
	struct message_verify_signed verify = { .signers_max = 1 };
	struct error err = { 0 };

	if (moving == NULL) {
		error_set_memory(&err);
		peer_refuse(asked->peer, asked->id, &err);
		return;
	}
	moving->casework = asked->casework;
	moving->peer = asked->peer;
	moving->id = asked->id;
	moving->caller = *asked->caller;
	memcpy(moving->person, asked->caller->person, sizeof(moving->person));
	/* An officer is who signs, not who says so. */
	moving->offices = asked->caller->offices & ~(1u << OFFICE_OFFICER);
	if (!text_copy(moving->name, sizeof(moving->name), asked->name))
		error_set_id(&err, "E7110", ERROR_NOT_FOUND, "no such case");
	if (err.code != ERROR_NONE ||
	    read_body(asked->request, &moving->body, &err) < 0) {
		peer_refuse(asked->peer, asked->id, &err);
		moving_free(moving);
		return;
	}
	if (moving->body.consent.len == 0) {
		finish(moving);
		return;
	}
	verify.cms = blob_of_bytes(&moving->body.consent);
	if (peer_ask(asked->casework->management->spool.verifier,
		MESSAGE_VERIFY_SIGNED, &verify, -1, on_verified, moving, NULL,
		&err) < 0) {
		peer_refuse(asked->peer, asked->id, &err);
		moving_free(moving);
	}
}
