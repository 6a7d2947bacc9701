/*
 * To whom: the directory, groups, and what reaches whom.
 */
#ifndef YIZHAN_RECIPIENTS_H
#define YIZHAN_RECIPIENTS_H

#include <yizhan_base.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- the directory ------------------------------------------------------------ */

struct yizhan_organisation {
	const char *code;
	const char *name;
	const char *kind;
	const char *status; /* active suspended dissolved */
	const char *center;
	const char *receiver; /* who opens what is addressed there, or "" */
	const char *successor;
	int64_t
	    letter_bytes; /* the largest letter that it takes; 0: not said */
};
struct yizhan_organisations {
	int64_t serial; /* of the directory */
	int64_t total;
	size_t count;
	const struct yizhan_organisation *organisations;
	const char *json;
};
void yizhan_organisations_free(struct yizhan_organisations *organisations);

/* Whose name has `text` in it, or whose code begins with it; the best first. */
enum yizhan_result yizhan_directory(struct yizhan *yizhan, const char *text,
    unsigned limit, unsigned offset,
    struct yizhan_organisations **ret_organisations);

/* Its entry, of directory `serial` or 0: now; its former entries.  As JSON. */
enum yizhan_result yizhan_directory_entry(struct yizhan *yizhan,
    const char *code, int64_t serial, char **ret_json);
enum yizhan_result yizhan_directory_history(struct yizhan *yizhan,
    const char *code, char **ret_json);

/* ---- before sending -------------------------------------------------------------- */

/* A code or a name; or a group, without those of `except`. */
struct yizhan_whom {
	const char *name; /* NULL: `group` */
	const char *group;
	const char *const *except;
	size_t except_count;
};

/* By which way a letter would reach one now. */
struct yizhan_way {
	const char *asked;
	const char *group;
	const char *code;
	const char *name;
	int with_attachments;
	int is_copy;
	const char *way;  /* electronic paper suspended dissolved unknown */
	const char *rule; /* why it is not reached, or a warning; or "" */
	const char *title;
	const char *remedy;
	const char *center;
};
struct yizhan_ways {
	int64_t serial;
	size_t count;
	const struct yizhan_way *ways;
	const char *json; /* with limits and findings about files */
};
void yizhan_ways_free(struct yizhan_ways *ways);

/* `files` by name and length alone; may be NULL. */
enum yizhan_result yizhan_recipients_check(struct yizhan *yizhan,
    const struct yizhan_whom *whom, size_t count,
    const struct yizhan_part *files, size_t file_count,
    struct yizhan_ways **ret_ways);

/* ---- groups (行文群組) -------------------------------------------------------------- */

struct yizhan_member {
	const char *code;
	const char *name;
	int with_attachments;
	int is_copy;
	const char *status;
	const char *name_now; /* as the directory has it */
};
struct yizhan_group {
	const char *organisation;
	const char *code;
	const char *title;
	int64_t version; /* every change makes another one */
	const char *changed_by;
	const char *changed_at;
	int64_t size;    /* members ... */
	int64_t changed; /* ... of which not active, or of another name, now */
	size_t count;    /* 0 in a list */
	const struct yizhan_member *members;
	const char *json;
};
void yizhan_group_free(struct yizhan_group *group);
struct yizhan_groups {
	size_t count;
	const struct yizhan_group *groups;
	const char *json;
};
void yizhan_groups_free(struct yizhan_groups *groups);

enum yizhan_result yizhan_groups(struct yizhan *yizhan,
    struct yizhan_groups **ret_groups);
/* `version` 0: as it is now. */
enum yizhan_result yizhan_group_get(struct yizhan *yizhan, const char *code,
    int64_t version, struct yizhan_group **ret_group);
enum yizhan_result yizhan_group_history(struct yizhan *yizhan, const char *code,
    char **ret_json);

/* Of `members` code, with_attachments and is_copy count. */
enum yizhan_result yizhan_group_new(struct yizhan *yizhan, const char *code,
    const char *title, const struct yizhan_member *members, size_t count,
    struct yizhan_group **ret_group);

/*
 * About `group` as it was read: YIZHAN_CONFLICT if somebody has changed it
 * since.  `title` or `members` NULL: as they are.
 */
enum yizhan_result yizhan_group_change(struct yizhan *yizhan,
    const struct yizhan_group *group, const char *title,
    const struct yizhan_member *members, size_t count,
    struct yizhan_group **ret_group);
enum yizhan_result yizhan_group_remove(struct yizhan *yizhan,
    const struct yizhan_group *group);

/* All groups as a table (CSV), and back: all or none. */
enum yizhan_result yizhan_groups_export(struct yizhan *yizhan,
    yizhan_take_fn take, void *context);
enum yizhan_result yizhan_groups_import(struct yizhan *yizhan, const void *csv,
    size_t len, struct yizhan_groups **ret_groups);

/* ---- what recipients take -------------------------------------------------------------- */

struct yizhan_limit {
	const char *of;       /* code, "center:NAME" or "*" */
	int64_t letter_bytes; /* 0: none, as the next two */
	int64_t attachments;
	int64_t file_name;
	int plain_names;
	const char *note;
};
struct yizhan_limits {
	size_t count;
	const struct yizhan_limit *limits;
	const char *json;
};
void yizhan_limits_free(struct yizhan_limits *limits);
enum yizhan_result yizhan_limits(struct yizhan *yizhan,
    struct yizhan_limits **ret_limits);
/* Without any limit it is forgotten. */
enum yizhan_result yizhan_limit_set(struct yizhan *yizhan,
    const struct yizhan_limit *limit, struct yizhan_limits **ret_limits);

/* How an organisation sends, as JSON. */
enum yizhan_result yizhan_sending(struct yizhan *yizhan, char **ret_json);

/* What its letters begin with (信頭), as JSON. */
enum yizhan_result yizhan_letterhead(struct yizhan *yizhan, char **ret_json);

#ifdef __cplusplus
}
#endif

#endif
