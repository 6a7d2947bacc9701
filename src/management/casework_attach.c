/*
 * Evidence is attached to a case.  A request file is verified first: all keys
 * that it names must have signed it.
 */
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "crypto/sha256.h"
#include "crypto/signed.h"
#include "directory/registration.h"
#include "http/http_path.h"
#include "management/casework_internal.h"
#include "role/spool/spool.h"
#include "store/rows.h"
#include "sys/ipc.h"

static const char request_evidence[] = "request";

struct attaching {
	struct casework *casework;
	struct peer *peer;
	uint32_t id;
	struct management_caller caller;
	char name[CASEWORK_ID_SIZE]; /* of the case */
	char evidence[CASE_NAME_SIZE];
	char file_name[CASEWORK_FILE_NAME_SIZE];
	char type[MESSAGE_TYPE_SIZE];
	struct bytes data;
	struct bytes content; /* of a request file: what was signed */
};

static void
attaching_free(struct attaching *attaching)
{
	bytes_free(&attaching->data);
	bytes_free(&attaching->content);
	free(attaching);
}

static int
store_attachment(struct attaching *attaching, struct casework_case *file,
    struct casework_step *step, struct error *err)
{
	struct casework *casework = attaching->casework;
	const char *environment = casework_environment(casework);
	const struct casework_attachment attachment = {
		.evidence = step->step.evidence,
		.name = attaching->file_name,
		.type = attaching->type,
		.data = attaching->data.data,
		.len = attaching->data.len,
		.content =
		    attaching->content.len > 0 ? attaching->content.data : NULL,
		.content_len = attaching->content.len,
	};

	if (rows_begin(casework->rows, err) < 0)
		return -1;
	if (casework_add_step(casework->rows, file, environment, step, err) <
		0 ||
	    casework_add_attachment(casework->rows, file, &attachment,
		&step->content, err) < 0) {
		rows_rollback(casework->rows);
		return -1;
	}
	return casework_commit(casework, err);
}

static int
attach(struct attaching *attaching, const struct casework_asked *asked,
    struct casework_case *file, struct error *err)
{
	struct casework_step step;
	int64_t count = 0;

	casework_fill_step(asked, CASE_STEP_ATTACH, &step);
	step.step.evidence =
	    case_find_evidence(file->definition, attaching->evidence);
	sha256(attaching->data.data, attaching->data.len, &step.content);
	if (case_judge(file->definition, &file->status, &step.step, err) < 0 ||
	    casework_count_attachments(asked->casework->rows, file->number,
		&count, err) < 0)
		return -1;
	if (count >= CASEWORK_ATTACHMENTS_MAX)
		return error_set_id(err, "E7109", ERROR_DENIED,
		    "%d attachments", CASEWORK_ATTACHMENTS_MAX);
	return store_attachment(attaching, file, &step, err);
}

/* Frees `attaching`. */
static void
finish(struct attaching *attaching)
{
	const struct casework_asked asked = { .casework = attaching->casework,
		.peer = attaching->peer,
		.id = attaching->id,
		.caller = &attaching->caller,
		.name = attaching->name };
	struct casework_case file = { .number = 0 };
	struct error err = { 0 };

	if (casework_find(&asked, &file, &err) < 0 ||
	    attach(attaching, &asked, &file, &err) < 0)
		peer_refuse(attaching->peer, attaching->id, &err);
	else
		casework_reply(&asked, attaching->name, 201, NULL);
	casework_case_free(&file);
	attaching_free(attaching);
}

/* What was signed is a request file, by all of its keys, for this network. */
static int
check_request(struct attaching *attaching, const struct message_signed *answer,
    struct error *err)
{
	const char *environment = casework_environment(attaching->casework);
	struct registration registration = { .has_host = false };
	int rc;

	if (registration_decode(answer->content.data, answer->content.len,
		&registration, err) < 0)
		return -1;
	rc = registration_check_signers(&registration, answer->signers.data,
	    answer->signers.len, err);
	if (rc == 0 && !text_equal(registration.environment, environment))
		rc = error_set_id(err, "E7114", ERROR_UNTRUSTED,
		    "it is of the environment %s", registration.environment);
	registration_free(&registration);
	bytes_put(&attaching->content, answer->content.data,
	    answer->content.len);
	return rc < 0 ? -1 : bytes_failed(&attaching->content, err);
}

static int
take_verified(struct attaching *attaching, struct ipc_message *message,
    struct error *err)
{
	struct message_signed answer;
	struct error why = { 0 };

	if (message_read(message, MESSAGE_SIGNED, &answer, &why) == 0)
		return check_request(attaching, &answer, err);
	*err = why;
	if (why.code != ERROR_BUSY)
		error_set_id(err, "E7114", ERROR_UNTRUSTED, "%s", why.text);
	return -1;
}

static void
on_verified(void *ctx, struct ipc_message *message)
{
	struct attaching *attaching = ctx;
	struct error err = { 0 };

	if (take_verified(attaching, message, &err) < 0) {
		peer_refuse(attaching->peer, attaching->id, &err);
		attaching_free(attaching);
		return;
	}
	finish(attaching);
}

static int
read_target(const struct message_request *request, struct attaching *attaching,
    struct error *err)
{
	struct http_target target;
	const char *evidence, *name;
	int rc = 0;

	if (http_target_parse(request->path, strlen(request->path), &target,
		err) < 0)
		return -1;
	evidence = http_target_param(&target, "evidence");
	name = http_target_param(&target, "name");
	if (evidence == NULL || name == NULL || name[0] == '\0' ||
	    strchr(name, '/') != NULL ||
	    !text_copy(attaching->evidence, sizeof(attaching->evidence),
		evidence) ||
	    !text_copy(attaching->file_name, sizeof(attaching->file_name),
		name))
		rc = error_set_id(err, "E6204", ERROR_MALFORMED,
		    "evidence and name say what it is");
	http_target_free(&target);
	return rc;
}

static int
begin(const struct casework_asked *asked, struct attaching *attaching,
    struct error *err)
{
	const struct message_request *request = asked->request;
	struct message_verify_signed verify = { .signers_max =
						    SIGNED_SIGNERS_MAX };

	attaching->casework = asked->casework;
	attaching->peer = asked->peer;
	attaching->id = asked->id;
	attaching->caller = *asked->caller;
	if (!text_copy(attaching->name, sizeof(attaching->name), asked->name))
		return error_set_id(err, "E7110", ERROR_NOT_FOUND,
		    "no such case");
	text_copy(attaching->type, sizeof(attaching->type), request->type);
	if (request->body.len == 0 ||
	    request->body.len > CASEWORK_ATTACHMENT_MAX)
		return error_set_id(err, "E7109", ERROR_DENIED,
		    "an attachment has 1 to %d bytes", CASEWORK_ATTACHMENT_MAX);
	bytes_put(&attaching->data, request->body.data, request->body.len);
	if (bytes_failed(&attaching->data, err) < 0 ||
	    read_target(request, attaching, err) < 0)
		return -1;
	if (!text_equal(attaching->evidence, request_evidence)) {
		finish(attaching);
		return 0;
	}
	if (attaching->data.len > REGISTRATION_MAX)
		return error_set_id(err, "E7114", ERROR_MALFORMED,
		    "a request file of %zu bytes", attaching->data.len);
	verify.cms = blob_of_bytes(&attaching->data);
	return peer_ask(asked->casework->management->spool.verifier,
	    MESSAGE_VERIFY_SIGNED, &verify, -1, on_verified, attaching, NULL,
	    err);
}

void
casework_attach(const struct casework_asked *asked)
{
	struct attaching *attaching = calloc(1, sizeof(*attaching));
	struct error err = { 0 };

	if (attaching == NULL)
		error_set_memory(&err);
	else if (begin(asked, attaching, &err) == 0)
		return;
	peer_refuse(asked->peer, asked->id, &err);
	if (attaching != NULL)
		attaching_free(attaching);
}
