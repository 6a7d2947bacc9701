/* A table is read, its problems stay within it, and its edits go round. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "directory/address_book.h"
#include "directory/directory_prepare.h"
#include "json/json_read.h"
#include "json/json_write.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void
go_round(const struct address_book *book)
{
	struct json_document *document = NULL;
	struct address_book back = { .count = 0 };
	struct bytes json = { 0 };
	struct json_writer writer = json_writer_to(&json);
	struct error err = { 0 };

	json_write_begin_object(&writer, NULL);
	directory_edits_write(book, &writer);
	json_write_end(&writer);
	if (json_write_done(&writer, &err) < 0 ||
	    json_read(json.data, json.len, json.len, &document, &err) < 0 ||
	    directory_edits_read(json_root(document), &back, &err) < 0)
		abort();
	if (back.count != book->count)
		abort();
	for (size_t i = 0; i < back.count; i++)
		if (!org_code_equal(&back.edits[i].code, &book->edits[i].code))
			abort();
	address_book_free(&back);
	json_document_free(document);
	bytes_free(&json);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct address_book book = { .count = 0 };
	struct error err = { 0 };
	size_t lines = 1;

	if (address_book_read(data, len, &book, &err) < 0)
		return 0;
	for (size_t i = 0; i < len; i++)
		lines += data[i] == '\n';
	if (book.count > lines)
		abort();
	for (size_t i = 0;
	     i < book.problem_count && i < ADDRESS_BOOK_PROBLEMS_MAX; i++)
		if (book.problems[i].line == 0 || book.problems[i].line > lines)
			abort();
	go_round(&book);
	address_book_free(&book);
	return 0;
}
