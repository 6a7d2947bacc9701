/*
 * While trust is stale a host takes on no new privileges (design: protocol 5):
 * what gives keys, organisations, addresses or programs to anybody waits for a
 * fresh timestamp, what only takes away does not.
 */
#include "base/error.h"
#include "directory/directory_privilege.h"
#include "model/standing.h"
#include "role/bulletins/bulletins_internal.h"
#include "role/env.h"
#include "service/config.h"

/* Before there is a timestamp nothing is known of how old it all is. */
static bool
is_stale(const struct bulletins *bulletins)
{
	int64_t fresh_at = bulletins_fresh_at(bulletins);
	int64_t now = role_env_now(bulletins->options.env);

	return fresh_at != 0 &&
	    freshness_grade(fresh_at, now) >= FRESHNESS_STALE;
}

/* A directory is judged with the changes that it makes here. */
static int
reduces(const struct bulletins_taking *taking,
    const struct bulletins_held *held, bool *ret_reduces, struct error *err)
{
	const struct bulletins *bulletins = taking->bulletins;

	*ret_reduces = false;
	if (taking->held.type == BULLETIN_NETWORK ||
	    taking->held.type == BULLETIN_ACCESS)
		*ret_reduces =
		    directory_privilege_list_reduces(held->bulletin.body,
			taking->held.bulletin.body);
	if (taking->held.type == BULLETIN_DIRECTORY && taking->has_contents)
		return directory_privilege_reduces(bulletins->directory,
		    contents_pending(bulletins->contents), ret_reduces, err);
	return 0;
}

int
bulletins_privilege_check(const struct bulletins_taking *taking,
    struct error *err)
{
	struct bulletins *bulletins = taking->bulletins;
	const struct bulletins_held *news = &taking->held;
	struct bulletins_held *held =
	    bulletins_find(bulletins, news->type, news->name);
	bool is_less;

	if (config_has_kind(bulletins->options.env->config,
		CONFIG_MANAGEMENT) ||
	    !is_stale(bulletins))
		return 0;
	/* The first of its kind takes nothing's place: a new host can begin. */
	if (held == NULL && news->type != BULLETIN_RELEASE)
		return 0;
	if (held != NULL && reduces(taking, held, &is_less, err) < 0)
		return -1;
	if (held != NULL && is_less)
		return 0;
	if (held != NULL)
		held->later = news->serial;
	return error_set_id(err, "E3720", ERROR_BUSY,
	    "bulletin %s %s %llu: it would give new privileges while trust is "
	    "stale",
	    bulletin_type_name(news->type), news->name,
	    (unsigned long long)news->serial);
}

void
bulletins_privilege_look(struct bulletins *bulletins)
{
	for (size_t i = 0; i < bulletins->held_count; i++)
		bulletins->held[i].later = 0;
}
