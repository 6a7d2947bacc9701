/*
 * Checks that all entries have in common; only directory_entry*.c include this.
 */
#ifndef DIRECTORY_ENTRY_INTERNAL_H
#define DIRECTORY_ENTRY_INTERNAL_H

#include <stdbool.h>

struct bytes;
struct error;

enum { ENTRY_DER_MAX = 16384 }; /* bytes of a certificate */

/* ERROR_MALFORMED E7020: what is wrong with `about`. */
int entry_malformed(struct error *err, const char *about, const char *what);

/* After json_decode_value() failed. */
int entry_explain(struct error *err, const char *about);

/*
 * One DER element and nothing more.  Whether it is a good certificate is asked
 * when it is used: decoding all of a country's would take too long here.
 */
bool entry_is_der(const struct bytes *bytes);

bool entry_is_host_name(const char *name);

#endif
