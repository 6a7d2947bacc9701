#include "gateway/sending/settings.h"

#include "base/error.h"
#include "gateway/gateway.h"
#include "gateway/outbox/outbox_hold.h"
#include "gateway/sending/ask.h"
#include "json/json_write.h"
#include "service/config.h"
#include "store/query.h"
#include "store/rows.h"

const char sending_settings_schema[] =
    "CREATE TABLE sending_settings ("
    " organisation TEXT PRIMARY KEY, undo_s INTEGER NOT NULL,"
    " proofreading INTEGER NOT NULL)"
    " STRICT, WITHOUT ROWID;";

int
sending_settings_find(struct rows *rows, const struct config *config,
    const struct org_code *code, struct sending_settings *ret_settings,
    struct error *err)
{
	struct org_code organisation = org_code_parent(code);
	struct query *query;
	int found;

	*ret_settings =
	    (struct sending_settings){ .undo_s = config->sending.undo_s };
	if (query_begin(rows,
		"SELECT undo_s, proofreading FROM sending_settings"
		" WHERE organisation = ?1",
		&query, err) < 0)
		return -1;
	query_bind_text(query, 1, organisation.text);
	found = query_next(query, err);
	if (found > 0) {
		ret_settings->undo_s = query_int(query, 0);
		ret_settings->proofreading = query_int(query, 1) != 0;
	}
	query_end(query);
	return found < 0 ? -1 : 0;
}

int
sending_settings_write(struct rows *rows, const struct config *config,
    const struct org_code *code, struct json_writer *writer, struct error *err)
{
	struct org_code organisation = org_code_parent(code);
	struct sending_settings settings;

	if (sending_settings_find(rows, config, code, &settings, err) < 0)
		return -1;
	json_write_begin_object(writer, NULL);
	json_write_org(writer, "organisation", &organisation);
	json_write_int(writer, "undo_s", settings.undo_s);
	json_write_bool(writer, "proofreading", settings.proofreading);
	json_write_int(writer, "letter_bytes", config->limits.letter_bytes);
	json_write_int(writer, "recipients", config->limits.recipients);
	json_write_end(writer);
	return 0;
}

static int
save(struct rows *rows, const struct org_code *organisation,
    const struct sending_settings *settings, struct error *err)
{
	struct query *query;

	if (query_begin(rows,
		"INSERT OR REPLACE INTO sending_settings (organisation, undo_s,"
		" proofreading) VALUES (?1, ?2, ?3)",
		&query, err) < 0)
		return -1;
	query_bind_text(query, 1, organisation->text);
	query_bind_int(query, 2, settings->undo_s);
	query_bind_int(query, 3, settings->proofreading);
	return query_finish(query, err);
}

/* What the body does not name stays as it is. */
static int
change(struct sending_ask *ask, struct error *err)
{
	const struct config *config = ask->gateway->spool.env->config;
	struct rows *rows = sending_ask_rows(ask);
	struct sending_settings settings;
	struct org_code code, organisation;

	if (sending_ask_organisation(ask, &code, err) < 0 ||
	    sending_settings_find(rows, config, &code, &settings, err) < 0)
		return -1;
	organisation = org_code_parent(&code);
	if (sending_ask_member(ask, "undo_s") != NULL &&
	    (!json_value_integer(sending_ask_member(ask, "undo_s"),
		 &settings.undo_s) ||
		settings.undo_s < 0 || settings.undo_s > OUTBOX_HOLD_MAX_S))
		return error_set_id(err, "E6204", ERROR_MALFORMED,
		    "undo_s must be a number of seconds up to %d",
		    OUTBOX_HOLD_MAX_S);
	if (sending_ask_member(ask, "proofreading") != NULL &&
	    !json_value_bool(sending_ask_member(ask, "proofreading"),
		&settings.proofreading))
		return error_set_id(err, "E6204", ERROR_MALFORMED,
		    "proofreading must be true or false");
	if (save(rows, &organisation, &settings, err) < 0)
		return -1;
	return sending_settings_write(rows, config, &code, &ask->writer, err);
}

void
sending_settings_request(struct gateway *gateway, struct peer *peer,
    uint32_t id, const struct message_request *request)
{
	sending_ask_begin(gateway, peer, id, request, change);
}
