/* What the cases that wait for bulletins would change in them. */
#include "base/error.h"
#include "base/text.h"
#include "directory/registration.h"
#include "json/json_write.h"
#include "management/casework_effect.h"
#include "management/casework_query_internal.h"
#include "management/casework_rows.h"
#include "role/query/queries.h"

struct changes {
	struct casework_read *asked;
	const char *wanted; /* one case, or "" for all */
};

static int
put_changes(struct changes *changes, const struct casework_case *file,
    const char *effect, struct error *err)
{
	struct casework_read *asked = changes->asked;
	struct registration registration = { .has_host = false };
	struct casework_facts facts = { .directory = queries_directory(
					    asked->casework->queries),
		.now_ms = asked->now_ms };
	struct bytes content = { 0 };
	struct bytes json = { 0 };
	struct digest digest;
	int rc = casework_find_request(asked->rows, file->number, &digest,
	    &content, err);

	if (rc > 0) {
		rc = registration_decode(content.data, content.len,
		    &registration, err);
		facts.registration = &registration;
	}
	if (rc == 0)
		rc = casework_effect_put(file, effect, &facts, &json, err);
	if (rc == 0) {
		json_write_begin_object(asked->writer, NULL);
		json_write_text(asked->writer, "case", file->id);
		json_write_text(asked->writer, "effect", effect);
		json_write_raw(asked->writer, "changes", json.data, json.len);
		json_write_end(asked->writer);
	}
	bytes_free(&json);
	bytes_free(&content);
	registration_free(&registration);
	return rc;
}

/* One that cannot be made must not keep the others back. */
static void
put_failure(struct casework_read *asked, const struct casework_case *file,
    const char *effect, const struct error *failure)
{
	json_write_begin_object(asked->writer, NULL);
	json_write_text(asked->writer, "case", file->id);
	json_write_text(asked->writer, "effect", effect);
	json_write_begin_array(asked->writer, "changes");
	json_write_end(asked->writer);
	json_write_text(asked->writer, "failed", failure->text);
	json_write_end(asked->writer);
}

static int
visit_case(void *ctx, const char *id, struct error *err)
{
	struct changes *changes = ctx;
	struct casework_read *asked = changes->asked;
	struct casework_case file = { .number = 0 };
	struct error failure = { 0 };
	const char *effect;

	if (changes->wanted[0] != '\0' && !text_equal(changes->wanted, id))
		return 0;
	if (casework_load(asked->rows, asked->casework->library, id, &file,
		err) < 0)
		return -1;
	effect = file.definition->states[file.status.state].effect;
	if (effect[0] != '\0' && !casework_effect_is_ours(effect) &&
	    put_changes(changes, &file, effect, &failure) < 0) {
		if (changes->wanted[0] != '\0') {
			*err = failure;
			casework_case_free(&file);
			return -1;
		}
		put_failure(asked, &file, effect, &failure);
	}
	casework_case_free(&file);
	return 0;
}

int
casework_read_changes(struct casework_read *asked, struct error *err)
{
	struct changes changes = { asked, casework_read_param(asked, "case") };

	json_write_begin_object(asked->writer, NULL);
	json_write_begin_array(asked->writer, "cases");
	if (casework_each_waiting(asked->rows, visit_case, &changes, err) < 0)
		return -1;
	json_write_end(asked->writer);
	json_write_end(asked->writer);
	return 0;
}
