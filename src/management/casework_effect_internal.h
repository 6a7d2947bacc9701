/*
 * What the parts of casework_effect*.c share; only they include this.
 */
#ifndef MANAGEMENT_CASEWORK_EFFECT_INTERNAL_H
#define MANAGEMENT_CASEWORK_EFFECT_INTERNAL_H

#include <stdbool.h>

#include "directory/directory_entry.h"
#include "management/casework_effect.h"

struct directory_host;
struct directory_key;
struct directory_org;
struct json_writer;
struct org_code;

/* While the changes of one case are made. */
struct effect_making {
	const struct casework_case *file;
	const struct casework_facts *facts;
	const struct json_value *fields;
	struct json_writer *writer;
	struct error *err;
};

/* A field of the case; "" when it is missing. */
const char *effect_field(const struct effect_making *making, const char *name);

/* Refuse with E7118: "ABOUT WHAT". */
int effect_refuse(const struct effect_making *making, const char *about,
    const char *what);

/* One change of a bulletin: its entries come between the two. */
void effect_begin(const struct effect_making *making, const char *type,
    const char *name);
void effect_end(const struct effect_making *making, const char *removed);

/* A key as it is, but for the state. */
void effect_write_key(struct json_writer *writer,
    const struct directory_key *key, enum key_state state);

/* An entry that goes, with who takes over. */
void effect_write_dissolved(const struct effect_making *making,
    const struct directory_org *org, const struct org_code *successor);

/* The organisation that a field names, or a refusal. */
int effect_find_org(const struct effect_making *making, const char *name,
    bool is_active, struct directory_org *ret_org);

/* The host of that name, or false. */
bool effect_find_host(const struct effect_making *making, const char *name,
    struct directory_host *ret_host);

int effect_check_center(const struct effect_making *making, const char *name);

/* Whether the case has the request file of a center, or of a gateway. */
int effect_check_request(const struct effect_making *making, bool is_center);

/* The effects that have files of their own, by their names. */
int effect_put_register(const struct effect_making *making);
int effect_put_move_center(const struct effect_making *making);
int effect_put_center(const struct effect_making *making);
int effect_put_recode(const struct effect_making *making);
int effect_put_card(const struct effect_making *making);
int effect_put_hold_card(const struct effect_making *making);
int effect_put_suspend_card(const struct effect_making *making);

#endif
