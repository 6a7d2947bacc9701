/*
 * The files of a document as they stand in a message, decoded for
 * document_check().
 */
#ifndef ROLE_CHECK_FILES_H
#define ROLE_CHECK_FILES_H

#include <stddef.h>

#include "base/attr.h"
#include "role/codec.h"

struct document_input;
struct error;
struct message_check_file;

/* Start it as `{ 0 }`; names must live as long as the inputs. */
struct check_files {
	struct message_check_file *files;
	struct document_input *inputs;
	size_t count;
};

/*
 * `list`: of struct message_check_file; must outlive the files.  Release them
 * in any case.
 */
int check_files_read(struct blob list, struct check_files *files,
    struct error *err) MUST_CHECK;
void check_files_free(struct check_files *files);

#endif
