#include "base/text.h"
#include "case/case_definition_internal.h"

static const char *const kinds[CASE_FIELD_COUNT] = { "text", "organisation",
	"name", "host", "address", "certificate", "offices" };
static const char *const audiences[CASE_AUDIENCE_COUNT] = { "clerk", "officer",
	"organisation", "supervisor", "center" };
static const char *const whens[CASE_WHEN_COUNT] = { "", "published", "overdue",
	"watched" };

/* What only reduces what somebody may do needs no second person at once. */
static const struct {
	const char *name;
	bool is_guarded;
} effects[] = {
	{ "register", true },
	{ "center", true },
	{ "person", true },
	{ "person-end", false },
	{ "rename", true },
	{ "recode", true },
	{ "move-host", true },
	{ "move-center", true },
	{ "card", true },
	{ "dissolve", true },
	{ "suspend-card", true },
	{ "hold-card", false },
	/* Of certificates that ended three months ago nobody has any use. */
	{ "remove-ended", true },
};

const char *
case_field_kind_name(enum case_field_kind kind)
{
	return kinds[kind];
}

const char *
case_audience_name(enum case_audience audience)
{
	return audiences[audience];
}

const char *
case_when_name(enum case_when when)
{
	return whens[when];
}

bool
case_effect_is_known(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(effects); i++)
		if (text_equal(effects[i].name, name))
			return true;
	return false;
}

bool
case_effect_is_guarded(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(effects); i++)
		if (text_equal(effects[i].name, name))
			return effects[i].is_guarded;
	return true;
}

int
case_find_state(const struct case_definition *definition, const char *name)
{
	for (int i = 0; i < definition->state_count; i++)
		if (text_equal(definition->states[i].name, name))
			return i;
	return CASE_NONE;
}

int
case_find_move(const struct case_definition *definition, const char *name)
{
	for (int i = 0; i < definition->move_count; i++)
		if (text_equal(definition->moves[i].name, name))
			return i;
	return CASE_NONE;
}

int
case_find_field(const struct case_definition *definition, const char *name)
{
	for (int i = 0; i < definition->field_count; i++)
		if (text_equal(definition->fields[i].name, name))
			return i;
	return CASE_NONE;
}

int
case_find_evidence(const struct case_definition *definition, const char *name)
{
	for (int i = 0; i < definition->evidence_count; i++)
		if (text_equal(definition->evidence[i].name, name))
			return i;
	return CASE_NONE;
}
