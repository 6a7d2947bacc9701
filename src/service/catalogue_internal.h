/*
 * Between catalogue.c and the table that scripts/make-catalogue writes.
 */
#ifndef SERVICE_CATALOGUE_INTERNAL_H
#define SERVICE_CATALOGUE_INTERNAL_H

#include "service/catalogue.h"

/* Sorted by id. */
extern const struct message catalogue_table[];
extern const size_t catalogue_table_count;

#endif
