#include "render/flow.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "document/pool.h"

enum {
	FIRST_BLOCKS = 64,
	CELL_LINES_MAX = 20, /* a longer cell may be cut by the page's end */
};

/* A line, or several that stay together, on their way to a page. */
struct row {
	const struct block *block;
	size_t first, end; /* lines */
	double before, height;
	bool may_begin; /* a page may begin with it */
};

struct rows {
	struct row *items;
	size_t count;
	const struct row *head; /* of the table, or NULL */
};

void
flow_free(struct flow *flow)
{
	free(flow->blocks);
	free(flow->placed);
}

void
flow_add(struct flow *flow, const struct block *block)
{
	struct block *at;

	if (flow->failed)
		return;
	if (flow->block_count == flow->block_size) {
		size_t size =
		    flow->block_size > 0 ? 2 * flow->block_size : FIRST_BLOCKS;
		struct block *blocks =
		    realloc(flow->blocks, size * sizeof(*blocks));

		if (blocks == NULL) {
			flow->failed = true;
			return;
		}
		flow->blocks = blocks;
		flow->block_size = size;
	}
	at = &flow->blocks[flow->block_count++];
	*at = *block;
	at->label = at->label != NULL ? at->label : "";
	at->text = at->text != NULL ? at->text : "";
}

static const char *
joined(struct pool *pool, const char *a, const char *b)
{
	size_t len = strlen(a);
	char *text = pool_alloc(pool, len + strlen(b) + 1, 1);

	if (text == NULL)
		return "";
	memcpy(text, a, len);
	memcpy(text + len, b, strlen(b) + 1);
	return text;
}

/* Shape the label; one that takes half the line becomes part of the text. */
static void
make_label(struct block *block, double width, struct shaping *shaping)
{
	double room;

	paragraph_shape(shaping, block->label, block->label_kind,
	    &block->label_glyphs);
	room = (double)paragraph_width(&block->label_glyphs) * block->size;
	if (room > width / 2) {
		block->text = joined(shaping->pool, block->label, block->text);
		block->label_glyphs = (struct paragraph){ 0 };
		room = 0;
	} else if (room < block->label_em * block->size) {
		room = block->label_em * block->size;
	}
	paragraph_break(shaping, &block->label_glyphs, (float)RENDER_TEXT_MAX,
	    false);
	block->text_x = block->x + room;
	block->text_width = width - room;
}

static void
make_lines(const struct flow *flow, struct block *block,
    struct shaping *shaping)
{
	float em;

	make_label(block,
	    block->width > 0 ? block->width : flow->width - block->x, shaping);
	em = (float)(block->text_width / block->size);
	paragraph_shape(shaping, block->text, PARAGRAPH_TEXT, &block->body);
	paragraph_break(shaping, &block->body, em, block->align == BLOCK_EVEN);
	if (block->align == BLOCK_SPREAD)
		paragraph_spread(&block->body, em);
}

/* A label without text still takes a line. */
static size_t
line_count(const struct block *block)
{
	return block->body.line_count > 0 ? block->body.line_count : 1;
}

static bool
may_begin(const struct block *before, const struct block *block, size_t line)
{
	size_t count = line_count(block);

	if (line == 0)
		return before == NULL || !before->with_next;
	return line > 1 && line < count - 1;
}

static bool
is_cell(const struct block *block)
{
	return block->role == BLOCK_CELL || block->role == BLOCK_HEAD;
}

static void
add_rows(struct rows *rows, const struct block *before,
    const struct block *block)
{
	size_t count = line_count(block);
	size_t step = is_cell(block) && count <= CELL_LINES_MAX ? count : 1;

	for (size_t line = 0; line < count; line += step) {
		rows->items[rows->count] = (struct row){ .block = block,
			.first = line,
			.end = line + step,
			.before = line == 0 ? block->before : 0,
			.height = block->pitch * (double)step,
			.may_begin = may_begin(before, block, line) };
		if (block->role == BLOCK_HEAD)
			rows->head = &rows->items[rows->count];
		rows->count++;
	}
}

static void
make_rows(const struct flow *flow, struct rows *rows)
{
	const struct block *before = NULL;

	for (size_t i = 0; i < flow->block_count; i++) {
		const struct block *block = &flow->blocks[i];

		if (block->is_overlay)
			continue;
		add_rows(rows, before, block);
		before = block;
	}
}

/* The head to repeat if a page begins with this row. */
static const struct row *
head_for(const struct rows *rows, size_t first)
{
	return rows->items[first].block->role == BLOCK_CELL ? rows->head : NULL;
}

/* Where the page that begins with `first` ends. */
static size_t
page_end(const struct flow *flow, const struct rows *rows, size_t first)
{
	const struct row *head = head_for(rows, first);
	double taken = head != NULL ? head->height : 0;
	size_t end = first;
	size_t cut;

	while (end < rows->count) {
		const struct row *row = &rows->items[end];

		if (end > first && row->first == 0 && row->block->begins_page)
			return end;
		taken += (end > first ? row->before : 0) + row->height;
		if (taken > flow->height + 0.01)
			break;
		end++;
	}
	if (end == rows->count)
		return end;
	for (cut = end; cut > first && !rows->items[cut].may_begin; cut--)
		;
	if (cut > first)
		return cut;
	return end > first ? end : first + 1;
}

static void
place(struct flow *flow, const struct block *block, size_t first, size_t end,
    double top)
{
	for (size_t line = first; line < end; line++)
		flow->placed[flow->placed_count++] =
		    (struct placed){ .block = block,
			    .line = line,
			    .page = flow->page_count,
			    .top = top + block->shift +
				(double)(line - first) * block->pitch };
}

/* The row and what stands beside it, from left to right in a table. */
static void
place_row(struct flow *flow, const struct row *row, double top)
{
	const struct block *own = row->block;
	const struct block *first = own;

	if (row->first == 0)
		while (first > flow->blocks && first[-1].is_overlay)
			first--;
	for (const struct block *at = first; at < own; at++)
		if (!is_cell(own) || at->x < own->x)
			place(flow, at, 0, line_count(at), top);
	place(flow, own, row->first, row->end, top);
	for (const struct block *at = first; at < own; at++)
		if (is_cell(own) && at->x >= own->x)
			place(flow, at, 0, line_count(at), top);
}

static void
place_page(struct flow *flow, const struct rows *rows, size_t first, size_t end)
{
	const struct row *head = head_for(rows, first);
	double top = 0;

	if (head != NULL) {
		place_row(flow, head, top);
		top += head->height;
	}
	for (size_t i = first; i < end; i++) {
		const struct row *row = &rows->items[i];

		top += i > first ? row->before : 0;
		place_row(flow, row, top);
		top += row->height;
	}
	flow->page_count++;
}

static int
place_all(struct flow *flow, const struct rows *rows, struct error *err)
{
	for (size_t first = 0; first < rows->count;) {
		size_t end = page_end(flow, rows, first);

		if (flow->page_count == RENDER_PAGES_MAX)
			return error_set_id(err, "E2295", ERROR_MALFORMED,
			    "it would take more than %d pages",
			    RENDER_PAGES_MAX);
		place_page(flow, rows, first, end);
		first = end;
	}
	return 0;
}

/* Heads are placed once more for each page. */
static size_t
all_lines(const struct flow *flow)
{
	size_t count = 0;
	size_t heads = 0;

	for (size_t i = 0; i < flow->block_count; i++) {
		count += line_count(&flow->blocks[i]);
		if (flow->blocks[i].role == BLOCK_HEAD)
			heads += line_count(&flow->blocks[i]);
	}
	return count + heads * RENDER_PAGES_MAX;
}

int
flow_lay_out(struct flow *flow, struct shaping *shaping, struct error *err)
{
	struct rows rows = { 0 };
	size_t count;
	int rc;

	if (flow->failed)
		return error_set_memory(err);
	for (size_t i = 0; i < flow->block_count; i++) {
		make_lines(flow, &flow->blocks[i], shaping);
		if (shaping_failed(shaping, err) < 0)
			return -1;
	}
	count = all_lines(flow);
	rows.items = calloc(count + 1, sizeof(*rows.items));
	flow->placed = calloc(count + 1, sizeof(*flow->placed));
	if (rows.items == NULL || flow->placed == NULL) {
		free(rows.items);
		return error_set_memory(err);
	}
	make_rows(flow, &rows);
	rc = place_all(flow, &rows, err);
	free(rows.items);
	return rc;
}
