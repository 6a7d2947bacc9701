#include "render/flow.h"

#include <stdlib.h>

#include "base/error.h"
#include "document/pool.h"

enum { FIRST_BLOCKS = 64, LABEL_MOST_EM = 8, LABEL_EM = 3 };

/* A line on its way to a page. */
struct row {
	const struct block *block;
	size_t line;
	double before, height;
	bool may_begin; /* a page may begin with it */
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

/* Room of the label; a very long one must not squeeze the text. */
static double
label_room(const struct block *block)
{
	double em = (double)paragraph_width(&block->label_glyphs);

	if (em > LABEL_MOST_EM && block->label_em == 0)
		em = LABEL_MOST_EM;
	return (em > block->label_em ? em : block->label_em) * block->size;
}

static void
make_lines(const struct flow *flow, struct block *block,
    struct shaping *shaping)
{
	double width = block->width > 0 ? block->width : flow->width - block->x;
	float em;

	paragraph_shape(shaping, block->label, block->label_kind,
	    &block->label_glyphs);
	paragraph_break(shaping, &block->label_glyphs, (float)RENDER_TEXT_MAX,
	    false);
	block->text_x = block->x + label_room(block);
	block->text_width = width - label_room(block);
	if (block->text_width < block->size)
		block->text_width = block->size;
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

static size_t
make_rows(const struct flow *flow, struct row *rows)
{
	const struct block *before = NULL;
	size_t count = 0;

	for (size_t i = 0; i < flow->block_count; i++) {
		const struct block *block = &flow->blocks[i];

		if (block->is_overlay)
			continue;
		for (size_t line = 0; line < line_count(block); line++)
			rows[count++] = (struct row){ .block = block,
				.line = line,
				.before = line == 0 ? block->before : 0,
				.height = block->pitch,
				.may_begin = may_begin(before, block, line) };
		before = block;
	}
	return count;
}

/* How many of the rows from `first` on go on one page. */
static size_t
rows_of_page(const struct flow *flow, const struct row *rows, size_t first,
    size_t count)
{
	double taken = 0;
	size_t end = first;
	size_t cut;

	while (end < count) {
		const struct row *row = &rows[end];

		if (end > first && row->line == 0 && row->block->begins_page)
			return end - first;
		taken += (end > first ? row->before : 0) + row->height;
		if (taken > flow->height + 0.01)
			break;
		end++;
	}
	if (end == count)
		return end - first;
	for (cut = end; cut > first && !rows[cut].may_begin; cut--)
		;
	if (cut == first)
		cut = end > first ? end : first + 1;
	return cut - first;
}

static void
place(struct flow *flow, const struct block *block, size_t line, double top)
{
	flow->placed[flow->placed_count++] = (struct placed){ .block = block,
		.line = line,
		.page = flow->page_count,
		.top = top + block->shift };
}

/* The overlays right before a block, then the row itself. */
static void
place_row(struct flow *flow, const struct row *row, double top)
{
	const struct block *first = row->block;

	if (row->line == 0)
		while (first > flow->blocks && first[-1].is_overlay)
			first--;
	for (; first < row->block; first++)
		for (size_t i = 0; i < line_count(first); i++)
			place(flow, first, i, top + (double)i * first->pitch);
	place(flow, row->block, row->line, top);
}

static void
place_all(struct flow *flow, const struct row *rows, size_t count)
{
	for (size_t first = 0; first < count;) {
		size_t end = first + rows_of_page(flow, rows, first, count);
		double top = 0;

		for (size_t i = first; i < end; i++) {
			top += i > first ? rows[i].before : 0;
			place_row(flow, &rows[i], top);
			top += rows[i].height;
		}
		flow->page_count++;
		first = end;
	}
}

static size_t
all_lines(const struct flow *flow)
{
	size_t count = 0;

	for (size_t i = 0; i < flow->block_count; i++)
		count += line_count(&flow->blocks[i]);
	return count;
}

int
flow_lay_out(struct flow *flow, struct shaping *shaping, struct error *err)
{
	struct row *rows = NULL;
	size_t count;
	int rc = -1;

	if (flow->failed)
		return error_set_memory(err);
	for (size_t i = 0; i < flow->block_count; i++) {
		make_lines(flow, &flow->blocks[i], shaping);
		if (shaping_failed(shaping, err) < 0)
			return -1;
	}
	count = all_lines(flow);
	rows = calloc(count + 1, sizeof(*rows));
	flow->placed = calloc(count + 1, sizeof(*flow->placed));
	if (rows == NULL || flow->placed == NULL) {
		error_set_memory(err);
		goto done;
	}
	place_all(flow, rows, make_rows(flow, rows));
	if (flow->page_count > RENDER_PAGES_MAX) {
		error_set_id(err, "E2295", ERROR_MALFORMED,
		    "it would take %u pages, more than %d", flow->page_count,
		    RENDER_PAGES_MAX);
		goto done;
	}
	rc = 0;
done:
	free(rows);
	return rc;
}
