#include "document/old_envelope.h"

#include <string.h>
#include <strings.h>

#include "base/error.h"
#include "base/text.h"
#include "document/document.h"
#include "document/file_name.h"
#include "document/finding.h"
#include "document/pool.h"
#include "document/xml_file.h"
#include "model/times.h"

enum { HASH_DIGITS = 64 };

/* ---- parts ----------------------------------------------------------- */

static const struct _xmlNode *
needed(const struct xml_file *file, const struct _xmlNode *parent,
    const char *name)
{
	const struct _xmlNode *node = xml_child(parent, name);

	if (node == NULL && parent != NULL)
		xml_report(file, parent, "E2108", name);
	return node;
}

static void
read_code(const struct xml_file *file, const struct _xmlNode *node,
    struct org_code *to)
{
	const struct _xmlNode *org = needed(file, node, "orgid");
	const char *text = xml_text(file, org);

	if (org_code_join(text, xml_child_text(file, node, "unitid"), to))
		return;
	to->text[0] = '\0';
	if (org != NULL)
		xml_report(file, org, "E2110", text);
}

static void
read_party(const struct xml_file *file, const struct _xmlNode *node,
    struct old_envelope_party *to)
{
	read_code(file, node, &to->code);
	to->name = xml_child_text(file, node, "orgname");
}

/* ---- EN -------------------------------------------------------------- */

static void
read_receivers(const struct xml_file *file, struct old_envelope *envelope)
{
	const struct _xmlNode *list =
	    needed(file, xml_file_root(file), "receiverlist");
	const struct _xmlNode *node = needed(file, list, "object");
	size_t count = xml_count(list, "object");
	struct old_envelope_party *to;

	to = pool_alloc(file->pool, count, sizeof(*to));
	if (to == NULL)
		return;
	for (size_t i = 0; i < count; i++) {
		read_party(file, node, &to[i]);
		node = xml_next(node, "object");
	}
	envelope->receivers = to;
	envelope->receiver_count = count;
}

/* SHA-256 in hex, of either case. */
static bool
is_good_hash(const char *algorithm, const char *hash)
{
	return (strcasecmp(algorithm, "SHA256") == 0 ||
		   strcasecmp(algorithm, "SHA-256") == 0) &&
	    strlen(hash) == HASH_DIGITS &&
	    strspn(hash, "0123456789abcdefABCDEF") == HASH_DIGITS;
}

static void
read_file(const struct xml_file *file, const struct _xmlNode *node,
    struct old_envelope_file *to)
{
	const struct _xmlNode *name = needed(file, node, "filename");
	const struct _xmlNode *hash = needed(file, node, "hash");
	const char *rule;

	to->name = xml_text(file, name);
	to->needs_signature =
	    text_equal(xml_attribute(file, node, "needsig"), "true");
	to->algorithm = xml_attribute(file, hash, "algorithm");
	to->hash = xml_text(file, hash);
	to->note = xml_child_text(file, node, "note");
	rule = name == NULL ? NULL : file_name_broken_rule(to->name);
	if (rule != NULL)
		xml_report(file, name, rule, to->name);
	if (hash != NULL && !is_good_hash(to->algorithm, to->hash))
		xml_report(file, hash, "E2157", to->hash);
}

static void
read_files(const struct xml_file *file, struct old_envelope *envelope)
{
	const struct _xmlNode *list =
	    needed(file, xml_file_root(file), "filelist");
	const struct _xmlNode *others = needed(file, list, "others");
	const struct _xmlNode *node = xml_child(others, "file");
	size_t count = xml_count(others, "file");
	struct old_envelope_file *to;

	to = pool_alloc(file->pool, count, sizeof(*to));
	if (to == NULL)
		return;
	for (size_t i = 0; i < count; i++) {
		read_file(file, node, &to[i]);
		node = xml_next(node, "file");
	}
	envelope->files = to;
	envelope->file_count = count;
}

/* "2026-12-20 23:59:59": as an instant but for its blank, and without zone. */
static bool
is_good_date(const char *text)
{
	char instant[TIMES_RFC3339_SIZE] = "0000-00-00T00:00:00.000Z";
	int64_t at;

	if (strlen(text) != strlen("0000-00-00 00:00:00") || text[10] != ' ')
		return false;
	memcpy(instant, text, strlen(text));
	instant[10] = 'T';
	return times_parse(instant, &at);
}

static void
read_en(const struct xml_file *file, struct old_envelope *envelope)
{
	const struct _xmlNode *root = xml_file_root(file);
	const struct _xmlNode *info = needed(file, root, "senderinfo");
	const struct _xmlNode *sender = needed(file, info, "object");
	const struct _xmlNode *date = xml_child(root, "expiredate");

	if (sender != NULL)
		read_party(file, sender, &envelope->sender);
	read_receivers(file, envelope);
	read_files(file, envelope);
	envelope->service = xml_child_text(file, root, "serviceid");
	envelope->application = xml_child_text(file, root, "applicationid");
	envelope->subject = xml_child_text(file, root, "subject");
	envelope->expires = xml_text(file, date);
	if (date != NULL && !is_good_date(envelope->expires))
		xml_report(file, date, "E2157", envelope->expires);
}

/* ---- ESW ------------------------------------------------------------- */

static size_t
count_cards(const struct _xmlNode *list)
{
	size_t count = 0;

	for (const struct _xmlNode *at = xml_child(list, "receiverobject");
	     at != NULL; at = xml_next(at, "receiverobject"))
		count += xml_count(at, "cardlist");
	return count;
}

static void
read_card(const struct xml_file *file, const struct _xmlNode *node,
    const struct org_code *code, struct old_envelope_card *to)
{
	const struct _xmlNode *data = needed(file, node, "EncryptedData");
	const char *cipher = xml_child_text(file, data, "CipherData");

	to->code = *code;
	to->type = xml_attribute(file, node, "type");
	to->number = xml_child_text(file, node, "cardnum");
	to->method = xml_attribute(file, data, "Method");
	to->key_len = strlen(cipher);
	if (data != NULL && to->key_len == 0)
		xml_report(file, data, "E2157", to->number);
}

static void
read_esw(const struct xml_file *file, struct old_envelope *envelope)
{
	const struct _xmlNode *list =
	    needed(file, xml_file_root(file), "receivercardlist");
	const struct _xmlNode *at = needed(file, list, "receiverobject");
	struct old_envelope_card *to;
	size_t count = 0;

	to = pool_alloc(file->pool, count_cards(list), sizeof(*to));
	if (to == NULL)
		return;
	for (; at != NULL; at = xml_next(at, "receiverobject")) {
		const struct _xmlNode *card = needed(file, at, "cardlist");
		struct org_code code;

		read_code(file, at, &code);
		for (; card != NULL; card = xml_next(card, "cardlist"))
			read_card(file, card, &code, &to[count++]);
	}
	envelope->cards = to;
	envelope->card_count = count;
}

/* ---- both ------------------------------------------------------------ */

static int
read_parsed(const struct xml_file *file, struct old_envelope *envelope)
{
	const struct _xmlNode *root = xml_file_root(file);

	if (xml_is(root, "g2b2c-envelope")) {
		envelope->kind = OLD_ENVELOPE_EN;
		read_en(file, envelope);
	} else if (xml_is(root, "g2b2c-encrypt-list")) {
		envelope->kind = OLD_ENVELOPE_ESW;
		read_esw(file, envelope);
	} else {
		xml_report(file, root, "E2156", xml_name(root));
		return 0;
	}
	return 1;
}

int
old_envelope_read(const struct document_input *input, struct pool *pool,
    struct findings *findings, struct old_envelope *ret_envelope,
    struct error *err)
{
	struct xml_source source = { .name = input->name,
		.data = input->data,
		.len = input->len,
		.max = OLD_ENVELOPE_LEN_MAX,
		.may_lack_doctype = true };
	struct xml_file file;
	int rc;

	*ret_envelope = (struct old_envelope){ .name = input->name,
		.sender = { .name = "" },
		.service = "",
		.application = "",
		.subject = "",
		.expires = "" };
	rc = xml_file_open(&source, pool, findings, &file, err);
	if (rc > 0)
		rc = read_parsed(&file, ret_envelope);
	xml_file_close(&file);
	if (pool->failed)
		return error_set_memory(err);
	return rc;
}
