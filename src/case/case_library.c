#include "case/case_library.h"

#include <stdlib.h>

#include "base/error.h"
#include "base/text.h"

struct case_library {
	struct case_definition *definitions;
	size_t count;
};

static int
read_one(struct case_library *library, const struct case_text *text,
    struct error *err)
{
	struct case_definition *definition =
	    &library->definitions[library->count];
	struct case_findings *findings = calloc(1, sizeof(*findings));
	int rc = 0;

	if (findings == NULL)
		return error_set_memory(err);
	if (case_definition_read(text->text, text->len, definition, findings) <
	    0)
		rc = error_set(err, ERROR_MALFORMED, "%s:%d: %s", text->file,
		    findings->items[0].line, findings->items[0].text);
	else if (case_library_find(library, definition->name) != NULL)
		rc = error_set(err, ERROR_MALFORMED, "%s: %s is there already",
		    text->file, definition->name);
	free(findings);
	library->count += rc == 0;
	return rc;
}

int
case_library_new(struct case_library **ret_library, struct error *err)
{
	struct case_library *library = calloc(1, sizeof(*library));

	if (library == NULL)
		return error_set_memory(err);
	library->definitions =
	    calloc(case_text_count + 1, sizeof(*library->definitions));
	if (library->definitions == NULL) {
		case_library_free(library);
		return error_set_memory(err);
	}
	for (size_t i = 0; i < case_text_count; i++) {
		if (read_one(library, &case_texts[i], err) == 0)
			continue;
		case_library_free(library);
		return -1;
	}
	*ret_library = library;
	return 0;
}

void
case_library_free(struct case_library *library)
{
	if (library == NULL)
		return;
	free(library->definitions);
	free(library);
}

size_t
case_library_count(const struct case_library *library)
{
	return library->count;
}

const struct case_definition *
case_library_at(const struct case_library *library, size_t index)
{
	return &library->definitions[index];
}

const struct case_definition *
case_library_find(const struct case_library *library, const char *name)
{
	for (size_t i = 0; i < library->count; i++)
		if (text_equal(library->definitions[i].name, name))
			return &library->definitions[i];
	return NULL;
}
