/*
 * How an organisation wants its letters received, kept in rows of its own, so
 * that one on a shared gateway decides for itself (R5.3.8).
 */
#ifndef GATEWAY_DESK_SETTINGS_H
#define GATEWAY_DESK_SETTINGS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "model/org.h"
#include "policy/receive_number.h"
#include "policy/receive_times.h"

struct error;
struct inbox_actor;
struct json_writer;
struct rows;

extern const char desk_settings_schema[];

struct desk_settings {
	struct org_code organisation; /* never a unit */
	bool is_limited; /* persons of a unit see what is assigned to it */
	char number_form[RECEIVE_NUMBER_FORM_SIZE];
	char times_text[RECEIVE_TIMES_TEXT_SIZE];
	struct receive_times times;
};

/* Of the organisation, or of its unit; the defaults when none were made. */
int desk_settings_find(struct rows *rows, const struct org_code *code,
    struct desk_settings *ret_settings, struct error *err) MUST_CHECK;

int desk_settings_save(struct rows *rows, const struct desk_settings *settings,
    const struct inbox_actor *actor, int64_t now, struct error *err) MUST_CHECK;

void desk_settings_write(const struct desk_settings *settings,
    struct json_writer *writer);

#endif
