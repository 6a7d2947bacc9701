/* Effects of cases that register hosts: of gateways and of centers. */
#include "base/text.h"
#include "directory/directory.h"
#include "directory/registration.h"
#include "json/json_write.h"
#include "management/casework_effect_internal.h"

int
effect_check_request(const struct effect_making *making, bool is_center)
{
	const struct registration *registration = making->facts->registration;
	const char *name = effect_field(making, "host");

	if (registration == NULL)
		return effect_refuse(making, making->file->id,
		    "has no request file");
	if (registration->has_center != is_center)
		return effect_refuse(making, making->file->id,
		    is_center ? "needs a request of a center"
			      : "needs a request of a gateway");
	if (name[0] != '\0' &&
	    !text_equal(name,
		is_center ? registration->center.name
			  : registration->host.name))
		return effect_refuse(making, name,
		    "is not the host of the request file");
	return 0;
}

/* An organisation of the request, against the case and the directory. */
static int
check_org(const struct effect_making *making, const struct entry_org *org,
    bool may_move)
{
	const char *center = effect_field(making, "center");
	struct directory_org known;

	if (!text_equal(org->center, center))
		return effect_refuse(making, org->code.text,
		    "has another center in the request");
	if (!directory_find_org(making->facts->directory, &org->code, &known))
		return 0;
	if (known.status == ORG_DISSOLVED)
		return effect_refuse(making, org->code.text, "is dissolved");
	if (!may_move && known.host[0] != '\0' &&
	    !text_equal(known.host, org->host))
		return effect_refuse(making, org->code.text,
		    "is served by another host: change its center or host");
	return 0;
}

static int
check_orgs(const struct effect_making *making, bool may_move)
{
	const struct registration *registration = making->facts->registration;
	const char *wanted = effect_field(making, "organisation");
	bool is_there = false;

	for (size_t i = 0; i < registration->organisation_count; i++) {
		const struct entry_org *org = &registration->organisations[i];

		if (check_org(making, org, may_move) < 0)
			return -1;
		is_there |= text_equal(org->code.text, wanted);
	}
	return is_there
	    ? 0
	    : effect_refuse(making, wanted, "is not in the request file");
}

/* Names and supervisors of what is known change by their own cases. */
static void
write_org(const struct effect_making *making, const struct entry_org *org)
{
	struct json_writer *writer = making->writer;
	struct directory_org known;

	if (!directory_find_org(making->facts->directory, &org->code, &known)) {
		entry_org_encode(org, writer);
		return;
	}
	json_write_begin_object(writer, NULL);
	json_write_org(writer, "code", &org->code);
	json_write_text(writer, "center", org->center);
	json_write_text(writer, "host", org->host);
	json_write_begin_array(writer, "keys");
	for (size_t i = 0; i < org->key_count; i++)
		entry_key_encode(&org->keys[i], writer);
	json_write_end(writer);
	json_write_end(writer);
}

/* While it moves a host is in two lists: it goes from all others. */
static void
remove_elsewhere(const struct effect_making *making, const char *name,
    const char *center)
{
	const struct directory *directory = making->facts->directory;
	size_t count = directory_host_count(directory);

	for (uint32_t i = 0; i < count; i++) {
		struct directory_host host = directory_host_at(directory, i);

		if (!text_equal(host.name, name) ||
		    text_equal(host.center, center))
			continue;
		effect_begin(making, "access", host.center);
		effect_end(making, name);
	}
}

static int
put_register(const struct effect_making *making, bool may_move)
{
	const struct registration *registration = making->facts->registration;
	const char *center = effect_field(making, "center");
	struct directory_host host;
	bool is_known;

	if (effect_check_request(making, false) < 0 ||
	    effect_check_center(making, center) < 0 ||
	    check_orgs(making, may_move) < 0)
		return -1;
	is_known = effect_find_host(making, registration->host.name, &host);
	if (is_known && !may_move && !text_equal(host.center, center))
		return effect_refuse(making, host.name, "is at another center");
	effect_begin(making, "access", center);
	entry_host_encode(&registration->host, making->writer);
	effect_end(making, NULL);
	effect_begin(making, "directory", "");
	for (size_t i = 0; i < registration->organisation_count; i++)
		write_org(making, &registration->organisations[i]);
	effect_end(making, NULL);
	remove_elsewhere(making, registration->host.name, center);
	return 0;
}

int
effect_put_register(const struct effect_making *making)
{
	return put_register(making, false);
}

int
effect_put_move_center(const struct effect_making *making)
{
	return put_register(making, true);
}

int
effect_put_center(const struct effect_making *making)
{
	if (effect_check_request(making, true) < 0)
		return -1;
	effect_begin(making, "network", "");
	entry_center_encode(&making->facts->registration->center,
	    making->writer);
	effect_end(making, NULL);
	return 0;
}
