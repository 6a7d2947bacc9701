/*
 * Another code for an organisation: it goes on under the new one with its units,
 * the former codes are dissolved, and whom it supervised follows (R5.5.1).
 */
#include <stdlib.h>

#include "base/error.h"
#include "base/text.h"
#include "directory/directory.h"
#include "json/json_write.h"
#include "management/casework_effect_internal.h"

/* An organisation or unit that goes on under another code. */
struct recoded {
	struct directory_org org;
	struct org_code code;
};

enum { RECODED_MAX = 10000 };

struct recoding {
	const struct effect_making *making;
	struct recoded *items; /* the organisation, then its units */
	size_t count;
};

/* An entry as it is, under another code; of a unit below the new one. */
static void
write_copy(const struct recoding *recoding, const struct recoded *item)
{
	const struct directory *directory = recoding->making->facts->directory;
	const struct recoded *top = &recoding->items[0];
	struct json_writer *writer = recoding->making->writer;
	const struct directory_org *org = &item->org;
	bool is_below = org_code_equal(&org->supervisor, &top->org.code);
	struct directory_org known;
	/* Once it is in force, the former one is dissolved. */
	enum org_status status =
	    directory_find_org(directory, &item->code, &known) ? known.status
							       : org->status;

	json_write_begin_object(writer, NULL);
	json_write_org(writer, "code", &item->code);
	json_write_text(writer, "name", org->name);
	json_write_text(writer, "kind", org_kind_name(org->kind));
	json_write_text(writer, "status", org_status_name(status));
	json_write_text(writer, "center", org->center);
	json_write_text(writer, "supervisor",
	    is_below ? top->code.text : org->supervisor.text);
	json_write_text(writer, "successor", "");
	json_write_text(writer, "host", org->host);
	json_write_begin_object(writer, "accepts");
	json_write_int(writer, "letter_bytes",
	    (int64_t)org->accepts_letter_bytes);
	json_write_end(writer);
	json_write_begin_array(writer, "keys");
	for (uint32_t i = 0; i < org->key_count; i++) {
		struct directory_key key = directory_key_at(directory, org, i);

		effect_write_key(writer, &key, key.state);
	}
	json_write_end(writer);
	json_write_end(writer);
}

/* It may take that code, or has taken it. */
static int
check_recoded(const struct recoding *recoding, const struct recoded *item)
{
	const struct effect_making *making = recoding->making;
	struct directory_org other;

	if (directory_find_org(making->facts->directory, &item->code, &other) &&
	    !org_code_equal(&item->org.successor, &item->code))
		return effect_refuse(making, item->code.text, "is in use");
	if (item->org.status == ORG_DISSOLVED &&
	    !org_code_equal(&item->org.successor, &item->code))
		return effect_refuse(making, item->org.code.text,
		    "is dissolved");
	return 0;
}

/*
 * The units of an organisation follow it: a unit's code is its organisation's
 * and seven more.  Those that were dissolved before stay where they were.
 */
static int
find_units(struct recoding *recoding)
{
	const struct effect_making *making = recoding->making;
	const struct directory *directory = making->facts->directory;
	const struct recoded top = recoding->items[0];
	size_t count = directory_org_count(directory);

	/* In the order of codes they stand behind it. */
	for (uint32_t i = top.org.index + 1; i < count; i++) {
		struct recoded *item = &recoding->items[recoding->count];

		item->org = directory_org_at(directory, i);
		if (!text_starts(item->org.code.text, top.org.code.text))
			break;
		if (!org_code_join(top.code.text, item->org.code.text + ORG_LEN,
			&item->code))
			return effect_refuse(making, item->org.code.text,
			    "has no code below the new one");
		if (item->org.status == ORG_DISSOLVED &&
		    !org_code_equal(&item->org.successor, &item->code))
			continue;
		if (check_recoded(recoding, item) < 0)
			return -1;
		if (++recoding->count == RECODED_MAX)
			return effect_refuse(making, top.org.code.text,
			    "has too many units");
	}
	return 0;
}

/* Whom the organisation supervises, besides its units. */
static void
write_supervised(const struct recoding *recoding)
{
	const struct directory *directory = recoding->making->facts->directory;
	const struct recoded *top = &recoding->items[0];
	struct json_writer *writer = recoding->making->writer;
	size_t count = directory_org_count(directory);

	for (uint32_t i = 0; i < count; i++) {
		struct directory_org org = directory_org_at(directory, i);

		if (!org_code_equal(&org.supervisor, &top->org.code) ||
		    text_starts(org.code.text, top->org.code.text))
			continue;
		json_write_begin_object(writer, NULL);
		json_write_org(writer, "code", &org.code);
		json_write_org(writer, "supervisor", &top->code);
		json_write_end(writer);
	}
}

/* Which of them live at this host. */
static bool
lives_at(const struct recoded *item, const struct directory_host *host)
{
	return text_equal(item->org.host, host->name);
}

static bool
is_recoded_here(const struct recoding *recoding,
    const struct directory_host *host, const struct org_code *code)
{
	for (size_t i = 0; i < recoding->count; i++)
		if (lives_at(&recoding->items[i], host) &&
		    org_code_equal(&recoding->items[i].code, code))
			return true;
	return false;
}

/* A host's access: its codes in force, and the new ones of who lives there. */
static void
write_access(const struct recoding *recoding, const struct directory_host *host)
{
	const struct effect_making *making = recoding->making;
	struct json_writer *writer = making->writer;

	effect_begin(making, "access", host->center);
	json_write_begin_object(writer, NULL);
	json_write_text(writer, "name", host->name);
	json_write_begin_array(writer, "codes");
	for (uint32_t i = 0; i < host->code_count; i++) {
		struct org_code code =
		    directory_host_code_at(making->facts->directory, host, i);

		if (!is_recoded_here(recoding, host, &code))
			json_write_org(writer, NULL, &code);
	}
	for (size_t i = 0; i < recoding->count; i++)
		if (lives_at(&recoding->items[i], host))
			json_write_org(writer, NULL, &recoding->items[i].code);
	json_write_end(writer);
	json_write_end(writer);
	effect_end(making, NULL);
}

static void
write_recoding(const struct recoding *recoding)
{
	const struct effect_making *making = recoding->making;
	const struct directory *directory = making->facts->directory;
	size_t hosts = directory_host_count(directory);

	effect_begin(making, "directory", "");
	for (size_t i = 0; i < recoding->count; i++) {
		write_copy(recoding, &recoding->items[i]);
		effect_write_dissolved(making, &recoding->items[i].org,
		    &recoding->items[i].code);
	}
	write_supervised(recoding);
	effect_end(making, NULL);
	for (uint32_t i = 0; i < hosts; i++) {
		struct directory_host host = directory_host_at(directory, i);
		bool is_home = false;

		for (size_t k = 0; k < recoding->count && !is_home; k++)
			is_home = lives_at(&recoding->items[k], &host);
		if (is_home)
			write_access(recoding, &host);
	}
}

int
effect_put_recode(const struct effect_making *making)
{
	struct recoding recoding = { .making = making, .count = 1 };
	struct recoded top;
	int rc = -1;

	if (effect_find_org(making, "organisation", false, &top.org) < 0)
		return -1;
	if (!org_code_parse(effect_field(making, "code"), &top.code) ||
	    org_code_equal(&top.code, &top.org.code) ||
	    org_code_is_unit(&top.code) != org_code_is_unit(&top.org.code))
		return effect_refuse(making, effect_field(making, "code"),
		    "is no new code");
	/* One more: the place for who turns out not to belong to it. */
	recoding.items = calloc(RECODED_MAX + 1, sizeof(*recoding.items));
	if (recoding.items == NULL)
		return error_set_memory(making->err);
	recoding.items[0] = top;
	if (check_recoded(&recoding, &top) == 0 &&
	    (org_code_is_unit(&top.org.code) || find_units(&recoding) == 0)) {
		write_recoding(&recoding);
		rc = 0;
	}
	free(recoding.items);
	return rc;
}
