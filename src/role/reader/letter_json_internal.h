/*
 * A decoder of JSON objects into structs of the document model: as
 * json/json_decode.h, but into a pool, and with all faults told at once, each
 * with its path.  Only letter_json*.c include this.
 */
#ifndef ROLE_LETTER_JSON_INTERNAL_H
#define ROLE_LETTER_JSON_INTERNAL_H

#include <stddef.h>

#include "json/json_read.h"

struct findings;
struct pool;

enum letter_field_kind {
	LETTER_FIELD_TEXT, /* const char * */
	LETTER_FIELD_DATE, /* the same; 2026-11-20 becomes 中華民國115年... */
	LETTER_FIELD_TEXTS, /* const char *const *, and its count */
	LETTER_FIELD_FILES, /* struct document_file *: their names */
	LETTER_FIELD_BOOL,  /* bool */
	LETTER_FIELD_CODE,  /* struct org_code; a finding of the maker if bad */
	LETTER_FIELD_NUMBER, /* int */
	LETTER_FIELD_WORD,   /* int: the position in `words` */
	LETTER_FIELD_LIST,   /* pointer to structs of `size`, and its count */
	LETTER_FIELD_OBJECT, /* pointer to one struct of `size`, or NULL */
};

struct letter_field {
	const char *name;
	enum letter_field_kind kind;
	size_t offset;
	size_t count_offset;
	size_t size;
	const char *const *words; /* ends with NULL */
	const struct letter_shape *shape;
};

struct letter_shape {
	const struct letter_field *fields;
	size_t count;
};

enum { LETTER_PATH_SIZE = 512 };

struct letter_reader {
	struct pool *pool;         /* not ours */
	struct findings *findings; /* not ours */
	char path[LETTER_PATH_SIZE];
};

/* A finding (E2175) at the path at hand. */
void letter_reader_report(struct letter_reader *reader, const char *argument);

/* Fill in `out`: its texts become "" where no member stands. */
void letter_reader_object(struct letter_reader *reader,
    const struct json_value *value, const struct letter_shape *shape,
    void *out);

#endif
