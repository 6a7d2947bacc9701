/*
 * What the demo does with its network: publish the bulletins, send a letter,
 * follow it to the signed receipts, and verify those.  Every step is told as it
 * happens.
 */
#ifndef DEMO_DEMO_STORY_H
#define DEMO_DEMO_STORY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "cli/local.h"
#include "demo/demo_network.h"
#include "model/id.h"

struct cli;
struct error;

/* Events that were told already, by delivery and name. */
enum { DEMO_SEEN_MAX = 64, DEMO_SEEN_SIZE = 96 };

struct demo_story {
	const struct cli *cli;
	const char *folder;
	uint64_t started_us; /* clock_steady_us() at the start */
	char document[ID_TEXT_SIZE];
	bool confirm_all; /* also for the recipient that is left to the user */
	char seen[DEMO_SEEN_MAX][DEMO_SEEN_SIZE];
	size_t seen_count;
};

/* Tell a step with the time since the start; by cli_say(). */
void demo_tell(const struct demo_story *story, const char *fmt, ...)
    PRINTF_LIKE(2, 3);

/* The control socket of a host. */
struct local demo_local(const struct demo_story *story,
    const struct demo_host *host, char path[4096]);

/* Hand the bulletins in, and wait until every host works by them. */
int demo_publish(struct demo_story *story, struct error *err) MUST_CHECK;

/* Send the letter and tell its events until all recipients opened it. */
int demo_send(struct demo_story *story, struct error *err) MUST_CHECK;

/* "WAYBILL/CODE" of the newest letter in the inbox of a host. */
enum { DEMO_NAME_SIZE = 64 };
int demo_inbox_name(const struct demo_story *story, const char *host,
    char ret_name[DEMO_NAME_SIZE], struct error *err) MUST_CHECK;

/* Sign for it at the recipients, and wait for the sender to know. */
int demo_confirm(struct demo_story *story, struct error *err) MUST_CHECK;

/* Fetch every receipt of the letter and verify it offline. */
int demo_verify(struct demo_story *story, struct error *err) MUST_CHECK;

#endif
