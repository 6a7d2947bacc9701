/*
 * Letters that are being written and proofread before they are sent.
 */
#ifndef YIZHAN_DRAFTS_H
#define YIZHAN_DRAFTS_H

#include <yizhan_sending.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The files of a letter, kept at the gateway until it is sent or discarded. */
struct yizhan_draft {
	const char *id;
	const char *organisation;
	const char *title;
	const char *state;       /* draft proofreading proofread sent */
	int64_t version;         /* every change makes another one */
	const char *document_id; /* "" before it is sent */
	size_t part_count;
	const struct yizhan_part *parts;
	const char *json;
};
void yizhan_draft_free(struct yizhan_draft *draft);

/* The newest first, of a state or NULL: of any. */
struct yizhan_drafts {
	size_t count;
	const struct yizhan_draft *drafts;
	const char *next;
	const char *json;
};
void yizhan_drafts_free(struct yizhan_drafts *drafts);
enum yizhan_result yizhan_drafts(struct yizhan *yizhan, const char *state,
    const char *cursor, unsigned limit, struct yizhan_drafts **ret_drafts);

/*
 * Keep files as a draft.  `key` is an Idempotency-Key, NULL: yizhan_key() of
 * the files.  `title` may be NULL.
 */
enum yizhan_result yizhan_draft_new(struct yizhan *yizhan, const char *title,
    const struct yizhan_file *files, size_t count, const char *key,
    struct yizhan_draft **ret_draft);
enum yizhan_result yizhan_draft_get(struct yizhan *yizhan, const char *id,
    struct yizhan_draft **ret_draft);

/*
 * The rest is about `draft` as it was read: YIZHAN_CONFLICT if somebody has
 * changed it since; get it again.  Files take the place of those of their name.
 */
enum yizhan_result yizhan_draft_add(struct yizhan *yizhan,
    const struct yizhan_draft *draft, const struct yizhan_file *files,
    size_t count, struct yizhan_draft **ret_draft);

/*
 * The same of one large file, in parts: a link that is cut, or a gateway that
 * is started again, costs 4 MiB at most, as long as patience lasts; and so does
 * asking again after a failure, with the same file.
 */
enum yizhan_result yizhan_draft_upload(struct yizhan *yizhan,
    const struct yizhan_draft *draft, const struct yizhan_file *file,
    struct yizhan_draft **ret_draft);

/* Send it, once; `options->key` counts for nothing.  `options` may be NULL. */
enum yizhan_result yizhan_draft_send(struct yizhan *yizhan,
    const struct yizhan_draft *draft,
    const struct yizhan_submit_options *options,
    struct yizhan_letter **ret_letter);

/* Its copies, each a letter (yizhan_series_send()): check them, or send all. */
enum yizhan_result yizhan_draft_check_apart(struct yizhan *yizhan,
    const struct yizhan_draft *draft, char **ret_json);
enum yizhan_result yizhan_draft_send_apart(struct yizhan *yizhan,
    const struct yizhan_draft *draft,
    const struct yizhan_submit_options *options,
    struct yizhan_series **ret_series);

/*
 * Another title or note (NULL: as it is), without the files that are named;
 * check it as sending would; hand it to a person to be proofread.
 */
enum yizhan_result yizhan_draft_edit(struct yizhan *yizhan,
    const struct yizhan_draft *draft, const char *title, const char *note,
    const char *const *removed, size_t removed_count,
    struct yizhan_draft **ret_draft);
enum yizhan_result yizhan_draft_check(struct yizhan *yizhan,
    const struct yizhan_draft *draft, char **ret_json);
enum yizhan_result yizhan_draft_proofread(struct yizhan *yizhan,
    const struct yizhan_draft *draft, const char *note,
    struct yizhan_draft **ret_draft);

/* Its file `number` (from 0); all of it as PDF or page, to be read. */
enum yizhan_result yizhan_draft_read(struct yizhan *yizhan, const char *id,
    size_t number, yizhan_take_fn take, void *context);
enum yizhan_result yizhan_draft_print(struct yizhan *yizhan, const char *id,
    yizhan_take_fn take, void *context);
enum yizhan_result yizhan_draft_view(struct yizhan *yizhan, const char *id,
    yizhan_take_fn take, void *context);

enum yizhan_result yizhan_draft_discard(struct yizhan *yizhan,
    const struct yizhan_draft *draft);

#ifdef __cplusplus
}
#endif

#endif
