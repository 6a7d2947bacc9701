/*
 * What a waybill and its package say and hold: head, facts, and the files that
 * go along.  Bytes are outbox_pack.c.
 */
#include <stdlib.h>

#include "base/text.h"
#include "crypto/random.h"
#include "crypto/sha256.h"
#include "gateway/outbox/outbox_pack.h"
#include "package/package_facts.h"
#include "package/package_write.h"
#include "service/config.h"

static const struct outbox_split *
split_of(const struct outbox_letter *letter)
{
	return &letter->plan.splits[letter->split];
}

static int
make_head(struct outbox_letter *letter, struct error *err)
{
	const struct gateway *gateway = letter->outbox->gateway;
	const struct spool_key *module =
	    spool_key_find(&gateway->spool, "module");
	struct outbox_pack *pack = letter->pack;
	int64_t now = spool_now(&gateway->spool);
	struct head head = { .document_id = letter->document.document_id,
		.sender = letter->document.sender,
		.created_at = now,
		.not_after_at =
		    now + gateway->spool.env->config->limits.lifetime_s * 1000,
		.speed = letter->speed,
		.message = letter->document.message,
		.earlier = letter->document.earlier };
	uint8_t random[ID_RANDOM_LEN];

	if (module == NULL)
		return error_set_id(err, "E4009", ERROR_DENIED,
		    "no module key");
	if (random_fill(random, sizeof(random), err) < 0 ||
	    random_fill(&pack->secret.key, sizeof(pack->secret.key), err) < 0 ||
	    random_fill(pack->secret.random, sizeof(pack->secret.random), err) <
		0)
		return -1;
	head.waybill_id = id_make(now, random);
	head.module = module->certificate;
	if (!text_copy(head.environment, sizeof(head.environment),
		gateway->environment) ||
	    !text_copy(head.center, sizeof(head.center), gateway->center))
		return error_set(err, ERROR_MALFORMED,
		    "environment or center has too long a name");
	pack->head = head;
	if (head_encode(&head, &pack->head_text, err) < 0)
		return -1;
	sha256(pack->head_text.data, pack->head_text.len, &pack->secret.head);
	return 0;
}

static int
make_facts(struct outbox_letter *letter, struct package_facts *facts,
    struct error *err)
{
	const struct outbox_split *split = split_of(letter);

	facts->document_id = letter->document.document_id;
	facts->sender = letter->document.sender;
	facts->message = letter->document.message;
	facts->recipients = calloc(split->count, sizeof(*facts->recipients));
	if (facts->recipients == NULL)
		return error_set_memory(err);
	for (size_t i = 0; i < split->count; i++)
		facts->recipients[i] =
		    letter->recipients[split->recipients[i]].code;
	facts->recipient_count = split->count;
	if (!text_copy(facts->environment, sizeof(facts->environment),
		letter->outbox->gateway->environment))
		return error_set(err, ERROR_MALFORMED, "environment too long");
	return 0;
}

/* Only what this split takes ever comes near its package. */
static int
add_files(struct outbox_letter *letter, struct error *err)
{
	struct outbox_pack *pack = letter->pack;

	for (size_t i = 0; i < letter->files.count; i++) {
		const struct outbox_file *file = &letter->files.list[i];
		struct package_measure measured = { file->len, file->crc32,
			file->digest };

		if (!outbox_plan_takes(split_of(letter), file->kind,
			(uint16_t)i))
			continue;
		pack->files[pack->file_count++] = i;
		if (package_plan_add(pack->plan, file->name, &measured, err) <
		    0)
			return -1;
	}
	return 0;
}

static int
make_plan(struct outbox_letter *letter, struct error *err)
{
	struct package_facts facts = { 0 };
	int rc = -1;

	if (make_facts(letter, &facts, err) == 0 &&
	    package_plan_new(&facts, &letter->pack->plan, err) == 0)
		rc = add_files(letter, err);
	package_facts_free(&facts);
	return rc;
}

int
outbox_contents_make(struct outbox_letter *letter, struct error *err)
{
	return make_head(letter, err) < 0 ? -1 : make_plan(letter, err);
}
