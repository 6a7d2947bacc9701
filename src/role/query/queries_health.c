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
#include "role/query/query_links.h"
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

void
queries_write_check(struct json_writer *writer, const char *name, bool is_good,
    const char *text)
{
	json_write_begin_object(writer, NULL);
	json_write_text(writer, "name", name);
	json_write_text(writer, "state", is_good ? "ok" : "failed");
	json_write_text(writer, "text", text);
	json_write_end(writer);
}

void
queries_write_warning(struct json_writer *writer, const char *name,
    const char *id, const char *text)
{
	json_write_begin_object(writer, NULL);
	json_write_text(writer, "name", name);
	json_write_text(writer, "state", "warning");
	json_write_text(writer, "text", text);
	json_write_text(writer, "code", id);
	json_write_end(writer);
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
	queries_write_check(writer, "store", queries->view != NULL,
	    queries->view != NULL ? "open" : "not there yet");
	queries_write_check(writer, "directory", directory != NULL,
	    directory != NULL ? "known" : "not known yet");
	queries_write_check(writer, "timestamp", text_equal(grade, "fresh"),
	    grade);
	query_links_write(queries->links, writer);
	if (queries->tier->write_checks != NULL && queries->view != NULL)
		queries->tier->write_checks(queries, writer);
	if (queries->view != NULL && directory != NULL)
		queries_write_certificates_check(queries, writer);
	json_write_end(writer);
	json_write_end(writer);
}

void
queries_write_state(struct queries *queries, struct json_writer *writer,
    const char *name, queries_state_fn state)
{
	struct bytes text = { 0 };
	struct error err = { 0 };
	bool is_good = false;

	if (state(store_view_rows(queries->view), role_env_now(queries->env),
		&is_good, &text, &err) < 0) {
		bytes_clear(&text);
		bytes_put_text(&text, err.text);
	}
	bytes_put_u8(&text, '\0');
	if (!text.failed)
		queries_write_check(writer, name, is_good,
		    (const char *)text.data);
	bytes_free(&text);
}
