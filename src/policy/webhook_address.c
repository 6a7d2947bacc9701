#include "policy/webhook_address.h"

#include <arpa/inet.h>
#include <stdint.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"

enum { HOST_SIZE = 64, PREFIX_SIZE = 80 };

struct address {
	int family;
	uint8_t bytes[16];
	unsigned bits; /* of the family */
};

/* The one way to write it: what inet_ntop() gives. */
static bool
parse_address(const char *text, struct address *ret_address)
{
	struct address address = { 0 };
	char again[HOST_SIZE];

	address.family = strchr(text, ':') != NULL ? AF_INET6 : AF_INET;
	address.bits = address.family == AF_INET ? 32 : 128;
	if (inet_pton(address.family, text, address.bytes) != 1 ||
	    inet_ntop(address.family, address.bytes, again, sizeof(again)) ==
		NULL ||
	    strcmp(text, again) != 0)
		return false;
	*ret_address = address;
	return true;
}

static bool
has_prefix(const struct address *address, const struct address *prefix,
    unsigned bits)
{
	unsigned whole = bits / 8;
	unsigned rest = bits % 8;

	if (address->family != prefix->family ||
	    memcmp(address->bytes, prefix->bytes, whole) != 0)
		return false;
	return rest == 0 ||
	    (address->bytes[whole] ^ prefix->bytes[whole]) >> (8 - rest) == 0;
}

/* ---- the list ------------------------------------------------------------ */

/* "10.1.2.0/24"; all bits beyond the prefix must be 0. */
static bool
parse_prefix(const char *text, size_t len, struct address *ret_address,
    unsigned *ret_bits)
{
	char copy[PREFIX_SIZE];
	char *slash;
	uint64_t bits;

	if (!text_copy_len(copy, sizeof(copy), text, len))
		return false;
	slash = strchr(copy, '/');
	if (slash != NULL)
		*slash = '\0';
	if (!parse_address(copy, ret_address))
		return false;
	bits = ret_address->bits;
	if (slash != NULL &&
	    !text_parse_u64(slash + 1, ret_address->bits, &bits))
		return false;
	for (unsigned i = (unsigned)bits; i < ret_address->bits; i++)
		if (ret_address->bytes[i / 8] & (0x80 >> (i % 8)))
			return false;
	*ret_bits = (unsigned)bits;
	return true;
}

/* Visit the items; `address` NULL: are all of them good? */
static bool
look_through(const char *list, const struct address *address,
    unsigned *ret_bits)
{
	while (*list != '\0') {
		size_t len = strcspn(list, ", ");
		struct address prefix;
		unsigned bits;

		if (len > 0 && !parse_prefix(list, len, &prefix, &bits))
			return false;
		if (len > 0 && address != NULL &&
		    has_prefix(address, &prefix, bits)) {
			*ret_bits = bits;
			return true;
		}
		list += len;
		list += strspn(list, ", ");
	}
	return address == NULL;
}

bool
webhook_address_is_list(const char *text)
{
	return look_through(text, NULL, NULL);
}

/* ---- what is never one ------------------------------------------------------ */

/* At least so many bits of the list must name a loopback address. */
static bool
is_loopback(const struct address *address)
{
	static const uint8_t six[16] = { [15] = 1 };

	return address->family == AF_INET
	    ? address->bytes[0] == 127
	    : memcmp(address->bytes, six, sizeof(six)) == 0;
}

static bool
is_never_one(const struct address *address)
{
	const uint8_t *b = address->bytes;
	static const uint8_t none[16];

	if (address->family == AF_INET)
		return b[0] == 0 || (b[0] == 169 && b[1] == 254) || b[0] >= 224;
	/* Unspecified and IPv4 in other clothes; link-local; multicast. */
	return (memcmp(b, none, 10) == 0 && !is_loopback(address)) ||
	    (b[0] == 0xfe && (b[1] & 0xc0) == 0x80) || b[0] == 0xff ||
	    (b[0] == 0 && b[1] == 0x64 && b[2] == 0xff && b[3] == 0x9b) ||
	    (b[0] == 0x20 && b[1] == 0x02);
}

/* ---- the URL --------------------------------------------------------------------- */

static int
refuse(struct error *err, const char *url, const char *why)
{
	return error_set_id(err, "E6413", ERROR_DENIED, "%.200s: %s", url, why);
}

static bool
is_path(const char *text)
{
	return text[0] == '\0' ||
	    (text[0] == '/' &&
		text[strspn(text,
		    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
		    "0123456789-._~/?=&")] == '\0');
}

/* ":443/path", or less. */
static bool
is_rest(const char *text)
{
	char digits[8];
	uint64_t port = 1;
	size_t len = 0;

	if (text[0] == ':') {
		len = 1 + strspn(text + 1, "0123456789");
		if (!text_copy_len(digits, sizeof(digits), text + 1, len - 1) ||
		    !text_parse_u64(digits, 65535, &port))
			return false;
	}
	return port > 0 && is_path(text + len);
}

static bool
parse_url(const char *url, struct address *ret_address)
{
	char host[HOST_SIZE];
	const char *at;
	size_t len;

	if (strlen(url) >= WEBHOOK_URL_SIZE)
		return false;
	if (text_starts(url, "https://"))
		at = url + strlen("https://");
	else if (text_starts(url, "http://"))
		at = url + strlen("http://");
	else
		return false;
	if (*at == '[') {
		at++;
		len = strcspn(at, "]");
		return at[len] == ']' &&
		    text_copy_len(host, sizeof(host), at, len) &&
		    strchr(host, ':') != NULL &&
		    parse_address(host, ret_address) && is_rest(at + len + 1);
	}
	len = strspn(at, "0123456789.");
	return text_copy_len(host, sizeof(host), at, len) &&
	    parse_address(host, ret_address) && is_rest(at + len);
}

int
webhook_address_check(const char *url, const char *allowed, struct error *err)
{
	struct address address;
	unsigned bits = 0;

	if (!parse_url(url, &address))
		return refuse(err, url,
		    "not http or https, an address as it is written "
		    "elsewhere, a port, and a plain path");
	if (is_never_one(&address))
		return refuse(err, url, "never an address of a webhook");
	if (!look_through(allowed, &address, &bits))
		return refuse(err, url, "[webhook] addresses does not list it");
	if (is_loopback(&address) &&
	    bits < (address.family == AF_INET ? 8 : 128))
		return refuse(err, url,
		    "loopback, which must be listed by itself");
	return 0;
}
