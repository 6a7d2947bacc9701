/*
 * What happens to letters: asked for, streamed, or told to a URL.
 */
#ifndef YIZHAN_EVENTS_H
#define YIZHAN_EVENTS_H

#include <yizhan_base.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * A change of a delivery that was sent (type "delivery"), or of a letter that
 * came in ("letter").
 */
struct yizhan_event {
	int64_t id;
	const char *type;
	const char *at;
	const char *organisation;
	const char *document_id;
	const char *waybill_id;
	const char *recipient;
	const char *state;
	const char *reason;
};

struct yizhan_events {
	size_t count;
	const struct yizhan_event *events;
	/*
	 * To pass as `after` the next time, also when no event came.  Keep it
	 * in the same transaction as what the events changed: then each counts
	 * once, whatever is cut or killed.
	 */
	const char *next;
	const char *json;
};
void yizhan_events_free(struct yizhan_events *events);

/*
 * Events after `after` (NULL: from now on, none yet), in the order in which
 * they became durable; waits up to `seconds` (60 at most) for the first.
 * `limit` 0: 100.  YIZHAN_GONE: compare the lists and begin with NULL.
 */
enum yizhan_result yizhan_events(struct yizhan *yizhan, const char *after,
    unsigned limit, unsigned seconds, struct yizhan_events **ret_events);

/*
 * The same as they happen, over one connection (text/event-stream), until
 * `take` says other than 0, which is YIZHAN_OK, or the link ends, which is
 * YIZHAN_BUSY: go on after the last one that was taken.  `events` holds one, and
 * is lent for the call.
 */
typedef int (
    *yizhan_event_fn)(void *context, const struct yizhan_events *events);
enum yizhan_result yizhan_events_stream(struct yizhan *yizhan,
    const char *after, yizhan_event_fn take, void *context);

/* ---- being told: webhooks --------------------------------------------------------- */

/* What a webhook tells: its body has the form of events. */
enum yizhan_result yizhan_events_read(const char *body, size_t len,
    struct yizhan_events **ret_events);

enum { YIZHAN_WEBHOOK_WINDOW_S = 300 };

/*
 * Whether a webhook is the gateway's: `secret` is "whsec_...", the next three
 * its headers webhook-id, webhook-timestamp and webhook-signature, `now` seconds since 1970.
 * YIZHAN_DENIED: another one's, another body, or of another time.  The same id
 * may be told twice: take each once.
 */
enum yizhan_result yizhan_webhook_check(const char *secret, const char *id,
    const char *timestamp, const char *signature, const void *body, size_t len,
    int64_t now);

struct yizhan_webhook {
	int64_t id;
	const char *url;
	const char *organisation;
	const char *secret; /* "whsec_...", of a new one alone */
	int is_enabled;
	int64_t after; /* events up to this one were told */
	int64_t failures;
	const char *why;
	const char *json;
};
void yizhan_webhook_free(struct yizhan_webhook *webhook);
struct yizhan_webhooks {
	size_t count;
	const struct yizhan_webhook *webhooks;
	const char *json;
};
void yizhan_webhooks_free(struct yizhan_webhooks *webhooks);
enum yizhan_result yizhan_webhook_new(struct yizhan *yizhan, const char *url,
    struct yizhan_webhook **ret_webhook);
enum yizhan_result yizhan_webhooks(struct yizhan *yizhan,
    struct yizhan_webhooks **ret_webhooks);

/* Tell nothing for now; go on; tell again what came after event `after`. */
enum yizhan_result yizhan_webhook_disable(struct yizhan *yizhan, int64_t id);
enum yizhan_result yizhan_webhook_enable(struct yizhan *yizhan, int64_t id);
enum yizhan_result yizhan_webhook_replay(struct yizhan *yizhan, int64_t id,
    int64_t after);

/* Tell an event that did not happen; `*ret_taken` whether it was taken. */
enum yizhan_result yizhan_webhook_test(struct yizhan *yizhan, int64_t id,
    int *ret_taken);

/* Events that could not be told. */
struct yizhan_dead {
	int64_t event;
	const char *at;
	int64_t status;
	const char *why;
};
struct yizhan_dead_letters {
	size_t count;
	const struct yizhan_dead *dead;
	const char *json;
};
void yizhan_dead_letters_free(struct yizhan_dead_letters *letters);
enum yizhan_result yizhan_webhook_dead(struct yizhan *yizhan, int64_t id,
    struct yizhan_dead_letters **ret_letters);

#ifdef __cplusplus
}
#endif

#endif
