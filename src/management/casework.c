#include "management/casework.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/text.h"
#include "bulletin/root.h"
#include "case/case_library.h"
#include "directory/registration.h"
#include "http/http_path.h"
#include "json/json_read.h"
#include "json/json_write.h"
#include "management/casework_effect.h"
#include "management/casework_internal.h"
#include "management/casework_json.h"
#include "management/casework_log.h"
#include "management/casework_watch.h"
#include "policy/office.h"
#include "role/query/queries.h"
#include "role/spool/spool.h"
#include "service/config.h"
#include "store/rows.h"
#include "sys/loop.h"

enum {
	LOOK_MS = 15 * 1000,
	MOVES_IN_A_ROW = 4, /* that the system makes of one case */
	CHANGES_MAX = 16 << 20,
	NOTE_SERIALS_SIZE = 512,
};

static const char host_person[] = "host";

int64_t
casework_now(const struct casework *casework)
{
	return spool_now(&casework->management->spool);
}

const char *
casework_environment(const struct casework *casework)
{
	return casework->management->spool.env->config->host.environment;
}

struct rows *
casework_rows(const struct casework *casework)
{
	return casework->rows;
}

int
casework_commit(struct casework *casework, struct error *err)
{
	if (rows_commit(casework->rows, err) == 0) {
		casework_log_wake(casework->log);
		return 0;
	}
	if (err->code == ERROR_BUSY)
		return -1;
	/* As the store does: end before anybody is told of success. */
	log_failure(&casework->management->spool.env->log, LOG_LEVEL_ERROR,
	    "casework.broken", err);
	_exit(EXIT_FAILURE);
}

int
casework_find(const struct casework_asked *asked,
    struct casework_case *ret_case, struct error *err)
{
	struct casework_case file = { .number = 0 };

	if (casework_load(asked->casework->rows, asked->casework->library,
		asked->name, &file, err) < 0)
		return -1;
	if (!management_may_see(asked->caller,
		spool_directory(&asked->casework->management->spool),
		file.organisation)) {
		casework_case_free(&file);
		return error_set_id(err, "E7110", ERROR_NOT_FOUND,
		    "no case %.40s", asked->name);
	}
	*ret_case = file;
	return 0;
}

void
casework_reply(const struct casework_asked *asked, const char *id, int status,
    const char *code)
{
	struct casework *casework = asked->casework;
	struct casework_case file = { .number = 0 };
	struct bytes json = { 0 };
	struct json_writer writer = json_writer_to(&json);
	struct error err = { 0 };

	if (casework_load(casework->rows, casework->library, id, &file, &err) <
		0 ||
	    casework_json_case(casework->rows, &file, casework_now(casework),
		code, &writer, &err) < 0 ||
	    json_write_done(&writer, &err) < 0) {
		bytes_free(&json);
		peer_refuse(asked->peer, asked->id, &err);
	} else {
		queries_reply(asked->peer, asked->id, status, &json);
	}
	casework_case_free(&file);
}

void
casework_fill_step(const struct casework_asked *asked, enum case_step_kind kind,
    struct casework_step *step)
{
	*step = (struct casework_step){ .note = "" };
	step->step.kind = kind;
	step->step.move = CASE_NONE;
	step->step.evidence = CASE_NONE;
	step->step.at_ms = casework_now(asked->casework);
	/* An officer is who signs, not who says so. */
	step->step.offices = asked->caller->offices & ~(1u << OFFICE_OFFICER);
	memcpy(step->step.person, asked->caller->person,
	    sizeof(step->step.person));
}

int
casework_read_request(struct casework *casework,
    const struct casework_case *file, struct registration *ret_registration,
    struct digest *ret_digest, struct error *err)
{
	struct bytes content = { 0 };
	int found = casework_find_request(casework->rows, file->number,
	    ret_digest, &content, err);

	if (found > 0 &&
	    registration_decode(content.data, content.len, ret_registration,
		err) < 0)
		found = -1;
	bytes_free(&content);
	return found;
}

/* ---- what the system does -------------------------------------------------------- */

/* Which bulletins hold it, for the record: "directory 8 access/center-a 3". */
static void
put_serials(struct casework *casework, const struct json_value *changes,
    char to[NOTE_SERIALS_SIZE])
{
	size_t len = 0;

	to[0] = '\0';
	for (size_t i = 0; i < json_value_count(changes); i++) {
		const struct json_value *change = json_value_item(changes, i);
		const char *name = casework_field(change, "name");
		enum bulletin_type type;
		struct digest digest;
		int more;

		if (!bulletin_type_parse(casework_field(change, "type"), &type))
			continue;
		more = snprintf(to + len, NOTE_SERIALS_SIZE - len,
		    "%s%s%s%s %" PRIu64, len > 0 ? " " : "",
		    bulletin_type_name(type), name[0] != '\0' ? "/" : "", name,
		    bulletins_serial(casework->management->spool.bulletins,
			type, name, &digest));
		if (more < 0 || (size_t)more >= NOTE_SERIALS_SIZE - len)
			return;
		len += (size_t)more;
	}
}

/* Whether witnesses let out all that is in force of these bulletins. */
static bool
may_leave(struct casework *casework, const struct json_value *changes)
{
	struct bulletins *bulletins = casework->management->spool.bulletins;

	for (size_t i = 0; i < json_value_count(changes); i++) {
		const struct json_value *change = json_value_item(changes, i);
		const char *name = casework_field(change, "name");
		enum bulletin_type type;
		struct digest digest;

		if (!bulletin_type_parse(casework_field(change, "type"),
			&type) ||
		    bulletins_served(bulletins, type, name) !=
			bulletins_serial(bulletins, type, name, &digest))
			return false;
	}
	return true;
}

static int
save_person(struct casework *casework, const struct casework_case *file,
    const char *effect, struct error *err)
{
	struct json_document *document = NULL;
	struct casework_person person = { .offices = 0 };
	const struct json_value *fields;
	bool is_end = text_equal(effect, "person-end");
	int rc = json_read(file->fields, strlen(file->fields),
	    strlen(file->fields), &document, err);

	if (rc < 0)
		return -1;
	fields = json_root(document);
	if (is_end)
		rc = casework_find_person(casework->rows,
		    casework_field(fields, "certificate"), &person, err);
	person.is_ended = is_end;
	if (rc >= 0 && !is_end &&
	    (!text_copy(person.name, sizeof(person.name),
		 casework_field(fields, "person")) ||
		!text_copy(person.organisation, sizeof(person.organisation),
		    casework_field(fields, "organisation")) ||
		!office_parse_list(casework_field(fields, "offices"),
		    &person.offices)))
		rc = error_set(err, ERROR_MALFORMED, "a person of no form");
	if (rc >= 0 &&
	    text_copy(person.fingerprint, sizeof(person.fingerprint),
		casework_field(fields, "certificate")))
		rc = casework_save_person(casework->rows, &person, file->id,
		    casework_now(casework), err);
	json_document_free(document);
	return rc < 0 ? -1 : 0;
}

int
casework_make_move(struct casework *casework, struct casework_case *file,
    int move, const char *note, struct error *err)
{
	const char *effect =
	    file->definition->states[file->status.state].effect;
	struct casework_step step = { .note = note,
		.step = { .kind = CASE_STEP_MOVE,
		    .move = move,
		    .offices = 1u << OFFICE_SYSTEM,
		    .has_note = note[0] != '\0',
		    .at_ms = casework_now(casework) } };

	text_copy(step.step.person, sizeof(step.step.person), host_person);
	if (case_judge(file->definition, &file->status, &step.step, err) < 0 ||
	    rows_begin(casework->rows, err) < 0)
		return -1;
	if ((casework_effect_is_ours(effect) &&
		save_person(casework, file, effect, err) < 0) ||
	    casework_add_step(casework->rows, file,
		casework_environment(casework), &step, err) < 0) {
		rows_rollback(casework->rows);
		return -1;
	}
	return casework_commit(casework, err);
}

/* 1: what it wants is in force, and `note` says where; 0: not yet. */
static int
is_in_force(struct casework *casework, const struct casework_case *file,
    const char *effect, char note[NOTE_SERIALS_SIZE], struct error *err)
{
	const struct spool *spool = &casework->management->spool;
	struct registration registration = { .has_host = false };
	struct casework_facts facts = { .directory = spool_directory(spool),
		.now_ms = casework_now(casework) };
	struct json_document *document = NULL;
	struct bytes changes = { 0 };
	struct digest digest;
	int found;

	if (facts.directory == NULL)
		return 0;
	found =
	    casework_read_request(casework, file, &registration, &digest, err);
	if (found > 0)
		facts.registration = &registration;
	if (found >= 0)
		found =
		    casework_effect_put(file, effect, &facts, &changes, err);
	if (found == 0)
		found = json_read(changes.data, changes.len, CHANGES_MAX,
		    &document, err);
	if (found == 0 &&
	    casework_effect_is_in_force(file, json_root(document),
		facts.directory, bulletins_measures(spool->bulletins)) &&
	    may_leave(casework, json_root(document))) {
		put_serials(casework, json_root(document), note);
		found = 1;
	}
	json_document_free(document);
	bytes_free(&changes);
	registration_free(&registration);
	return found;
}

/* One move of the system, if there is one to make: 1, 0 or -1. */
static int
settle_once(struct casework *casework, struct casework_case *file,
    struct error *err)
{
	const struct case_definition *definition = file->definition;
	const char *effect = definition->states[file->status.state].effect;
	char note[NOTE_SERIALS_SIZE] = "";
	enum case_when when = CASE_WHEN_PUBLISHED;
	int move;
	int rc = 0;

	if (effect[0] != '\0')
		rc = casework_effect_is_ours(effect)
		    ? 1
		    : is_in_force(casework, file, effect, note, err);
	if (rc == 0 &&
	    case_is_overdue(definition, &file->status,
		casework_now(casework))) {
		when = CASE_WHEN_OVERDUE;
		rc = 1;
	}
	move = case_system_move(definition, &file->status, when);
	if (rc <= 0 || move == CASE_NONE)
		return rc < 0 ? -1 : 0;
	return casework_make_move(casework, file, move, note, err) < 0 ? -1 : 1;
}

static int
put_notices(struct casework *casework, const struct casework_case *file,
    int64_t now, struct error *err)
{
	const struct case_definition *definition = file->definition;

	for (int i = 0; i < definition->notice_count; i++) {
		const struct case_notice *notice = &definition->notices[i];

		if (notice->state != CASE_NONE &&
		    case_notice_ms(definition, &file->status, notice) <= now &&
		    casework_add_notice(casework->rows, file, notice, now,
			err) < 0)
			return -1;
	}
	return casework_save_look(casework->rows, file, now, err);
}

/* Whom a deadline that comes near tells. */
static int
warn(struct casework *casework, const struct casework_case *file,
    struct error *err)
{
	if (rows_begin(casework->rows, err) < 0)
		return -1;
	if (put_notices(casework, file, casework_now(casework), err) < 0) {
		rows_rollback(casework->rows);
		return -1;
	}
	return casework_commit(casework, err);
}

void
casework_settle(struct casework *casework, const char *id)
{
	struct error err = { 0 };
	int rc = 1;

	for (int i = 0; i < MOVES_IN_A_ROW && rc > 0; i++) {
		struct casework_case file = { .number = 0 };

		rc = casework_load(casework->rows, casework->library, id, &file,
		    &err);
		if (rc == 0)
			rc = settle_once(casework, &file, &err);
		casework_case_free(&file);
	}
	if (rc < 0 && err.code != ERROR_NONE)
		log_failure(&casework->management->spool.env->log,
		    LOG_LEVEL_WARNING, "case.waits", &err);
}

static int
settle_one(void *ctx, const char *id, struct error *err)
{
	(void)err;
	casework_settle(ctx, id);
	return 0;
}

/* A move of the system, or a notice: then it is looked at later again. */
static int
look_at_one(void *ctx, const char *id, struct error *err)
{
	struct casework *casework = ctx;
	struct casework_case file = { .number = 0 };
	struct error failure = { 0 };

	(void)err;
	casework_settle(casework, id);
	/* One that fails keeps no other back. */
	if (casework_load(casework->rows, casework->library, id, &file,
		&failure) < 0 ||
	    warn(casework, &file, &failure) < 0)
		log_failure(&casework->management->spool.env->log,
		    LOG_LEVEL_WARNING, "case.late", &failure);
	casework_case_free(&file);
	return 0;
}

/* Who is an officer, as the root in force says. */
static int
take_officers(struct casework *casework, struct error *err)
{
	const struct bulletin_role *role;
	const struct root *root;
	int rc = 0;

	if (bulletins_root(casework->management->spool.bulletins, &root, err) <
	    0)
		return -1;
	role = root_role_of(root, BULLETIN_DIRECTORY, "");
	if (role != NULL)
		rc = casework_save_officers(casework->rows, role->certificates,
		    role->certificate_count, err);
	return rc;
}

void
casework_look(struct casework *casework)
{
	struct error err = { 0 };

	casework_watch_look(casework);
	if (take_officers(casework, &err) < 0)
		log_failure(&casework->management->spool.env->log,
		    LOG_LEVEL_WARNING, "case.officers", &err);
	err = (struct error){ 0 };
	if (casework_each_waiting(casework->rows, settle_one, casework, &err) <
		0 ||
	    casework_each_due(casework->rows, casework_now(casework),
		look_at_one, casework, &err) < 0)
		log_failure(&casework->management->spool.env->log,
		    LOG_LEVEL_WARNING, "case.look", &err);
}

static void
on_timer(void *ctx)
{
	struct casework *casework = ctx;

	casework_take_reports(casework);
	casework_look(casework);
	casework_log_wake(casework->log);
}

/* ---- requests --------------------------------------------------------------------- */

static const struct request_kind {
	const char *pattern;
	void (*answer)(const struct casework_asked *asked);
} request_kinds[] = {
	{ "/v1/cases", casework_open },
	{ "/v1/cases/{}:move", casework_move },
	{ "/v1/cases/{}:code", casework_renew_code },
	{ "/v1/cases/{}/attachments", casework_attach },
};

bool
casework_answer(struct casework *casework, struct peer *peer, uint32_t id,
    const struct message_request *request,
    const struct management_caller *caller)
{
	struct http_segments segments = { .count = 0 };
	char path[MESSAGE_PATH_SIZE];

	text_copy_len(path, sizeof(path), request->path,
	    strcspn(request->path, "?"));
	if (!text_equal(request->method, "POST"))
		return false;
	for (size_t i = 0; i < ARRAY_LEN(request_kinds); i++) {
		const struct casework_asked asked = { .casework = casework,
			.peer = peer,
			.id = id,
			.request = request,
			.caller = caller,
			.name = segments.text[0] };

		if (!http_path_match(request_kinds[i].pattern, path, &segments))
			continue;
		request_kinds[i].answer(&asked);
		return true;
	}
	return false;
}

/* ---- starting ----------------------------------------------------------------------- */

int
casework_new(struct management *management, struct casework **ret_casework,
    struct error *err)
{
	const struct role_env *env = management->spool.env;
	struct casework *casework = calloc(1, sizeof(*casework));

	if (casework == NULL)
		return error_set_memory(err);
	casework->management = management;
	if (casework_rows_open(env->config->host.data, true, &casework->rows,
		err) < 0 ||
	    casework_log_new(management, casework->rows, &casework->log, err) <
		0 ||
	    case_library_new(&casework->library, err) < 0 ||
	    loop_timer_new(env->loop, on_timer, casework, &casework->timer,
		err) < 0) {
		casework_free(casework);
		return -1;
	}
	loop_timer_repeat(casework->timer, LOOK_MS);
	*ret_casework = casework;
	return 0;
}

void
casework_free(struct casework *casework)
{
	if (casework == NULL)
		return;
	loop_timer_free(casework->timer);
	case_library_free(casework->library);
	casework_log_free(casework->log);
	rows_close(casework->rows);
	free(casework);
}
