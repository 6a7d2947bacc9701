/*
 * Which names the files of a document may have.  Names come from foreign
 * entity declarations and go to foreign computers, Windows among them.
 */
#ifndef DOCUMENT_FILE_NAME_H
#define DOCUMENT_FILE_NAME_H

#include <stdbool.h>

enum { FILE_NAME_MAX = 255 };

/*
 * The rule that `name` breaks: "E2120" if it is empty, too long, a path, a
 * reserved name, or holds hidden characters; "E2121" if a double click would
 * start it as a program.  NULL if it is good.
 */
const char *file_name_broken_rule(const char *name);

/*
 * For names inside archives, part by part: false for a name that is harmless
 * as a folder or file; names that only packages keep for themselves are.
 */
bool file_name_is_unsafe_part(const char *part);

/* True if a double click would start it as a program. */
bool file_name_is_program(const char *name);

/* Compare as a file system that ignores the case of ASCII letters does. */
bool file_name_equal(const char *a, const char *b);

/* True if it ends in `extension`, such as ".sw", in any case. */
bool file_name_has_extension(const char *name, const char *extension);

#endif
