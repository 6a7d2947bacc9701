/* Effects of cases that are about cards: another one, one that is lost. */
#include "bulletin/measures.h"
#include "crypto/sha256.h"
#include "directory/directory.h"
#include "directory/registration.h"
#include "json/json_write.h"
#include "management/casework_effect_internal.h"

enum {
	HOLD_MS = 72 * 3600 * 1000,
	GROUND_CARD = 2, /* 十三(二): a card was lost */
};

static bool
has_key(const struct entry_org *org, enum key_use use,
    const struct digest *fingerprint)
{
	for (size_t i = 0; i < org->key_count; i++) {
		const struct entry_key *key = &org->keys[i];
		struct digest digest;

		sha256(key->certificate.data, key->certificate.len, &digest);
		if (key->use == use && digest_equal(&digest, fingerprint))
			return true;
	}
	return false;
}

static bool
has_use(const struct entry_org *org, enum key_use use)
{
	for (size_t i = 0; i < org->key_count; i++)
		if (org->keys[i].use == use)
			return true;
	return false;
}

/* The keys of the request; what they replace retires. */
static int
write_keys(const struct effect_making *making, const struct directory_org *org,
    const struct entry_org *wanted)
{
	struct json_writer *writer = making->writer;
	size_t count = wanted->key_count;

	json_write_begin_array(writer, "keys");
	for (size_t i = 0; i < wanted->key_count; i++)
		entry_key_encode(&wanted->keys[i], writer);
	for (uint32_t i = 0; i < org->key_count; i++) {
		struct directory_key key =
		    directory_key_at(making->facts->directory, org, i);

		if (has_key(wanted, key.use, &key.fingerprint))
			continue;
		if (has_use(wanted, key.use) && key_state_is_usable(key.state))
			key.state = KEY_RETIRING;
		effect_write_key(writer, &key, key.state);
		count++;
	}
	json_write_end(writer);
	return count <= ENTRY_KEYS_MAX
	    ? 0
	    : effect_refuse(making, org->code.text, "has too many keys");
}

int
effect_put_card(const struct effect_making *making)
{
	const struct registration *registration = making->facts->registration;
	struct directory_org org;
	int rc = -1;

	if (effect_find_org(making, "organisation", true, &org) < 0 ||
	    effect_check_request(making, false) < 0)
		return -1;
	for (size_t i = 0; i < registration->organisation_count; i++) {
		const struct entry_org *wanted =
		    &registration->organisations[i];

		if (!org_code_equal(&wanted->code, &org.code))
			continue;
		effect_begin(making, "directory", "");
		json_write_begin_object(making->writer, NULL);
		json_write_org(making->writer, "code", &org.code);
		rc = write_keys(making, &org, wanted);
		json_write_end(making->writer);
		effect_end(making, NULL);
		return rc;
	}
	return effect_refuse(making, org.code.text,
	    "is not in the request file");
}

static int
put_measure(const struct effect_making *making, bool is_hold)
{
	const struct casework_case *file = making->file;
	struct json_writer *writer = making->writer;
	struct directory_owner owner;
	struct digest card;

	if (!digest_parse(effect_field(making, "card"), &card) ||
	    !directory_find_owner(making->facts->directory, &card, &owner))
		return effect_refuse(making, effect_field(making, "card"),
		    "is no registered card");
	effect_begin(making, is_hold ? "hold" : "suspension", "");
	json_write_begin_object(writer, NULL);
	json_write_text(writer, "case", file->id);
	json_write_text(writer, "subject", measure_subject_name(MEASURE_CARD));
	json_write_digest(writer, "name", &card);
	json_write_text(writer, "direction",
	    measure_direction_name(MEASURE_SENDING));
	json_write_int(writer, "ground", GROUND_CARD);
	json_write_bool(writer, "stops_queued", false);
	json_write_text(writer, "reason", file->definition->title.zh);
	json_write_time(writer, "from", making->facts->now_ms);
	if (is_hold) {
		json_write_time(writer, "until",
		    making->facts->now_ms + HOLD_MS);
	} else {
		json_write_text(writer, "fallback", "");
		json_write_text(writer, "paper_from", "");
	}
	json_write_end(writer);
	effect_end(making, NULL);
	return 0;
}

int
effect_put_hold_card(const struct effect_making *making)
{
	return put_measure(making, true);
}

int
effect_put_suspend_card(const struct effect_making *making)
{
	return put_measure(making, false);
}
