#include "envelope/envelope_field.h"

#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "json/json_decode.h"
#include "json/json_write.h"
#include "model/digest.h"

bool
envelope_field_name(const char *text, void *field)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyz0123456789-";

	return text[0] != '\0' && strspn(text, allowed) == strlen(text) &&
	    text_copy(field, ENVELOPE_NAME_SIZE, text);
}

void
envelope_field_write_digest(struct json_writer *writer, const char *key,
    const struct digest *digest)
{
	static const struct digest none;

	if (digest_equal(digest, &none))
		json_write_text(writer, key, "");
	else
		json_write_digest(writer, key, digest);
}

int
envelope_field_decode(const void *json, size_t len, size_t max,
    const struct json_field *fields, size_t count, const char *id,
    const char *what, void *out, struct error *err)
{
	struct error why = { 0 };

	if (json_decode(json, len, max, fields, count, out, &why) == 0)
		return 0;
	*err = why;
	if (why.code == ERROR_MALFORMED)
		error_set_id(err, id, ERROR_MALFORMED, "%s: %s", what,
		    why.text);
	return -1;
}
