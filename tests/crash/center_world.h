/*
 * What does not change between a center and its restart: keys, directory,
 * and what the letter of a number looks like.
 */
#ifndef CRASH_CENTER_WORLD_H
#define CRASH_CENTER_WORLD_H

#include "bulletin/bulletin.h"
#include "harness/pki.h"
#include "log/note.h"
#include "model/org.h"
#include "role/message.h"

enum { WORLD_RECIPIENTS = 3, WORLD_CONTENT_MAX = 60000 };

#define WORLD_SENDER "376490000A"
#define WORLD_HERE "center-a"
#define WORLD_THERE "center-b"
#define WORLD_GATEWAY "gateway-1"
#define WORLD_ORIGIN "yizhan/demo/center-a/1"

struct center_world {
	struct pki pki;
	struct pki_holder log, module, seal, tls;
	int64_t now;
	uint8_t log_public[NOTE_PUBLIC_LEN];
	struct bytes bulletins[3]; /* network, directory, access list: JSON */
	struct bytes
	    moved; /* the next directory, in which two have changed places */
};

/* The recipients that change centers with it: from here there, and the other. */
#define WORLD_LEAVES "A29000000G"
#define WORLD_COMES "376530000A"

void center_world_new(struct center_world *world);
void center_world_free(struct center_world *world);

/* A letter.  Every third one is a relay from the other center. */
struct world_letter {
	uint32_t number;
	bool is_relay;
	struct id waybill_id;
	struct digest waybill;
	struct digest content;
	size_t content_len;
	size_t leaf_count;
	struct {
		const char *recipient;
		const char *center;
		struct digest leaf;
	} leaves[WORLD_RECIPIENTS];
	char cms[32];     /* stands for the signed waybill */
	char receipt[32]; /* of the origin, for a relay */
};

struct world_letter world_letter(uint32_t number);

/* Its content; `to` has room for WORLD_CONTENT_MAX bytes. */
void world_content(const struct world_letter *letter, uint8_t *to);

/* The number in "cms 7" or "receipt 7"; 0 if there is none. */
uint32_t world_number(const void *text, size_t len, const char *word);

/* Where `recipient` stands among its leaves; leaf_count if he is none. */
size_t world_leaf_of(const struct world_letter *letter, const char *recipient);

/* As the verifier would tell it; the leaves go into `list`. */
struct message_waybill world_waybill(const struct center_world *world,
    const struct world_letter *letter, struct bytes *list);

#endif
