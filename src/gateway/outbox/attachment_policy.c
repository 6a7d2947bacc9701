#include "gateway/outbox/attachment_policy.h"

#include "archive/archive_inspect.h"
#include "service/config.h"

uint8_t
attachment_policy(const struct config *config)
{
	unsigned policy = 0;

	if (config->attachments.encrypted)
		policy |= ARCHIVE_ALLOW_ENCRYPTED;
	if (config->attachments.unscanned)
		policy |= ARCHIVE_ALLOW_UNSCANNED;
	if (!config->attachments.macros)
		policy |= ARCHIVE_REFUSE_MACROS;
	return (uint8_t)policy;
}
