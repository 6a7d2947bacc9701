#include "store/rows_log.h"

enum { MAGIC = 0x377f0682, VERSION = 3007000 };

static uint32_t
big(const uint8_t *from)
{
	return (uint32_t)from[0] << 24 | (uint32_t)from[1] << 16 |
	    (uint32_t)from[2] << 8 | from[3];
}

static uint32_t
little(const uint8_t *from)
{
	return (uint32_t)from[3] << 24 | (uint32_t)from[2] << 16 |
	    (uint32_t)from[1] << 8 | from[0];
}

static struct rows_log_sum
add(bool is_big_endian, struct rows_log_sum sum, const uint8_t *data,
    uint32_t len)
{
	for (uint32_t i = 0; i < len; i += 8) {
		uint32_t first =
		    is_big_endian ? big(data + i) : little(data + i);
		uint32_t second =
		    is_big_endian ? big(data + i + 4) : little(data + i + 4);

		sum.s[0] += first + sum.s[1];
		sum.s[1] += second + sum.s[0];
	}
	return sum;
}

static bool
is_same(struct rows_log_sum a, struct rows_log_sum b)
{
	return a.s[0] == b.s[0] && a.s[1] == b.s[1];
}

bool
rows_log_head_read(const uint8_t head[ROWS_LOG_HEAD],
    struct rows_log_head *ret_head)
{
	struct rows_log_head log = { .is_big_endian = (big(head) & 1) != 0,
		.salt = { big(head + 16), big(head + 20) },
		.sum = { { big(head + 24), big(head + 28) } } };
	struct rows_log_sum sum = { { 0, 0 } };

	if ((big(head) & ~1U) != MAGIC || big(head + 4) != VERSION ||
	    big(head + 8) != ROWS_PAGE)
		return false;
	sum = add(log.is_big_endian, sum, head, ROWS_LOG_HEAD - 8);
	if (!is_same(sum, log.sum))
		return false;
	*ret_head = log;
	return true;
}

struct rows_log_sum
rows_log_frame_sum(const uint8_t head[ROWS_LOG_FRAME_HEAD])
{
	return (struct rows_log_sum){ { big(head + 16), big(head + 20) } };
}

bool
rows_log_frame_commits(const uint8_t head[ROWS_LOG_FRAME_HEAD])
{
	return big(head + 4) != 0;
}

bool
rows_log_frame_is_whole(const struct rows_log_head *log,
    struct rows_log_sum before, const uint8_t head[ROWS_LOG_FRAME_HEAD],
    const uint8_t page[ROWS_PAGE])
{
	struct rows_log_sum sum = add(log->is_big_endian, before, head, 8);

	sum = add(log->is_big_endian, sum, page, ROWS_PAGE);
	return big(head) != 0 && big(head + 8) == log->salt[0] &&
	    big(head + 12) == log->salt[1] &&
	    is_same(sum, rows_log_frame_sum(head));
}

uint64_t
rows_log_frame_at(uint32_t number)
{
	return ROWS_LOG_HEAD + (uint64_t)(number - 1) * ROWS_LOG_FRAME;
}

uint32_t
rows_log_frame_of(uint64_t at)
{
	if (at < ROWS_LOG_HEAD)
		return 0;
	return (uint32_t)((at - ROWS_LOG_HEAD) / ROWS_LOG_FRAME) + 1;
}
