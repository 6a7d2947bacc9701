/*
 * The message catalogue: what people read about a failure, in both languages,
 * and how it looks from outside (HTTP status, exit status).  Made at build
 * time from data/messages/catalogue.ini, whose entries are complete.
 */
#ifndef SERVICE_CATALOGUE_H
#define SERVICE_CATALOGUE_H

#include <stddef.h>

#include "base/error.h"

/* What happened, why, and what to do next; UTF-8, one line each. */
struct message_text {
	const char *title;
	const char *cause;
	const char *next;
};

struct message {
	char id[ERROR_ID_SIZE];
	enum error_code code;
	int status;      /* of the HTTP problem answer */
	int exit_status; /* of the command line, as in sysexits.h */
	struct message_text zh;
	struct message_text en;
};

/* The entry of an id such as "E1203"; NULL if there is none. */
const struct message *catalogue_find(const char *id);

/* The entry to show for a failure; never NULL. */
const struct message *catalogue_of_error(const struct error *err);

/* All entries, sorted by id. */
size_t catalogue_count(void);
const struct message *catalogue_at(size_t index);

#endif
