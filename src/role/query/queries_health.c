/*
 * GET /v1/health: named checks, those of every host and those of its tier.
 */
#include "role/query/queries.h"

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "directory/directory.h"
#include "json/json_write.h"
#include "model/standing.h"
#include "role/contents/directory_view.h"
#include "role/query/queries_certificates.h"
#include "role/query/queries_release.h"
#include "role/query/query_links.h"
#include "service/catalogue.h"
#include "service/config.h"
#include "store/store_view.h"

const char *
queries_grade(const struct queries *queries)
{
	const struct message_directory *serials =
	    directory_view_serials(queries->directory);

	return freshness_name(
	    freshness_grade(serials->fresh_at, role_env_now(queries->env)));
}

/* What it is, why, and what to do, in the language of who asks. */
static void
write_message(const struct queries *queries, struct json_writer *writer,
    const char *id)
{
	const struct message *message = catalogue_find(id);
	const struct message_text *text;

	if (message == NULL)
		return;
	text =
	    text_equal(queries->language, "en") ? &message->en : &message->zh;
	json_write_text(writer, "code", id);
	json_write_text(writer, "title", text->title);
	json_write_text(writer, "cause", text->cause);
	json_write_text(writer, "next", text->next);
}

void
queries_write_check(const struct queries *queries, struct json_writer *writer,
    const char *name, enum queries_check state, const char *id,
    const char *text)
{
	static const char *const states[] = { "ok", "warning", "failed" };

	json_write_begin_object(writer, NULL);
	json_write_text(writer, "name", name);
	json_write_text(writer, "state", states[state]);
	json_write_text(writer, "text", text);
	if (state != QUERIES_OK)
		write_message(queries, writer, id);
	json_write_end(writer);
}

static void
write_fact(const struct queries *queries, struct json_writer *writer,
    const char *name, bool is_good, const char *id, const char *text)
{
	queries_write_check(queries, writer, name,
	    is_good ? QUERIES_OK : QUERIES_FAILED, id, text);
}

bool
queries_is_ready(const struct queries *queries)
{
	return queries->view != NULL && queries_directory(queries) != NULL;
}

void
queries_write_health(struct queries *queries, struct json_writer *writer)
{
	const struct config *config = queries->env->config;
	const struct directory *directory = queries_directory(queries);
	const char *kind = config_has_kind(config, CONFIG_CENTER) ? "center"
	    : config_has_kind(config, CONFIG_GATEWAY)             ? "gateway"
						      : "management";
	const char *grade = queries_grade(queries);

	json_write_begin_object(writer, NULL);
	json_write_text(writer, "host", config->host.name);
	json_write_text(writer, "kind", kind);
	json_write_text(writer, "environment", config->host.environment);
	json_write_bool(writer, "ready", queries_is_ready(queries));
	json_write_begin_array(writer, "checks");
	write_fact(queries, writer, "store", queries->view != NULL, "E6930",
	    queries->view != NULL ? "open" : "not there yet");
	write_fact(queries, writer, "directory", directory != NULL, "E6931",
	    directory != NULL ? "known" : "not known yet");
	write_fact(queries, writer, "timestamp", text_equal(grade, "fresh"),
	    "E6932", grade);
	query_links_write(queries, writer);
	if (queries->tier->write_checks != NULL && queries->view != NULL)
		queries->tier->write_checks(queries, writer);
	if (queries->view != NULL && directory != NULL)
		queries_write_certificates_check(queries, writer);
	if (queries->view != NULL)
		queries_write_release_check(queries, writer);
	json_write_end(writer);
	json_write_end(writer);
}

void
queries_write_state(struct queries *queries, struct json_writer *writer,
    const char *name, queries_state_fn state)
{
	struct bytes text = { 0 };
	struct error err = { 0 };
	const char *id = "E6930";

	if (state(store_view_rows(queries->view), role_env_now(queries->env),
		&id, &text, &err) < 0) {
		bytes_clear(&text);
		bytes_put_text(&text, err.text);
		id = "E6930";
	}
	bytes_put_u8(&text, '\0');
	if (!text.failed)
		write_fact(queries, writer, name, id[0] == '\0', id,
		    (const char *)text.data);
	bytes_free(&text);
}
