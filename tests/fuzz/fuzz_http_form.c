/*
 * Bodies of forms: what is accepted is text, and fits where it lies.
 */
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "http/http_form.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct error err = { 0 };
	struct http_form form;

	if (http_form_parse(data, len, &form, &err) < 0) {
		if (form.text != NULL)
			abort();
		return 0;
	}
	for (size_t i = 0; i < form.count; i++) {
		const char *value = form.fields[i].value;

		if (!text_is_utf8(value, strlen(value)) ||
		    strlen(value) + strlen(form.fields[i].name) > len ||
		    http_form_value(&form, form.fields[i].name) == NULL)
			abort();
	}
	http_form_free(&form);
	return 0;
}
