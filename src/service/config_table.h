/*
 * The table of all keys, and their values as text.  For config.c and for the
 * check of the manual page only.
 */
#ifndef SERVICE_CONFIG_TABLE_H
#define SERVICE_CONFIG_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"

struct bytes;
struct config;
struct error;

enum config_type {
	CONFIG_NAME,     /* 1 to 40 of a-z 0-9 - */
	CONFIG_WORD,     /* a user name */
	CONFIG_PATH,     /* absolute */
	CONFIG_ADDRESS,  /* IPv4 or IPv6 */
	CONFIG_PREFIXES, /* addresses, with or without a length of prefix */
	CONFIG_URLS,     /* of http or https, an address behind each or not */
	CONFIG_FINGERPRINT, /* 64 lower-case hex digits */
	CONFIG_NUMBER,      /* decimal, with K, M or G for powers of 1024 */
	CONFIG_SIGNED,      /* the same with a sign */
	CONFIG_CHOICE,      /* one of `words` */
	CONFIG_SET,         /* several of `words`, with blanks or commas */
};

struct config_entry {
	const char *section;
	const char *key;
	enum config_type type;
	size_t offset; /* in struct config: of a char * or an int64_t */
	const char *initial;
	int64_t min;
	int64_t max;
	const char *const *words; /* ends with NULL; the value is the index */
	const char *help;
};

extern const struct config_entry config_table[];
extern const size_t config_table_count;

/*
 * Check `text` against the entry and put it into the config.  Fails with
 * ERROR_MALFORMED and a text that says what is expected; "" empties a text.
 */
int config_value_parse(const struct config_entry *entry, const char *text,
    struct config *config, struct error *err) MUST_CHECK;

/* Append the value as config_value_parse() takes it. */
void config_value_format(const struct config_entry *entry,
    const struct config *config, struct bytes *to);

bool config_value_is_text(const struct config_entry *entry);
char **config_value_text(const struct config_entry *entry,
    struct config *config);

/* A key of the keeper: its name, and where the key itself is. */
bool config_name_is_good(const char *name);
bool config_key_name_is_good(const char *name);
bool config_key_is_good(const char *source);

#endif
