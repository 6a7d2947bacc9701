#include "gateway/sending/desk_group.h"

#include "base/error.h"
#include "base/text.h"
#include "directory/directory.h"
#include "json/json_write.h"
#include "model/standing.h"
#include "store/query.h"
#include "store/rows.h"

/* What has become of a member since it was put in. */
static const char *
status_of(const struct directory *directory, const struct desk_member *member,
    struct directory_org *ret_org)
{
	if (directory == NULL ||
	    !directory_find_org(directory, &member->code, ret_org)) {
		ret_org->name = "";
		return "unknown";
	}
	return org_status_name(ret_org->status);
}

static void
write_successor(const struct directory *directory,
    const struct desk_member *member, const char *status,
    struct json_writer *writer)
{
	struct org_code heir;
	struct directory_org org;

	if (!text_equal(status, org_status_name(ORG_DISSOLVED)) ||
	    !directory_find_heir(directory, &member->code, &heir) ||
	    !directory_find_org(directory, &heir, &org)) {
		json_write_null(writer, "successor");
		return;
	}
	json_write_begin_object(writer, "successor");
	json_write_org(writer, "code", &heir);
	json_write_text(writer, "name", org.name);
	json_write_end(writer);
}

static void
write_member(const struct directory *directory,
    const struct desk_member *member, struct json_writer *writer)
{
	struct directory_org org;
	const char *status = status_of(directory, member, &org);

	json_write_begin_object(writer, NULL);
	json_write_org(writer, "code", &member->code);
	json_write_text(writer, "name", member->name);
	json_write_bool(writer, "with_attachments", member->with_attachments);
	json_write_bool(writer, "copy", member->is_copy);
	json_write_text(writer, "status", status);
	json_write_text(writer, "name_now", org.name);
	write_successor(directory, member, status, writer);
	json_write_end(writer);
}

/* Those that are not active any more, or have another name. */
static int64_t
count_changed(const struct directory *directory, const struct desk_group *group)
{
	int64_t count = 0;

	for (size_t i = 0; i < group->count; i++) {
		const struct desk_member *member = &group->members[i];
		struct directory_org org;
		const char *status = status_of(directory, member, &org);

		count += !text_equal(status, org_status_name(ORG_ACTIVE)) ||
		    !text_equal(org.name, member->name);
	}
	return count;
}

static void
write_head(const struct desk_group *group, const struct directory *directory,
    struct json_writer *writer)
{
	json_write_org(writer, "organisation", &group->organisation);
	json_write_text(writer, "code", group->code);
	json_write_text(writer, "title", group->title);
	json_write_int(writer, "version", group->version);
	json_write_text(writer, "changed_by", group->changed_by);
	json_write_time(writer, "changed_at", group->changed_at);
	json_write_int(writer, "count", (int64_t)group->count);
	json_write_int(writer, "changed", count_changed(directory, group));
}

void
desk_group_write(const struct desk_group *group,
    const struct directory *directory, struct json_writer *writer)
{
	json_write_begin_object(writer, NULL);
	write_head(group, directory, writer);
	json_write_begin_array(writer, "members");
	for (size_t i = 0; i < group->count; i++)
		write_member(directory, &group->members[i], writer);
	json_write_end(writer);
	json_write_end(writer);
}

/* ---- all of them ----------------------------------------------------- */

struct listing {
	struct rows *rows;
	const struct org_code *organisation;
	const struct directory *directory;
	struct json_writer *writer;
};

static int
write_item(void *ctx, const char *code, struct error *err)
{
	const struct listing *listing = ctx;
	struct desk_group group = { 0 };
	int found = desk_group_find(listing->rows, listing->organisation, code,
	    0, &group, err);

	if (found > 0) {
		json_write_begin_object(listing->writer, NULL);
		write_head(&group, listing->directory, listing->writer);
		json_write_end(listing->writer);
	}
	desk_group_free(&group);
	return found < 0 ? -1 : 0;
}

int
desk_group_write_list(struct rows *rows, const struct org_code *organisation,
    const struct directory *directory, struct json_writer *writer,
    struct error *err)
{
	struct org_code parent = org_code_parent(organisation);
	struct listing listing = { rows, &parent, directory, writer };

	json_write_begin_object(writer, NULL);
	json_write_begin_array(writer, "groups");
	if (desk_group_each(rows, &parent, write_item, &listing, err) < 0)
		return -1;
	json_write_end(writer);
	json_write_end(writer);
	return 0;
}

int
desk_group_write_history(struct rows *rows, const struct desk_group *group,
    struct json_writer *writer, struct error *err)
{
	struct query *query;
	int more;

	if (query_begin(rows,
		"SELECT v.version, v.title, v.changed_by, v.changed_at,"
		" (SELECT count(*) FROM desk_group_member AS m"
		" WHERE m.desk_group = v.desk_group AND m.version = v.version)"
		" FROM desk_group_version AS v WHERE v.desk_group = ?1"
		" ORDER BY v.version DESC",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, group->row);
	json_write_begin_object(writer, NULL);
	json_write_text(writer, "code", group->code);
	json_write_begin_array(writer, "versions");
	while ((more = query_next(query, err)) > 0) {
		json_write_begin_object(writer, NULL);
		json_write_int(writer, "version", query_int(query, 0));
		json_write_text(writer, "title", query_text(query, 1));
		json_write_text(writer, "changed_by", query_text(query, 2));
		json_write_time(writer, "changed_at", query_int(query, 3));
		json_write_int(writer, "count", query_int(query, 4));
		json_write_end(writer);
	}
	query_end(query);
	json_write_end(writer);
	json_write_end(writer);
	return more;
}
