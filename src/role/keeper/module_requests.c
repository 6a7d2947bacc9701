#include "role/keeper/module_requests.h"

#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "crypto/known_answers.h"
#include "json/json_read.h"
#include "json/json_write.h"
#include "role/env.h"
#include "role/keeper/keeper_module.h"
#include "role/message.h"
#include "role/query/queries.h"
#include "role/spool/spool.h"
#include "sys/ipc.h"

/* One request on its way to the keeper and back. */
struct asking {
	struct spool *spool;
	struct peer *peer;
	uint32_t id;
	enum module_action action;
};

/* ---- the answer -------------------------------------------------------- */

static void
write_tests(struct json_writer *writer, uint32_t passed)
{
	json_write_begin_array(writer, "tests");
	for (unsigned i = 0; i < KNOWN_ANSWER_COUNT; i++) {
		json_write_begin_object(writer, NULL);
		json_write_text(writer, "name",
		    known_answer_name((enum known_answer)i));
		json_write_bool(writer, "passed", (passed >> i & 1) != 0);
		json_write_end(writer);
	}
	json_write_end(writer);
}

static int
write_keys(struct json_writer *writer, struct blob list, struct error *err)
{
	struct message_key_uses uses;
	int more;

	json_write_begin_array(writer, "keys");
	while ((more = codec_next(message_fields(MESSAGE_KEY_USES), &list,
		    &uses, err)) > 0) {
		json_write_begin_object(writer, NULL);
		json_write_text(writer, "name", uses.name);
		json_write_digest(writer, "certificate", &uses.certificate);
		json_write_int(writer, "uses", (int64_t)uses.uses);
		json_write_end(writer);
	}
	json_write_end(writer);
	return more;
}

static int
write_state(const struct message_module_state *state, struct bytes *to,
    struct error *err)
{
	struct json_writer writer = json_writer_to(to);

	if (state->state >= KEEPER_STATE_COUNT ||
	    state->integrity >= KEEPER_INTEGRITY_COUNT)
		return error_set(err, ERROR_MALFORMED, "state of the module");
	json_write_begin_object(&writer, NULL);
	json_write_text(&writer, "state",
	    keeper_state_name((enum keeper_state)state->state));
	json_write_text_len(&writer, "failure",
	    (const char *)state->failure.data, state->failure.len);
	json_write_text(&writer, "version", YIZHAN_VERSION);
	json_write_digest(&writer, "program", &state->program);
	json_write_text(&writer, "integrity",
	    keeper_integrity_name((enum keeper_integrity)state->integrity));
	json_write_int(&writer, "uses_max", (int64_t)state->uses_max);
	write_tests(&writer, state->passed);
	if (write_keys(&writer, state->keys, err) < 0)
		return -1;
	json_write_end(&writer);
	return json_write_done(&writer, err);
}

static void
on_state(void *ctx, struct ipc_message *message)
{
	struct asking *asking = ctx;
	struct message_module_state state;
	struct bytes json = { 0 };
	struct error err = { 0 };

	if (message_read(message, MESSAGE_MODULE_STATE, &state, &err) < 0 ||
	    write_state(&state, &json, &err) < 0) {
		bytes_free(&json);
		peer_refuse(asking->peer, asking->id, &err);
	} else {
		queries_reply(asking->peer, asking->id, 200, &json);
	}
	free(asking);
}

static bool
find_action(const struct message_request *request,
    enum module_action *ret_action)
{
	static const struct {
		const char *method, *path;
		enum module_action action;
	} actions[] = {
		{ "GET", "/v1/module", MODULE_SHOW },
		{ "POST", "/v1/module:selftest", MODULE_SELFTEST },
		{ "POST", "/v1/module:zeroise", MODULE_ZEROISE },
	};

	for (size_t i = 0; i < ARRAY_LEN(actions); i++)
		if (text_equal(request->method, actions[i].method) &&
		    text_equal(request->path, actions[i].path)) {
			*ret_action = actions[i].action;
			return true;
		}
	return false;
}

static void
log_asked(const struct asking *asking)
{
	struct log_line line;

	log_begin(&line, &asking->spool->env->log, LOG_LEVEL_NOTICE,
	    "module.asked");
	log_text(&line, "action",
	    asking->action == MODULE_ZEROISE ? "zeroise" : "selftest");
	log_end(&line);
}

bool
module_requests_answer(struct spool *spool, struct peer *peer, uint32_t id,
    const struct message_request *request)
{
	struct message_module ask = { .programs = blob_of(NULL, 0) };
	struct asking *asking;
	enum module_action action;
	struct error err = { 0 };

	if (!find_action(request, &action))
		return false;
	asking = calloc(1, sizeof(*asking));
	if (asking == NULL) {
		error_set_memory(&err);
		peer_refuse(peer, id, &err);
		return true;
	}
	*asking = (struct asking){ spool, peer, id, action };
	ask.action = (uint8_t)action;
	if (action != MODULE_SHOW)
		log_asked(asking);
	if (peer_ask(spool->keeper, MESSAGE_MODULE, &ask, -1, on_state, asking,
		NULL, &err) < 0) {
		peer_refuse(peer, id, &err);
		free(asking);
	}
	return true;
}

/* ---- the release ------------------------------------------------------- */

static void
on_told(void *ctx, struct ipc_message *message)
{
	struct spool *spool = ctx;
	struct message_module_state state;
	struct error err = { 0 };

	if (message_read(message, MESSAGE_MODULE_STATE, &state, &err) < 0)
		log_failure(&spool->env->log, LOG_LEVEL_WARNING,
		    "module.release", &err);
}

/* The digests of files that are called yizhan. */
static void
put_programs(const struct bulletin *release, struct bytes *to)
{
	const struct json_value *files =
	    json_value_member(release->body, "files");

	for (size_t i = 0; i < json_value_count(files); i++) {
		const struct json_value *file = json_value_item(files, i);
		const char *path =
		    json_value_text(json_value_member(file, "path"));
		const char *sha256 =
		    json_value_text(json_value_member(file, "sha256"));
		struct digest digest;

		if (path != NULL && sha256 != NULL &&
		    (text_equal(path, "yizhan") ||
			text_ends(path, "/yizhan")) &&
		    digest_parse(sha256, &digest))
			bytes_put(to, digest.bytes, sizeof(digest.bytes));
	}
}

void
module_requests_tell_release(struct spool *spool)
{
	const struct bulletin *release =
	    bulletins_in_force(spool->bulletins, BULLETIN_RELEASE, "");
	struct message_module tell = { .action = MODULE_RELEASE };
	struct bytes programs = { 0 };
	struct error err = { 0 };

	if (release == NULL || release->serial == spool->release_told)
		return;
	put_programs(release, &programs);
	tell.programs = blob_of_bytes(&programs);
	tell.is_ours =
	    text_equal(json_value_text(
			   json_value_member(release->body, "version")),
		YIZHAN_VERSION);
	if (bytes_failed(&programs, &err) == 0 &&
	    peer_ask(spool->keeper, MESSAGE_MODULE, &tell, -1, on_told, spool,
		NULL, &err) == 0)
		spool->release_told = release->serial;
	bytes_free(&programs);
}
