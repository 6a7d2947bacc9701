/*
 * 段落 with its 條列, one below the other, each with its number.
 */
#include "document/make.h"

#include <stdint.h>

#include "base/bytes.h"
#include "document/letter.h"
#include "document/make_internal.h"

/* The items of one list, some of which are written. */
struct level {
	const struct document_item *items;
	size_t count;
	size_t at;
};

static void
open_item(struct maker *maker, const struct document_item *item, size_t depth,
    size_t nth)
{
	struct bytes number = { 0 };
	const char *text = item->number;

	if (*text == '\0') {
		if (!make_item_number(depth, nth, &number))
			make_report(maker, "E2173", item->text);
		bytes_put_u8(&number, '\0');
		text = number.failed ? "" : (const char *)number.data;
		maker->out->failed = maker->out->failed || number.failed;
	}
	bytes_put_u8(maker->out, '\n');
	make_open_with(maker, "條列", nth, "序號", text);
	make_element(maker, "文字", 0, item->text);
	bytes_free(&number);
}

static void
put_items(struct maker *maker, const struct document_item *items, size_t count)
{
	struct level levels[MAKE_ITEM_DEPTH_MAX] = { { items, count, 0 } };
	size_t depth = 0;

	for (;;) {
		struct level *level = &levels[depth];
		const struct document_item *item;

		if (level->at == level->count) {
			if (depth == 0)
				return;
			depth--;
			make_close(maker, "條列");
			continue;
		}
		item = &level->items[level->at++];
		open_item(maker, item, depth, level->at);
		if (item->item_count > 0 && depth + 1 < MAKE_ITEM_DEPTH_MAX) {
			levels[++depth] =
			    (struct level){ item->items, item->item_count, 0 };
			continue;
		}
		if (item->item_count > 0)
			make_report(maker, "E2172", item->items[0].text);
		make_close(maker, "條列");
	}
}

void
make_section(struct maker *maker, const struct document_section *section,
    size_t nth)
{
	make_open_with(maker, "段落", nth, "段名", section->label);
	make_element(maker, "文字", 0, section->text);
	put_items(maker, section->items, section->item_count);
	make_close(maker, "段落");
}
