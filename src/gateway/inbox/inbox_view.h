/*
 * Of which received letters somebody sees anything: those of their
 * organisation and its units, and, for a person of a unit whose organisation
 * wants it so, of these only what was assigned (分文) to the unit or to them.
 */
#ifndef GATEWAY_INBOX_VIEW_H
#define GATEWAY_INBOX_VIEW_H

#include <stdbool.h>
#include <stdint.h>

#include "model/org.h"
#include "role/message.h"

struct inbox_row;

struct inbox_view {
	char scope[ORG_TEXT_SIZE]; /* of whom; "": of all */
	bool is_limited;
	char unit[MESSAGE_UNIT_SIZE];
	int64_t person;
};

/* Whoever asks; admitted already. */
struct inbox_view inbox_view_of(const struct message_request *request);

bool inbox_view_shows(const struct inbox_view *view,
    const struct inbox_row *row);

#endif
