/* What the files of bulletin/measures.h share. */
#ifndef BULLETIN_MEASURES_INTERNAL_H
#define BULLETIN_MEASURES_INTERNAL_H

#include "bulletin/measures.h"

/* ERROR_DENIED E7012 that says what a hold is beyond. */
int measures_beyond(struct error *err, const char *what, const char *id);

/* The end of a case, which lives with the measures; NULL when it has none. */
const struct restoration *measures_restoration(const struct measures *measures,
    const char *id);

#endif
