/*
 * The role printer is a program of its own (src/printer/).  Where it is missing
 * or of another version, letters go on, and whoever wants to see one is told.
 */
#ifndef ROLE_NO_PRINTER_H
#define ROLE_NO_PRINTER_H

struct error;
struct role_env;

/* Be a printer that refuses (E2299). */
int no_printer_start(struct role_env *env, struct error *err);

#endif
