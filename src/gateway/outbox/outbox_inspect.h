/*
 * Attachments of a draft that are archives, looked into by the reader one after
 * another: each goes there whole, in a file without a name, in slices.
 */
#ifndef GATEWAY_OUTBOX_INSPECT_H
#define GATEWAY_OUTBOX_INSPECT_H

struct outbox_inspect;
struct outbox_letter;

/* Then outbox_check_start(), or outbox_letter_fail(). */
void outbox_inspect_start(struct outbox_letter *letter);
void outbox_inspect_free(struct outbox_inspect *inspect);

#endif
