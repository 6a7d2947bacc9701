/*
 * Which shared libraries a program says that it needs: the DT_NEEDED entries of
 * a 64-bit little-endian ELF file.  Nothing of the file is run or mapped: it is
 * read before anybody trusts it with more (T-REL-07).
 */
#ifndef RELEASE_ELF_NEEDED_H
#define RELEASE_ELF_NEEDED_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"

struct error;

enum { ELF_NEEDED_MAX = 512, ELF_FILE_MAX = 256 << 20 };

/* True if it begins as an ELF file does. */
bool elf_is(const void *data, size_t len);

typedef int (
    *elf_needed_fn)(void *context, const char *soname, struct error *err);

/*
 * Tell each of them until `tell` fails; none for a program that is linked
 * statically.  ERROR_MALFORMED E7607.
 */
int elf_needed(const void *data, size_t len, elf_needed_fn tell, void *context,
    struct error *err) MUST_CHECK;

#endif
