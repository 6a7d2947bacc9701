/* What recipients.c asks for and recipients_write.c tells. */
#ifndef GATEWAY_SENDING_RECIPIENTS_INTERNAL_H
#define GATEWAY_SENDING_RECIPIENTS_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "gateway/outbox/outbox_way.h"
#include "gateway/sending/desk_group.h"
#include "gateway/sending/recipient_limits.h"
#include "model/org.h"
#include "role/message.h"

struct bytes;
struct error;
struct json_writer;

enum {
	RECIPIENTS_CANDIDATES_MAX = 5,
	RECIPIENTS_FILES_MAX = 2000,
	RECIPIENTS_NAMED_MAX = 20, /* of those who would not take a file */
};

/* One of the list. */
struct recipient_told {
	const char *asked;                /* as it was asked for */
	char group[DESK_GROUP_CODE_SIZE]; /* through which; "" */
	struct org_code code;             /* "" when the name leads nowhere */
	bool with_attachments;
	bool is_copy;
	const char *rule; /* E6619, E6620 of a name; NULL */
	uint32_t candidates[RECIPIENTS_CANDIDATES_MAX];
	size_t candidate_count;
	struct outbox_way way;
	struct recipient_limit limit; /* of one that is reached */
};

struct recipient_file {
	const char *name;
	uint64_t len;
};

struct recipients {
	const struct directory *directory;
	uint64_t serial;
	uint64_t letter_bytes; /* that this gateway sends at most */
	bool is_english;
	struct recipient_limits limits;
	struct recipient_told *list;
	size_t count;
	struct recipient_file *files;
	size_t file_count;
};

/* The whole answer. */
void recipients_write(const struct recipients *recipients,
    struct json_writer *writer);

/* The list in two parts, electronic and paper (art. 7-4), as a table. */
void recipients_put_csv(const struct recipients *recipients, struct bytes *to);

#endif
