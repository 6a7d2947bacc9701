/*
 * The role printer is a program of its own (src/printer/).  Where it is missing
 * or of another version, letters go on, and whoever wants to see one is told.
 */
#ifndef ROLE_NO_PRINTER_H
#define ROLE_NO_PRINTER_H

#include <stdbool.h>

struct error;
struct role_env;

/*
 * Become the program beside this one; `argv`: the role's name and the words
 * behind it.  Returns when that is not possible.
 */
void no_printer_leave(char *const argv[]);

/* True if this program is of the version that `word` names. */
bool no_printer_is_ours(const char *word);

/* Be a printer that refuses (E2299). */
int no_printer_start(struct role_env *env, struct error *err);

#endif
