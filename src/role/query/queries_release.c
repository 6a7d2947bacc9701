#include "role/query/queries_release.h"

#include <assert.h>
#include <stdio.h>

#include "base/error.h"
#include "base/text.h"
#include "bulletin/bulletin.h"
#include "bulletin/draft.h"
#include "crypto/cert_cache.h"
#include "json/json_write.h"
#include "release/release.h"
#include "release/release_history.h"
#include "release/release_pool.h"
#include "role/query/queries.h"
#include "service/config.h"
#include "service/log.h"
#include "store/query.h"
#include "sys/file.h"
#include "sys/loop.h"

static_assert((int)QUERIES_CODE_SIZE >= (int)DRAFT_CODE_SIZE, "check code");

enum { CERTS = 16, WATCH_MS = 60 * 1000 };

static void
note(struct queries_release *known, const struct bulletin *bulletin,
    const struct release *release)
{
	draft_format_code(&release->code, known->code);
	snprintf(known->text, sizeof(known->text), "%s  %s", release->version,
	    known->code);
	text_copy(known->version, sizeof(known->version), release->version);
	text_copy(known->least, sizeof(known->least), release->least);
	known->serial = bulletin->serial;
	known->issued_at = bulletin->issued_ms;
	known->state = QUERIES_OK;
	if (version_compare(YIZHAN_VERSION, release->version) < 0)
		known->state = QUERIES_WARNING;
	if (release->least[0] != '\0' &&
	    version_compare(YIZHAN_VERSION, release->least) < 0)
		known->state = QUERIES_FAILED;
}

/* It was verified when it was stored; here what it says is wanted. */
static int
read_release(struct queries_release *known, const void *cms, size_t len,
    struct error *err)
{
	struct bulletin_signers signers;
	struct bulletin bulletin = { 0 };
	struct release release = { 0 };
	struct cert_cache *cache = NULL;
	int rc = -1;

	if (cert_cache_new(CERTS, &cache, err) < 0)
		return -1;
	if (bulletin_open(cache, cms, len, &bulletin, &signers, err) == 0 &&
	    release_read(bulletin.body, &release, err) == 0) {
		note(known, &bulletin, &release);
		rc = 0;
	}
	release_free(&release);
	bulletin_free(&bulletin);
	cert_cache_free(cache);
	return rc;
}

/* Once for each bulletin: 1 if there is one, 0, -1. */
static int
refresh(struct queries *queries, struct error *err)
{
	struct queries_release *known = &queries->release;
	struct rows *rows = queries_rows(queries, err);
	struct digest digest;
	struct query *query;
	const void *cms;
	size_t len;
	int more;

	if (rows == NULL ||
	    query_begin(rows,
		"SELECT digest, cms FROM bulletin WHERE type = ?1"
		" ORDER BY place DESC LIMIT 1",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, BULLETIN_RELEASE);
	more = query_next(query, err);
	if (more > 0) {
		query_digest(query, 0, &digest);
		if (!digest_equal(&digest, &known->digest)) {
			cms = query_data(query, 1, &len);
			more = read_release(known, cms, len, err) < 0 ? -1 : 1;
		}
		if (more > 0)
			known->digest = digest;
	}
	query_end(query);
	return more;
}

bool
queries_release_is_behind(struct queries *queries)
{
	struct error ignored = { 0 };

	return refresh(queries, &ignored) > 0 &&
	    queries->release.state != QUERIES_OK;
}

/* ---- what was refused ---------------------------------------------------- */

/* Commands write it beside the host, which may not have been asked at all. */
static int
read_alarm(struct queries *queries, struct release_alarm *ret_alarm,
    struct error *err)
{
	int dir = -1;
	int rc = release_pool_look(queries->env->config->host.data, &dir, err);

	if (rc > 0)
		rc = release_history_alarm(dir, ret_alarm, err);
	file_close(dir);
	return rc;
}

static void
log_alarm(struct queries *queries, const struct release_alarm *alarm)
{
	int64_t at = alarm != NULL ? alarm->at : 0;
	struct log_line line;

	if (at == queries->release.alarm_at)
		return;
	queries->release.alarm_at = at;
	log_begin(&line, &queries->env->log,
	    alarm != NULL ? LOG_LEVEL_ERROR : LOG_LEVEL_NOTICE,
	    alarm != NULL ? "E6938" : "release.verified");
	if (alarm != NULL) {
		log_text(&line, "version", alarm->version);
		log_text(&line, "text", alarm->detail);
	}
	log_end(&line);
}

int
queries_release_alarm(struct queries *queries, struct release_alarm *ret_alarm,
    struct error *err)
{
	int rc = read_alarm(queries, ret_alarm, err);

	if (rc >= 0)
		log_alarm(queries, rc > 0 ? ret_alarm : NULL);
	return rc;
}

static void
on_alarm_timer(void *ctx)
{
	struct release_alarm alarm;
	struct error ignored = { 0 };

	(void)(queries_release_alarm(ctx, &alarm, &ignored) < 0);
}

int
queries_release_watch(struct queries *queries, struct error *err)
{
	if (loop_timer_new(queries->env->loop, on_alarm_timer, queries,
		&queries->alarm_timer, err) < 0)
		return -1;
	loop_timer_repeat(queries->alarm_timer, WATCH_MS);
	return 0;
}

static void
write_alarm(struct queries *queries, struct json_writer *writer)
{
	struct release_alarm alarm;
	struct error err = { 0 };
	char text[sizeof(alarm.version) + sizeof(alarm.detail) + 2];
	int rc = queries_release_alarm(queries, &alarm, &err);

	if (rc < 0) {
		queries_write_check(queries, writer, "release-refused",
		    QUERIES_FAILED, "E6938", err.text);
		return;
	}
	if (rc > 0)
		snprintf(text, sizeof(text), "%s  %s", alarm.version,
		    alarm.detail);
	queries_write_check(queries, writer, "release-refused",
	    rc > 0 ? QUERIES_FAILED : QUERIES_OK, "E6938",
	    rc > 0 ? text : "nothing");
}

/* ---- the checks -------------------------------------------------------------- */

void
queries_write_release_check(struct queries *queries, struct json_writer *writer)
{
	struct error err = { 0 };
	int rc = refresh(queries, &err);

	write_alarm(queries, writer);

	if (rc < 0)
		queries_write_check(queries, writer, "release", QUERIES_FAILED,
		    "E7601", err.text);
	else if (rc > 0)
		queries_write_check(queries, writer, "release",
		    queries->release.state, "E7618", queries->release.text);
}

/* ---- GET /v1/release --------------------------------------------------------- */

static const char *
standing_of(const struct queries_release *known)
{
	if (known->state == QUERIES_FAILED)
		return "barred";
	if (known->state == QUERIES_WARNING)
		return "behind";
	return version_compare(YIZHAN_VERSION, known->version) > 0 ? "ahead"
								   : "current";
}

static void
write_in_force(const struct queries_release *known, struct json_writer *writer)
{
	json_write_begin_object(writer, "release");
	json_write_text(writer, "version", known->version);
	json_write_text(writer, "least", known->least);
	json_write_text(writer, "code", known->code);
	json_write_int(writer, "serial", (int64_t)known->serial);
	json_write_time(writer, "issued", known->issued_at);
	json_write_end(writer);
}

static void
write_refused(const struct release_alarm *alarm, struct json_writer *writer)
{
	json_write_begin_object(writer, "refused");
	json_write_time(writer, "at", alarm->at);
	json_write_text(writer, "version", alarm->version);
	json_write_text(writer, "text", alarm->detail);
	json_write_end(writer);
}

int
queries_write_release(struct queries *queries, struct json_writer *writer,
    struct error *err)
{
	struct release_alarm alarm;
	int has_release = refresh(queries, err);
	int is_alarm =
	    has_release < 0 ? -1 : queries_release_alarm(queries, &alarm, err);

	if (is_alarm < 0)
		return -1;
	json_write_begin_object(writer, NULL);
	json_write_text(writer, "running", YIZHAN_VERSION);
	json_write_text(writer, "standing",
	    has_release > 0 ? standing_of(&queries->release) : "none");
	if (has_release > 0)
		write_in_force(&queries->release, writer);
	else
		json_write_null(writer, "release");
	if (is_alarm > 0)
		write_refused(&alarm, writer);
	else
		json_write_null(writer, "refused");
	json_write_end(writer);
	return 0;
}
