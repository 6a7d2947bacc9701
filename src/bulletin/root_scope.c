#include "bulletin/root.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "bulletin/root_internal.h"
#include "json/json_decode.h"
#include "json/json_write.h"

enum { SCOPES_MAX = 64 };

static int
malformed(struct error *err, const char *what)
{
	return error_set_id(err, "E7001", ERROR_MALFORMED,
	    "root bulletin: scopes: %s", what);
}

/* `{"certificate","supervises":"<code or empty>","serves":"<center or empty>"}` */
static int
decode(const struct json_value *value, struct root_scope *to, struct error *err)
{
	static const struct json_field fields[] = {
		{ .name = "certificate",
		    .kind = JSON_FIELD_DIGEST,
		    .offset = offsetof(struct root_scope, certificate) },
		{ .name = "supervises",
		    .kind = JSON_FIELD_ORG,
		    .offset = offsetof(struct root_scope, scope) +
			offsetof(struct scope, organisation),
		    .may_empty = true },
		{ .name = "serves",
		    .kind = JSON_FIELD_TEXT,
		    .offset = offsetof(struct root_scope, scope) +
			offsetof(struct scope, center),
		    .size = SCOPE_CENTER_SIZE },
	};
	bool supervises, serves;

	if (json_decode_value(value, fields, 3, to, err) < 0)
		return malformed(err, "not of their format");
	supervises = to->scope.organisation.text[0] != '\0';
	serves = to->scope.center[0] != '\0';
	if (supervises == serves)
		return malformed(err, "one of supervises and serves");
	to->scope.kind = supervises ? SCOPE_SUPERVISED : SCOPE_SERVED;
	return 0;
}

int
root_take_scope(const struct json_value *value, size_t index, void *field,
    struct error *err)
{
	struct root *root = field;
	struct root_scope scope = { .scope = { .kind = SCOPE_ALL } };
	struct root_scope *scopes;

	if (index >= SCOPES_MAX)
		return malformed(err, "too many");
	if (decode(value, &scope, err) < 0)
		return -1;
	if (root_scope_of(root, &scope.certificate) != NULL)
		return malformed(err, "a certificate twice");
	scopes = realloc(root->scopes, (index + 1) * sizeof(*scopes));
	if (scopes == NULL)
		return error_set_memory(err);
	root->scopes = scopes;
	scopes[index] = scope;
	root->scope_count = index + 1;
	return 0;
}

int
root_check_scopes(const struct root *root, struct error *err)
{
	for (size_t i = 0; i < root->scope_count; i++)
		if (root_certificate(root, &root->scopes[i].certificate) ==
		    NULL)
			return malformed(err,
			    "of a certificate that is not there");
	return 0;
}

void
root_encode_scopes(const struct root *root, struct json_writer *writer)
{
	if (root->scope_count == 0)
		return;
	json_write_begin_array(writer, "scopes");
	for (size_t i = 0; i < root->scope_count; i++) {
		const struct root_scope *scope = &root->scopes[i];

		json_write_begin_object(writer, NULL);
		json_write_digest(writer, "certificate", &scope->certificate);
		json_write_text(writer, "supervises",
		    scope->scope.organisation.text);
		json_write_text(writer, "serves", scope->scope.center);
		json_write_end(writer);
	}
	json_write_end(writer);
}

const struct scope *
root_scope_of(const struct root *root, const struct digest *fingerprint)
{
	for (size_t i = 0; i < root->scope_count; i++)
		if (digest_equal(&root->scopes[i].certificate, fingerprint))
			return &root->scopes[i].scope;
	return NULL;
}
