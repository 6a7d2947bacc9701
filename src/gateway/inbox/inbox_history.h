/*
 * What people did with a received letter inside its organisation: who, for
 * whom as a deputy, when.  Rows are only added.
 */
#ifndef GATEWAY_INBOX_HISTORY_H
#define GATEWAY_INBOX_HISTORY_H

#include <stdint.h>

#include "base/attr.h"
#include "role/message.h"

struct error;
struct json_writer;
struct rows;

extern const char inbox_history_schema[];

/* Stored as numbers. */
enum inbox_act {
	INBOX_ACT_CONFIRM,   /* 簽收 */
	INBOX_ACT_RETURN,    /* 退文 */
	INBOX_ACT_NOTICE,    /* notice of a mistake */
	INBOX_ACT_ASSIGN,    /* 分文 */
	INBOX_ACT_REASSIGN,  /* 改分 */
	INBOX_ACT_HAND_BACK, /* 退分 */
	INBOX_ACT_COUNT
};

enum {
	INBOX_NOTE_SIZE = 513,
	INBOX_HISTORY_MAX = 1000, /* of one letter */
};

/* Who does it; texts that others own. */
struct inbox_actor {
	char name[MESSAGE_NAME_SIZE];
	char behalf[MESSAGE_NAME_SIZE]; /* as whose deputy; "": nobody's */
};

/* Of an admitted request: at the control socket "uid N". */
struct inbox_actor inbox_actor_of(const struct message_request *request);

struct inbox_history_entry {
	int64_t letter;
	int64_t at;
	enum inbox_act act;
	const struct inbox_actor *actor;
	const char *unit; /* assigned to; "" for none */
	const char *unit_name;
	const char *person; /* the name; "" for none */
	const char *note;   /* a reason or remark */
};

/* ERROR_DENIED (E6704) beyond INBOX_HISTORY_MAX. */
int inbox_history_add(struct rows *rows,
    const struct inbox_history_entry *entry, struct error *err) MUST_CHECK;

/* The member "history", oldest first. */
int inbox_history_write(struct rows *rows, int64_t letter,
    struct json_writer *writer, struct error *err) MUST_CHECK;

/* "assign". */
const char *inbox_act_name(enum inbox_act act);

#endif
