#include "role/query/queries_certificates.h"

#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "directory/directory.h"
#include "http/http_path.h"
#include "json/json_write.h"
#include "role/query/queries.h"
#include "role/status/card_registry.h"
#include "role/status/card_reports.h"
#include "role/status/status_rows.h"
#include "service/config.h"

enum { PAGE_MAX = 1000, TEXT_SIZE = 128, DAYS_MAX = 100000 };

/* What is asked for, and how far the answer is. */
struct asking {
	struct queries *queries;
	struct rows *rows; /* NULL where nobody is asked */
	const struct directory *directory;
	int64_t days; /* only what ends within, or is not good; -1: all */
	char after[ORG_TEXT_SIZE];
	size_t count;
};

/* A center's are those that it serves, a gateway's those it receives for. */
static bool
is_ours(const struct queries *queries, const struct directory_org *org)
{
	const struct config *config = queries->env->config;

	if (org->status == ORG_DISSOLVED)
		return false;
	if (config_has_kind(config, CONFIG_MANAGEMENT))
		return true;
	return text_equal(config_has_kind(config, CONFIG_CENTER) ? org->center
								 : org->host,
	    config->host.name);
}

/* What is known of a certificate here, beside what the directory says. */
struct known {
	struct status_row row;
	bool is_blocked; /* it was reported lost */
};

static int
find_known(const struct asking *asking, const struct directory_key *key,
    struct known *to, struct error *err)
{
	*to = (struct known){ .is_blocked = false };
	if (asking->rows == NULL)
		return 0;
	if (status_row_find(asking->rows, &key->fingerprint, &to->row, err) < 0)
		return -1;
	return card_reports_find(asking->rows, &key->fingerprint,
	    role_env_now(asking->queries->env), &to->is_blocked, err);
}

static void
write_time(struct json_writer *writer, const char *name, int64_t at)
{
	if (at == 0)
		json_write_text(writer, name, "");
	else
		json_write_time(writer, name, at);
}

static void
write_one(const struct directory_org *org, const struct directory_key *key,
    const struct known *known, int64_t now, struct json_writer *writer)
{
	const struct status_row *row = &known->row;
	const struct revocation *newest = &row->facts.newest;
	enum revocation_grade grade = revocation_grade(&row->facts, now);
	bool is_revoked = newest->state == REVOCATION_REVOKED;

	json_write_begin_object(writer, NULL);
	json_write_org(writer, "organisation", &org->code);
	json_write_text(writer, "name", org->name);
	json_write_text(writer, "use", key_use_name(key->use));
	json_write_text(writer, "state", key_state_name(key->state));
	json_write_digest(writer, "certificate", &key->fingerprint);
	json_write_time(writer, "not_after", key->not_after_ms);
	json_write_int(writer, "days_left",
	    revocation_days_left(key->not_after_ms, now));
	json_write_text(writer, "standing", revocation_grade_name(grade));
	write_time(writer, "revoked_at", is_revoked ? newest->revoked_at : 0);
	json_write_text(writer, "reason",
	    is_revoked ? revocation_reason_name(newest->reason) : "");
	write_time(writer, "answered_at", newest->this_update);
	write_time(writer, "asked_at", row->checked_at);
	json_write_text(writer, "failure", row->failure);
	json_write_bool(writer, "blocked", known->is_blocked);
	json_write_end(writer);
}

static int
write_keys(struct asking *asking, const struct directory_org *org,
    struct json_writer *writer, struct error *err)
{
	int64_t now = role_env_now(asking->queries->env);

	for (uint32_t i = 0; i < org->key_count; i++) {
		struct directory_key key =
		    directory_key_at(asking->directory, org, i);
		struct known known;

		if (find_known(asking, &key, &known, err) < 0)
			return -1;
		if (asking->days >= 0 && !known.is_blocked &&
		    revocation_days_left(key.not_after_ms, now) >
			asking->days &&
		    revocation_grade(&known.row.facts, now) <=
			REVOCATION_IS_GOOD)
			continue;
		write_one(org, &key, &known, now, writer);
		asking->count++;
	}
	return 0;
}

static int
read_target(struct asking *asking, const char *path, struct error *err)
{
	struct http_target target = { 0 };
	const char *days, *after;
	uint64_t number = 0;
	int rc = http_target_parse(path, strlen(path), &target, err);

	if (rc == 0) {
		days = http_target_param(&target, "days");
		after = http_target_param(&target, "after");
		if ((days != NULL &&
			!text_parse_u64(days, DAYS_MAX, &number)) ||
		    (after != NULL &&
			!text_copy(asking->after, sizeof(asking->after),
			    after)))
			rc = error_set_id(err, "E6204", ERROR_MALFORMED,
			    "days is a number, after a code");
		asking->days = days != NULL ? (int64_t)number : -1;
	}
	http_target_free(&target);
	return rc;
}

static int
begin(struct queries *queries, struct asking *asking, struct error *err)
{
	*asking = (struct asking){ .queries = queries, .days = -1 };
	asking->directory = queries_directory(queries);
	if (asking->directory == NULL)
		return error_set(err, ERROR_BUSY, "no directory yet");
	if (!config_has_kind(queries->env->config, CONFIG_MANAGEMENT))
		asking->rows = queries_rows(queries, err);
	return err->code == ERROR_NONE ? 0 : -1;
}

int
queries_write_certificates(struct queries *queries, const char *path,
    const char *scope, struct json_writer *writer, struct error *err)
{
	const char *next = "";
	struct asking asking;
	struct directory_org org;
	size_t count;

	if (begin(queries, &asking, err) < 0 ||
	    read_target(&asking, path, err) < 0)
		return -1;
	count = directory_org_count(asking.directory);
	json_write_begin_object(writer, NULL);
	json_write_begin_array(writer, "certificates");
	for (uint32_t i = 0; i < count && *next == '\0'; i++) {
		org = directory_org_at(asking.directory, i);
		if (!is_ours(queries, &org) ||
		    !text_starts(org.code.text, scope) ||
		    strcmp(org.code.text, asking.after) <= 0)
			continue;
		if (write_keys(&asking, &org, writer, err) < 0)
			return -1;
		if (asking.count >= PAGE_MAX)
			next = org.code.text;
	}
	json_write_end(writer);
	json_write_text(writer, "next", next);
	json_write_end(writer);
	return 0;
}

/* ---- GET /v1/cards ---------------------------------------------------- */

static int
write_cards_of(const struct directory *directory,
    const struct directory_org *org, struct rows *rows,
    struct json_writer *writer, struct error *err)
{
	for (uint32_t i = 0; i < org->key_count; i++) {
		struct directory_key key = directory_key_at(directory, org, i);

		if (key.use != KEY_SIGN)
			continue;
		json_write_begin_object(writer, NULL);
		json_write_digest(writer, "certificate", &key.fingerprint);
		json_write_org(writer, "organisation", &org->code);
		json_write_text(writer, "name", org->name);
		json_write_text(writer, "state", key_state_name(key.state));
		json_write_time(writer, "not_after", key.not_after_ms);
		if (card_registry_write(rows, &key.fingerprint, writer, err) <
		    0)
			return -1;
		json_write_end(writer);
	}
	return 0;
}

int
queries_write_cards(struct queries *queries, const char *scope,
    struct json_writer *writer, struct error *err)
{
	const struct directory *directory = queries_directory(queries);
	struct rows *rows = queries_rows(queries, err);
	bool is_whole =
	    config_has_kind(queries->env->config, CONFIG_MANAGEMENT);
	size_t count;

	if (rows == NULL)
		return -1;
	if (directory == NULL)
		return error_set(err, ERROR_BUSY, "no directory yet");
	json_write_begin_object(writer, NULL);
	json_write_begin_array(writer, "cards");
	count = directory_org_count(directory);
	/* Of the whole country management tells by GET /v1/certificates. */
	for (uint32_t i = 0; !is_whole && i < count; i++) {
		struct directory_org org = directory_org_at(directory, i);

		if (is_ours(queries, &org) &&
		    text_starts(org.code.text, scope) &&
		    write_cards_of(directory, &org, rows, writer, err) < 0)
			return -1;
	}
	json_write_end(writer);
	if (card_reports_write(rows, scope, writer, err) < 0)
		return -1;
	json_write_end(writer);
	return 0;
}

/* ---- GET /v1/health --------------------------------------------------- */

struct counts {
	size_t all, ending, over, revoked, blocked, unknown;
};

static int
count_keys(struct asking *asking, const struct directory_org *org,
    struct counts *to, struct error *err)
{
	int64_t now = role_env_now(asking->queries->env);

	for (uint32_t i = 0; i < org->key_count; i++) {
		struct directory_key key =
		    directory_key_at(asking->directory, org, i);
		int step = revocation_expiry_step(key.not_after_ms, now);
		enum revocation_grade grade;
		struct known known;

		if (key.state == KEY_REVOKED)
			continue;
		if (find_known(asking, &key, &known, err) < 0)
			return -1;
		grade = revocation_grade(&known.row.facts, now);
		to->blocked += known.is_blocked;
		to->all++;
		to->over += step == 0;
		to->ending += step > 0;
		to->revoked += grade == REVOCATION_IS_REVOKED;
		to->unknown += grade == REVOCATION_UNREACHABLE ||
		    grade == REVOCATION_STALE;
	}
	return 0;
}

void
queries_write_certificates_check(struct queries *queries,
    struct json_writer *writer)
{
	struct counts counts = { 0 };
	struct error err = { 0 };
	struct asking asking;
	char text[TEXT_SIZE];
	size_t count;

	/* Management has all of the country's; the API tells of them. */
	if (config_has_kind(queries->env->config, CONFIG_MANAGEMENT) ||
	    begin(queries, &asking, &err) < 0)
		return;
	count = directory_org_count(asking.directory);
	for (uint32_t i = 0; i < count; i++) {
		struct directory_org org =
		    directory_org_at(asking.directory, i);

		if (is_ours(queries, &org) &&
		    count_keys(&asking, &org, &counts, &err) < 0)
			return;
	}
	snprintf(text, sizeof(text),
	    "%zu here: %zu end within 90 days, %zu over, %zu revoked, %zu blocked, "
	    "%zu of unknown standing",
	    counts.all, counts.ending, counts.over, counts.revoked,
	    counts.blocked, counts.unknown);
	queries_write_check(queries, writer, "certificates",
	    counts.over + counts.revoked + counts.blocked == 0 ? QUERIES_OK
							       : QUERIES_FAILED,
	    "E6934", text);
}
