#include <arpa/inet.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "json/json_read.h"
#include "management/casework_effect.h"
#include "management/casework_internal.h"
#include "model/digest.h"
#include "policy/office.h"

enum { TEXT_MAX = 500, NAME_MAX_BYTES = 1000, ADDRESS_BYTES = 16 };

static bool
is_host(const char *text)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyz0123456789-";

	return text[0] != '\0' && strlen(text) < CASEWORK_HOST_SIZE &&
	    strspn(text, allowed) == strlen(text);
}

static bool
is_good(enum case_field_kind kind, const char *text)
{
	uint8_t address[ADDRESS_BYTES];
	struct digest digest;
	struct org_code code;
	unsigned offices;

	switch (kind) {
	case CASE_FIELD_ORGANISATION:
		return org_code_parse(text, &code);
	case CASE_FIELD_NAME:
		return strlen(text) <= NAME_MAX_BYTES;
	case CASE_FIELD_HOST:
		return is_host(text);
	case CASE_FIELD_ADDRESS:
		return inet_pton(AF_INET, text, address) == 1 ||
		    inet_pton(AF_INET6, text, address) == 1;
	case CASE_FIELD_CERTIFICATE:
		return digest_parse(text, &digest);
	case CASE_FIELD_OFFICES:
		/* Officers are whom the root names. */
		return office_parse_list(text, &offices) &&
		    (offices & 1u << OFFICE_OFFICER) == 0;
	case CASE_FIELD_TEXT:
	case CASE_FIELD_COUNT:
	default:
		return strlen(text) <= TEXT_MAX;
	}
}

static int
check_one(const char *key, const struct json_value *value, void *context,
    struct error *err)
{
	const struct case_definition *definition = context;
	int index = case_find_field(definition, key);
	const char *text = json_value_text(value);

	if (index == CASE_NONE)
		return error_set_id(err, "E7111", ERROR_MALFORMED,
		    "%s has no field %.40s", definition->name, key);
	if (text == NULL || text[0] == '\0' ||
	    !is_good(definition->fields[index].kind, text))
		return error_set_id(err, "E7111", ERROR_MALFORMED,
		    "%s is no %s", key,
		    case_field_kind_name(definition->fields[index].kind));
	return 0;
}

static int
copy_field(const struct json_value *fields,
    const struct case_definition *definition, int index, char *to, size_t size,
    struct error *err)
{
	if (index == CASE_NONE ||
	    text_copy(to, size,
		casework_field(fields, definition->fields[index].name)))
		return 0;
	return error_set_id(err, "E7111", ERROR_MALFORMED, "%s is too long",
	    definition->fields[index].name);
}

int
casework_check_fields(const struct json_value *fields,
    struct casework_case *file, struct error *err)
{
	const struct case_definition *definition = file->definition;
	struct bytes json = { 0 };

	if (!json_value_is_object(fields))
		return error_set_id(err, "E7111", ERROR_MALFORMED,
		    "fields is no object");
	if (json_value_each(fields, check_one, (void *)(uintptr_t)definition,
		err) < 0)
		return -1;
	for (int i = 0; i < definition->field_count; i++)
		if (definition->fields[i].is_required &&
		    json_value_member(fields, definition->fields[i].name) ==
			NULL)
			return error_set_id(err, "E7111", ERROR_MALFORMED,
			    "%s is missing", definition->fields[i].name);
	if (copy_field(fields, definition, definition->subject, file->subject,
		sizeof(file->subject), err) < 0 ||
	    copy_field(fields, definition, definition->organisation,
		file->organisation, sizeof(file->organisation), err) < 0 ||
	    copy_field(fields, definition, definition->center, file->center,
		sizeof(file->center), err) < 0 ||
	    json_value_put(fields, &json, err) < 0)
		return -1;
	bytes_put_u8(&json, '\0');
	if (bytes_failed(&json, err) < 0) {
		bytes_free(&json);
		return -1;
	}
	file->fields = (char *)json.data;
	return 0;
}
