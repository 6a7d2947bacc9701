/* Making and revoking tokens of document systems. */
#include "base/text.h"
#include "json/json_read.h"
#include "json/json_write.h"
#include "role/people/people_admit.h"
#include "role/people/people_internal.h"

enum { TOKEN_DAYS = 365, TOKEN_DAYS_MAX = 400 };

static const int64_t day_ms = (int64_t)24 * 3600 * 1000;

static int
read_scopes(const struct people_op *op, unsigned *ret_scopes, struct error *err)
{
	const struct json_value *list = people_member(op, "scopes");
	size_t count = json_value_count(list);

	*ret_scopes = 0;
	for (size_t i = 0; json_value_is_array(list) && i < count; i++) {
		const char *name = json_value_text(json_value_item(list, i));
		enum access_scope scope;

		if (name == NULL || !access_scope_parse(name, &scope))
			return people_bad(err, "scopes",
			    "of read, send, receive, events, webhooks, "
			    "metrics");
		*ret_scopes |= 1u << scope;
	}
	return *ret_scopes != 0 ? 0
				: people_bad(err, "scopes", "a list of some");
}

int
people_add_token(struct people_op *op, struct error *err)
{
	struct json_writer writer = json_writer_to(&op->json);
	char secret[2 * PEOPLE_SECRET_LEN + 5];
	struct token token = { 0 };
	int64_t days;

	if (people_read_name(op, token.name, err) < 0 ||
	    people_read_organisation(op, &token.organisation, err) < 0 ||
	    read_scopes(op, &token.scopes, err) < 0 ||
	    people_read_number(op, "days", TOKEN_DAYS_MAX, TOKEN_DAYS, &days,
		err) < 0 ||
	    people_make_secret("yzt_", PEOPLE_SECRET_LEN, secret,
		sizeof(secret), &token.hash, err) < 0)
		return -1;
	text_copy_len(token.prefix, sizeof(token.prefix), secret,
	    sizeof(token.prefix) - 1);
	token.ends_at = people_now(op) + days * day_ms;
	if (token_add(people_rows(op), &token, people_now(op), err) < 0)
		return -1;
	op->status = 201;
	json_write_begin_object(&writer, NULL);
	json_write_int(&writer, "id", token.row);
	json_write_text(&writer, "name", token.name);
	json_write_text(&writer, "token", secret);
	json_write_text(&writer, "prefix", token.prefix);
	json_write_org(&writer, "organisation", &token.organisation);
	json_write_time(&writer, "expires_at", token.ends_at);
	json_write_end(&writer);
	return json_write_done(&writer, err);
}

int
people_revoke_token(struct people_op *op, struct error *err)
{
	struct json_writer writer = json_writer_to(&op->json);
	struct token token;
	int found = token_find(people_rows(op), op->row, &token, err);

	if (found > 0 &&
	    !people_may_see(op->request.scope, token.organisation.text))
		found = 0;
	if (found == 0)
		return error_set(err, ERROR_NOT_FOUND, "no token %lld",
		    (long long)op->row);
	if (found < 0 ||
	    token_revoke(people_rows(op), token.row, people_now(op), err) < 0)
		return -1;
	json_write_begin_object(&writer, NULL);
	json_write_int(&writer, "id", token.row);
	json_write_text(&writer, "prefix", token.prefix);
	json_write_bool(&writer, "revoked", true);
	json_write_end(&writer);
	return json_write_done(&writer, err);
}
