#include "http/http_form.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "http/http_path.h"

static int
malformed(struct error *err, const char *why)
{
	return error_set_id(err, "E6204", ERROR_MALFORMED, "form: %s", why);
}

/* Decode one part to `*to`, and go on behind it. */
static const char *
take(const char *data, size_t len, char **to)
{
	const char *text = *to;
	ssize_t decoded = http_path_decode(data, len, true, *to);

	if (decoded < 0)
		return NULL;
	*to += decoded + 1;
	return text;
}

static int
take_field(const char *data, size_t len, struct http_form *form, char **to,
    struct error *err)
{
	const char *equals = memchr(data, '=', len);
	size_t name_len = equals != NULL ? (size_t)(equals - data) : len;
	struct http_form_field field = { .value = "" };

	if (form->count == HTTP_FORM_FIELDS_MAX)
		return malformed(err, "too many fields");
	field.name = take(data, name_len, to);
	if (equals != NULL)
		field.value = take(equals + 1, len - name_len - 1, to);
	if (field.name == NULL || field.value == NULL)
		return malformed(err, "text that cannot be read");
	form->fields[form->count++] = field;
	return 0;
}

int
http_form_parse(const void *data, size_t len, struct http_form *ret_form,
    struct error *err)
{
	const char *at = data;
	const char *end = at + len;
	char *to;

	memset(ret_form, 0, sizeof(*ret_form));
	if (len > HTTP_FORM_MAX)
		return malformed(err, "too long");
	/* Each part is not longer than it was, and has a NUL. */
	ret_form->text = malloc(len + 2 * HTTP_FORM_FIELDS_MAX + 2);
	if (ret_form->text == NULL)
		return error_set_memory(err);
	to = ret_form->text;
	while (at < end) {
		const char *and = memchr(at, '&', (size_t)(end - at));
		size_t part = (size_t)((and != NULL ? and : end) - at);

		if (part > 0 && take_field(at, part, ret_form, &to, err) < 0) {
			http_form_free(ret_form);
			return -1;
		}
		at += part + 1;
	}
	return 0;
}

void
http_form_free(struct http_form *form)
{
	free(form->text);
	memset(form, 0, sizeof(*form));
}

const char *
http_form_value(const struct http_form *form, const char *name)
{
	for (size_t i = 0; i < form->count; i++)
		if (text_equal(form->fields[i].name, name))
			return form->fields[i].value;
	return "";
}
