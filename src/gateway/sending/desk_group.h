/*
 * Groups of recipients (行文群組): those whom an organisation often writes to,
 * under a code and a short name (R2.2).  A group holds organisations and units,
 * no other groups: whoever sends to it sees in one list who gets the letter, and
 * may leave some out.  Each change makes another version; older ones are kept.
 *
 * Rows are desk_group_rows.c, JSON desk_group_json.c, tables desk_group_csv.c,
 * requests desk_group.c.
 */
#ifndef GATEWAY_SENDING_DESK_GROUP_H
#define GATEWAY_SENDING_DESK_GROUP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "gateway/sending/desk_draft.h"
#include "model/org.h"
#include "role/codec.h"
#include "role/message.h"

struct directory;
struct error;
struct gateway;
struct json_writer;
struct peer;
struct rows;

enum {
	DESK_GROUP_CODE_SIZE = 33,
	DESK_GROUP_TITLE_SIZE = 128,
	DESK_GROUPS_MAX = 1000, /* of an organisation */
	DESK_GROUP_MEMBERS_MAX = 5000,
	DESK_GROUP_VERSIONS_MAX = 50, /* kept, the newest */
	DESK_GROUP_CSV_MAX = 4 * 1024 * 1024,
};

struct desk_member {
	struct org_code code;
	char name[MESSAGE_NAME_SIZE]; /* as it was when it was put in */
	bool with_attachments;
	bool is_copy; /* 副本 */
};

/* Start it as `{ 0 }`; release it with desk_group_free(). */
struct desk_group {
	int64_t row;
	struct org_code organisation;
	char code[DESK_GROUP_CODE_SIZE];
	char title[DESK_GROUP_TITLE_SIZE];
	int64_t version;
	char changed_by[DESK_DRAFT_NAME_SIZE];
	int64_t changed_at;
	struct desk_member *members;
	size_t count;
};

void desk_group_free(struct desk_group *group);

/* A member at the end, to be filled in; NULL beyond the limit (E6615). */
struct desk_member *desk_group_add_member(struct desk_group *group,
    struct error *err);

/* 1 to 32 letters, digits and '-'. */
bool desk_group_code_is_good(const char *code);

/* A migration of the gateway's database. */
extern const char desk_group_schema[];

/* ---- rows ------------------------------------------------------------ */

/*
 * The group of that code with its members, as of `version` (0: now); 1 or 0.
 */
int desk_group_find(struct rows *rows, const struct org_code *organisation,
    const char *code, int64_t version, struct desk_group *group,
    struct error *err) MUST_CHECK;

/* E6616 if there is none. */
int desk_group_load(struct rows *rows, const struct org_code *organisation,
    const char *code, struct desk_group *group, struct error *err) MUST_CHECK;

/*
 * Another version of it, with its members; a new one (row 0) is its first.
 * Sets row and version.
 */
int desk_group_save(struct rows *rows, struct desk_group *group,
    struct error *err) MUST_CHECK;
int desk_group_remove(struct rows *rows, int64_t row,
    struct error *err) MUST_CHECK;
int desk_group_count(struct rows *rows, const struct org_code *organisation,
    int64_t *ret_count, struct error *err) MUST_CHECK;

/* The codes of all, in their order; called with each. */
typedef int (*desk_group_fn)(void *ctx, const char *code, struct error *err);
int desk_group_each(struct rows *rows, const struct org_code *organisation,
    desk_group_fn fn, void *ctx, struct error *err) MUST_CHECK;

/* ---- reading --------------------------------------------------------- */

/* One, each member with what the directory says of it now. */
void desk_group_write(const struct desk_group *group,
    const struct directory *directory, struct json_writer *writer);

/* {"groups":[...]}, without members, but with how many of them changed. */
int desk_group_write_list(struct rows *rows,
    const struct org_code *organisation, const struct directory *directory,
    struct json_writer *writer, struct error *err) MUST_CHECK;

/* {"code","versions":[...]}, the newest first. */
int desk_group_write_history(struct rows *rows, const struct desk_group *group,
    struct json_writer *writer, struct error *err) MUST_CHECK;

/* All groups as a table: a line for each member. */
int desk_group_write_csv(struct rows *rows, const struct org_code *organisation,
    struct bytes *to, struct error *err) MUST_CHECK;

/*
 * Take a table apart, as it was written or with fewer columns; `fn` gets each
 * group, all members of a code together.  E6618 with the line that is wrong.
 */
typedef int (*desk_group_read_fn)(void *ctx, struct desk_group *group,
    struct error *err);
int desk_group_read_csv(struct blob table, desk_group_read_fn fn, void *ctx,
    struct error *err) MUST_CHECK;

/* Requests at /v1/groups; false if it is another one. */
bool desk_group_request(struct gateway *gateway, struct peer *peer, uint32_t id,
    const struct message_request *request);

#endif
