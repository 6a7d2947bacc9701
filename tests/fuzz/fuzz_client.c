/*
 * What a webhook tells, and the headers it comes with: read by libyizhan as
 * whoever reaches a document system may have written them.  Events have all
 * their texts; a signature that nobody made is not taken.
 */
#include <stdlib.h>
#include <string.h>

#include "client/yizhan.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void
look(const struct yizhan_event *event)
{
	if (event->type == NULL || event->at == NULL || event->state == NULL ||
	    event->organisation == NULL || event->document_id == NULL ||
	    event->waybill_id == NULL || event->recipient == NULL ||
	    event->reason == NULL)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static const char secret[] = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
	struct yizhan_events *events = NULL;
	char *text = malloc(len + 1);

	if (text == NULL)
		return 0;
	memcpy(text, data, len);
	text[len] = '\0';
	if (yizhan_events_read(text, len, &events) == YIZHAN_OK) {
		for (size_t i = 0; i < events->count; i++)
			look(&events->events[i]);
		yizhan_events_free(events);
	}
	if (yizhan_webhook_check(secret, "evt_1", "1614265330", text, data, len,
		1614265330) == YIZHAN_OK ||
	    yizhan_webhook_check(text, "evt_1", text, "v1,AAAA", data, len,
		1614265330) == YIZHAN_OK)
		abort();
	free(text);
	return 0;
}
