/*
 * Roles that are programs of their own, beside this one: what they stand on is
 * not mapped into the others, nor the other way round
 * (docs/decisions/0005-printer-is-a-program.md, 0031-reader-is-a-program.md).
 */
#ifndef ROLE_PROGRAM_H
#define ROLE_PROGRAM_H

#include <stdbool.h>

/* The role reader, as its program calls it that is not of our version. */
#define PROGRAM_READER_HERE "reader-here"

/*
 * Become the program `name`; `argv`: the role's name and the words behind it.
 * It is told our version.  Returns when that is not possible.
 */
void program_leave(const char *name, char *const argv[]);

/* True if this program is of the version that `word` names. */
bool program_is_ours(const char *word);

#endif
