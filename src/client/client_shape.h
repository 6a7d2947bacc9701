/*
 * What the library gives, described by tables: which member of an answer is
 * which of a structure.  Texts lie in the answer, which the structure keeps.
 */
#ifndef CLIENT_CLIENT_SHAPE_H
#define CLIENT_CLIENT_SHAPE_H

#include <stddef.h>

#include "client/client_internal.h"

enum client_kind {
	CLIENT_TEXT,    /* const char *: "" for what is not there */
	CLIENT_NUMBER,  /* int64_t */
	CLIENT_LENGTH,  /* uint64_t */
	CLIENT_TRUTH,   /* int */
	CLIENT_TEXTS,   /* a list of texts: size_t count, const char *const * */
	CLIENT_RECORDS, /* a list of objects: size_t count, pointer */
	CLIENT_WHOLE,   /* const char *: the object itself, as JSON */
};

struct client_shape;

struct client_field {
	/* "a.b" is member b of a, "a.0.b" of the first of a; NULL ends a table. */
	const char *name;
	enum client_kind kind;
	size_t at;
	size_t count_at;
	const struct client_shape *items;
};

struct client_shape {
	size_t size;
	const struct client_field *fields;
};

/* One of the structure `type`; its member `member` is that of `name`. */
#define CLIENT_FIELD(name, kind, type, member)                     \
	{                                                          \
		name, kind, offsetof(struct type, member), 0, NULL \
	}
#define CLIENT_LIST(name, kind, type, count, member, items) \
	{                                                   \
		name, kind, offsetof(struct type, member),  \
		    offsetof(struct type, count), items     \
	}
#define CLIENT_END                            \
	{                                     \
		NULL, CLIENT_TEXT, 0, 0, NULL \
	}

/* struct yizhan_part, as all files are told of. */
extern const struct client_shape client_part_shape;

/* Keeps `root`; NULL if there is no memory. */
void *client_shape_read(const struct client_shape *shape, json_t *root);
void client_shape_free(void *record);

/* Ask, and give the answer in that shape; `*ret_record` as on success of it. */
enum yizhan_result client_shape_ask(struct yizhan *yizhan,
    const struct client_request *request, const struct client_shape *shape,
    void *ret_record);

/* ---- what is asked ---------------------------------------------------------- */

/*
 * "/v1/groups/{}:change", the texts in the places of {}, each as a segment or
 * value.
 */
bool client_target(char target[CLIENT_TARGET_SIZE], const char *pattern, ...);

/* Append a parameter; nothing for a value of NULL, or for a number of 0. */
bool client_param(char target[CLIENT_TARGET_SIZE], const char *name,
    const char *value);
bool client_param_number(char target[CLIENT_TARGET_SIZE], const char *name,
    int64_t value);

/* GET, in a shape, as JSON text, or as bytes. */
enum yizhan_result client_get(struct yizhan *yizhan, const char *target,
    const struct client_shape *shape, void *ret_record);
enum yizhan_result client_get_text(struct yizhan *yizhan, const char *target,
    char **ret_json);

/* POST `body` (freed here; NULL: {}), the answer in a shape, or NULL: let go. */
enum yizhan_result client_post(struct yizhan *yizhan, const char *target,
    json_t *body, const struct client_shape *shape, void *ret_record);

#endif
