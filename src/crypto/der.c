#include "crypto/der.h"

#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"

struct der
der_of(const void *data, size_t len)
{
	return (struct der){ .data = data, .left = len };
}

static struct der_item
fail(struct der *der)
{
	der->failed = true;
	der->left = 0;
	return (struct der_item){ 0 };
}

int
der_peek(const struct der *der)
{
	return !der->failed && der->left > 0 ? der->data[0] : 0;
}

/*
 * The length octets at `at`.  Returns how many there are, 0 if they are not the
 * shortest form or exceed four.
 */
static size_t
read_length(const uint8_t *at, size_t left, size_t *ret_len)
{
	size_t count;
	size_t len = 0;

	if (left == 0)
		return 0;
	if (at[0] < 0x80) {
		*ret_len = at[0];
		return 1;
	}
	count = at[0] & 0x7f;
	if (count == 0 || count > 4 || count >= left || at[1] == 0)
		return 0;
	for (size_t i = 1; i <= count; i++)
		len = len << 8 | at[i];
	*ret_len = len;
	return len >= 0x80 ? 1 + count : 0;
}

struct der_item
der_take_any(struct der *der)
{
	struct der_item item = { 0 };
	size_t head;
	size_t len = 0;

	/* Tags of several octets begin with 0x1f in the low bits. */
	if (der->failed || der->left < 2 || (der->data[0] & 0x1f) == 0x1f)
		return fail(der);
	head = read_length(der->data + 1, der->left - 1, &len);
	if (head == 0 || len > der->left - 1 - head)
		return fail(der);
	item.whole = der->data;
	item.whole_len = 1 + head + len;
	item.body = der->data + 1 + head;
	item.body_len = len;
	der->data += item.whole_len;
	der->left -= item.whole_len;
	return item;
}

struct der_item
der_take(struct der *der, int tag)
{
	return der_peek(der) == tag ? der_take_any(der) : fail(der);
}

struct der
der_enter(struct der *der, int tag)
{
	struct der_item item = der_take(der, tag);

	return (struct der){ .data = item.body,
		.left = item.body_len,
		.failed = der->failed };
}

int
der_small(struct der *der)
{
	struct der_item item = der_take(der, DER_INTEGER);
	int value = 0;

	if (item.body_len == 0 || item.body_len > 4 ||
	    (item.body[0] & 0x80) != 0 ||
	    (item.body_len > 1 && item.body[0] == 0 &&
		(item.body[1] & 0x80) == 0)) {
		fail(der);
		return 0;
	}
	for (size_t i = 0; i < item.body_len; i++)
		value = value * 256 + item.body[i];
	return value;
}

struct der_item
der_take_bits(struct der *der)
{
	struct der_item item = der_take(der, DER_BIT_STRING);

	if (item.body_len == 0 || item.body[0] != 0)
		return fail(der);
	item.body++;
	item.body_len--;
	return item;
}

bool
der_done(const struct der *der)
{
	return !der->failed && der->left == 0;
}

bool
der_leave(struct der *der, const struct der *inner)
{
	if (!der_done(inner))
		fail(der);
	return !der->failed;
}

bool
der_item_equal(const struct der_item *item, const void *data, size_t len)
{
	return item->whole_len == len && memcmp(item->whole, data, len) == 0;
}

enum { LENGTH_MAX = 1 + sizeof(size_t) };

/* The length octets into `to`; returns how many. */
static size_t
format_length(size_t len, uint8_t to[LENGTH_MAX])
{
	size_t count = 0;
	size_t rest = len;

	if (len < 0x80) {
		to[0] = (uint8_t)len;
		return 1;
	}
	for (; rest > 0; rest >>= 8)
		count++;
	to[0] = (uint8_t)(0x80 | count);
	for (size_t i = count; i > 0; i--, len >>= 8)
		to[i] = (uint8_t)len;
	return 1 + count;
}

void
der_put(struct bytes *to, int tag, const void *body, size_t len)
{
	uint8_t length[LENGTH_MAX];

	bytes_put_u8(to, (uint8_t)tag);
	bytes_put(to, length, format_length(len, length));
	bytes_put(to, body, len);
}

void
der_put_small(struct bytes *to, int value)
{
	size_t began = der_begin(to, DER_INTEGER);

	for (int shift = 24; shift > 0; shift -= 8)
		if (value >> (shift - 1) != 0)
			bytes_put_u8(to, (uint8_t)(value >> shift));
	bytes_put_u8(to, (uint8_t)value);
	der_end(to, began);
}

size_t
der_begin(struct bytes *to, int tag)
{
	bytes_put_u8(to, (uint8_t)tag);
	return to->len;
}

void
der_end(struct bytes *to, size_t began)
{
	size_t body_len = to->len - began;
	uint8_t length[LENGTH_MAX];
	size_t length_len = format_length(body_len, length);

	if (bytes_extend(to, length_len) == NULL)
		return;
	memmove(to->data + began + length_len, to->data + began, body_len);
	memcpy(to->data + began, length, length_len);
}

/* The order of DER: byte by byte, a prefix before what is longer. */
static int
compare_spans(const void *a, const void *b)
{
	const struct der_span *left = a;
	const struct der_span *right = b;
	size_t len = left->len < right->len ? left->len : right->len;
	int order = memcmp(left->data, right->data, len);

	return order != 0 ? order
			  : (left->len > right->len) - (left->len < right->len);
}

void
der_put_set_of(struct bytes *to, int tag, struct der_span *items, size_t count)
{
	size_t began = der_begin(to, tag);

	qsort(items, count, sizeof(*items), compare_spans);
	for (size_t i = 0; i < count; i++)
		bytes_put(to, items[i].data, items[i].len);
	der_end(to, began);
}

struct der_item
der_take_of_set(struct der *der, const struct der_item *before)
{
	struct der_item item = der_take_any(der);
	struct der_span spans[] = { { before->whole, before->whole_len },
		{ item.whole, item.whole_len } };

	if (!der->failed && before->whole != NULL &&
	    compare_spans(&spans[0], &spans[1]) >= 0)
		return fail(der);
	return item;
}
