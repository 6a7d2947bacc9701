#include "directory/directory_scope.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "directory/directory.h"
#include "directory/directory_changes.h"
#include "directory/directory_entry.h"
#include "policy/directory_rules.h"

/* Who is above whom, before the changes and after. */
struct levels {
	const struct directory *before;
	const struct directory_changes *changes;
	const struct entry_org *after; /* of each change; no name: removed */
};

static int
compare_changes(const void *a, const void *b)
{
	return strcmp(((const struct directory_change *)a)->code.text,
	    ((const struct directory_change *)b)->code.text);
}

static bool
above_before(const struct levels *levels, const struct org_code *code,
    struct org_code *ret_above)
{
	struct directory_org org;

	if (levels->before == NULL ||
	    !directory_find_org(levels->before, code, &org))
		return false;
	*ret_above = org.supervisor;
	return true;
}

static bool
above(void *ctx, bool after, const struct org_code *code,
    struct org_code *ret_above)
{
	const struct levels *levels = ctx;
	const struct directory_change wanted = { .code = *code };
	const struct directory_change *change = !after
	    ? NULL
	    : bsearch(&wanted, levels->changes->list, levels->changes->count,
		  sizeof(wanted), compare_changes);

	if (change == NULL)
		return above_before(levels, code, ret_above);
	if (change->is_removed)
		return false;
	*ret_above = levels->after[change - levels->changes->list].supervisor;
	return true;
}

static struct verdict
judge(const struct scope *scope, struct levels *levels, size_t index)
{
	const struct directory_change *change = &levels->changes->list[index];
	const struct entry_org *entry = &levels->after[index];
	struct directory_side before = { .center = "" };
	struct directory_side after = { .center = "" };
	struct directory_org org;

	if (levels->before != NULL &&
	    directory_find_org(levels->before, &change->code, &org))
		before =
		    (struct directory_side){ true, org.supervisor, org.center };
	if (!change->is_removed)
		after = (struct directory_side){ true, entry->supervisor,
			entry->center };
	return directory_judge_change(scope, &change->code, &before, &after,
	    above, levels);
}

static int
decode(const struct directory_changes *changes, struct entry_org *after,
    struct error *err)
{
	for (size_t i = 0; i < changes->count; i++) {
		const struct directory_change *change = &changes->list[i];

		if (!change->is_removed &&
		    entry_org_parse(change->json.data, change->json.len,
			&after[i], err) < 0)
			return -1;
	}
	return 0;
}

int
directory_scope_check(const struct scope *scope, const struct directory *before,
    const struct directory_changes *changes, struct org_code *ret_code,
    struct error *err)
{
	struct entry_org *after;
	struct levels levels = { .before = before, .changes = changes };
	int rc;

	if (scope->kind == SCOPE_ALL || changes->count == 0)
		return 0;
	after = calloc(changes->count, sizeof(*after));
	if (after == NULL)
		return error_set_memory(err);
	levels.after = after;
	rc = decode(changes, after, err);
	for (size_t i = 0; i < changes->count && rc == 0; i++) {
		struct verdict verdict = judge(scope, &levels, i);

		rc = verdict_check(&verdict, changes->list[i].code.text, err);
		if (rc < 0 && ret_code != NULL)
			*ret_code = changes->list[i].code;
	}
	for (size_t i = 0; i < changes->count; i++)
		entry_org_free(&after[i]);
	free(after);
	return rc;
}
