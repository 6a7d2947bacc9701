#include "bulletin/root.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "bulletin/root_internal.h"
#include "json/json_decode.h"
#include "json/json_write.h"

static int
malformed(struct error *err, const char *what)
{
	return error_set_id(err, "E7001", ERROR_MALFORMED,
	    "root bulletin: stampers: %s", what);
}

/* As it stands in the bulletin. */
struct stamper_text {
	char name[ROOT_AUTHORITY_SIZE];
	const struct json_value *certificate;
	int64_t until_ms;
};

static int
decode(const struct json_value *value, struct stamper_text *to,
    struct error *err)
{
	static const struct json_field fields[] = {
		{ .name = "name",
		    .kind = JSON_FIELD_TEXT,
		    .offset = offsetof(struct stamper_text, name),
		    .size = ROOT_AUTHORITY_SIZE },
		{ .name = "certificate",
		    .kind = JSON_FIELD_VALUE,
		    .offset = offsetof(struct stamper_text, certificate) },
		{ .name = "until",
		    .kind = JSON_FIELD_TIME,
		    .offset = offsetof(struct stamper_text, until_ms),
		    .optional = true },
	};

	if (json_decode_value(value, fields, ARRAY_LEN(fields), to, err) < 0)
		return malformed(err, "not of their format");
	if (to->name[0] == '\0' || json_value_text(to->certificate) == NULL)
		return malformed(err, "one without name or certificate");
	return 0;
}

int
root_take_stamper(const struct json_value *value, size_t index, void *field,
    struct error *err)
{
	struct root *root = field;
	struct stamper_text text = { .until_ms = 0 };
	struct root_stamper *stamper;

	if (index >= ROOT_STAMPERS_MAX)
		return malformed(err, "too many");
	if (decode(value, &text, err) < 0)
		return -1;
	for (size_t i = 0; i < root->stamper_count; i++)
		if (text_equal(root->stampers[i].name, text.name))
			return malformed(err, "one twice");
	if (root->stampers == NULL)
		root->stampers =
		    calloc(ROOT_STAMPERS_MAX, sizeof(*root->stampers));
	if (root->stampers == NULL)
		return error_set_memory(err);
	stamper = &root->stampers[root->stamper_count++];
	memcpy(stamper->name, text.name, sizeof(stamper->name));
	stamper->until_ms = text.until_ms;
	return root_parse_der(json_value_text(text.certificate),
	    &stamper->certificate, err);
}

void
root_encode_stampers(const struct root *root, struct json_writer *writer)
{
	if (root->stamper_count == 0)
		return;
	json_write_begin_array(writer, "stampers");
	for (size_t i = 0; i < root->stamper_count; i++) {
		const struct root_stamper *stamper = &root->stampers[i];

		json_write_begin_object(writer, NULL);
		json_write_text(writer, "name", stamper->name);
		json_write_base64(writer, "certificate",
		    stamper->certificate.data, stamper->certificate.len);
		if (stamper->until_ms != 0)
			json_write_time(writer, "until", stamper->until_ms);
		json_write_end(writer);
	}
	json_write_end(writer);
}

bool
root_stamper_counts(const struct root_stamper *stamper, int64_t at_ms)
{
	return stamper->until_ms == 0 || at_ms <= stamper->until_ms;
}
