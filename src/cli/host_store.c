#include "cli/host_store.h"

#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "center/center.h"
#include "center/center_rows.h"
#include "gateway/gateway.h"
#include "management/management.h"
#include "service/config.h"

static const char *const names[] = { "management", "center", "gateway" };

int
host_store_kind(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (text_equal(names[i], name))
			return 1 << i;
	return 0;
}

int
host_store_open(int64_t kinds, const char *dir, struct host_store *store,
    struct error *err)
{
	const struct {
		uint32_t application_id;
		const char *const *migrations;
		size_t count;
	} tiers[] = {
		{ MANAGEMENT_APPLICATION_ID, management_migrations,
		    management_migration_count },
		{ CENTER_APPLICATION_ID, center_migrations,
		    center_migration_count },
		{ GATEWAY_APPLICATION_ID, gateway_migrations,
		    gateway_migration_count },
	};

	memset(store, 0, sizeof(*store));
	for (size_t i = 0; i < ARRAY_LEN(tiers); i++) {
		if (kinds != 1 << i)
			continue;
		store->kind = 1 << i;
		store->name = names[i];
		store->options = (struct store_options){
			.dir = dir,
			.application_id = tiers[i].application_id,
			.migrations = tiers[i].migrations,
			.migration_count = tiers[i].count,
			.allow_volatile = true,
		};
		return 0;
	}
	return error_set_id(err, "E1208", ERROR_MALFORMED,
	    "host.kind must name one kind");
}
