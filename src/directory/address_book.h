/*
 * The published address book (地址簿) as lines of code, tab and name: where the
 * demo's organisations come from, and a first import of a real one.
 */
#ifndef DIRECTORY_ADDRESS_BOOK_H
#define DIRECTORY_ADDRESS_BOOK_H

#include <stddef.h>

#include "base/attr.h"
#include "model/org.h"
#include "model/standing.h"

struct error;

/* Take one line; `name` is not ended by a NUL. */
typedef int (*address_book_fn)(void *context, const struct org_code *code,
    const char *name, size_t name_len, struct error *err);

/*
 * Visit each line in turn; a last one may lack its line end, a line may end
 * with CR LF, and empty ones are passed over.  Stops at the first -1 of
 * `visit`.  ERROR_MALFORMED names the line that is not of this form.
 */
int address_book_read(const char *text, size_t len, address_book_fn visit,
    void *context, struct error *err) MUST_CHECK;

/* What the shape of a code says: firms EB, groups and schools XC, the rest. */
enum org_kind address_book_kind(const struct org_code *code);

#endif
