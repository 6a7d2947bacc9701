/*
 * The configuration of one host: an INI file and its drop-ins, read once into
 * a struct that is const from then on.  The table in config_table.c names
 * every key with its type, default, limits and a line of help; the manual
 * page yizhan.conf(5) is checked against it.
 *
 * NAME.conf is read first, then NAME.conf.d/ *.conf in the order of their
 * names; a later value replaces an earlier one.  Unknown sections and keys
 * are refused with a suggestion.
 */
#ifndef SERVICE_CONFIG_H
#define SERVICE_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "service/log.h"

struct bytes;
struct error;

/* Bits of host.kind. */
enum { CONFIG_MANAGEMENT = 1, CONFIG_CENTER = 2, CONFIG_GATEWAY = 4 };

/* Text that was not configured is "", never NULL. */
struct config_host {
	int64_t kinds;
	char *name;
	char *address; /* IPv4 or IPv6 */
	char *data;
	char *user;        /* to become when started as root; "" to stay */
	char *environment; /* such as "production" */
};

/* A host one tier up. */
struct config_peer {
	char *name;
	char *address; /* fixed (R5.3.4) */
	int64_t port;
	char *fingerprint; /* SHA-256 of its certificate, 64 hex digits */
};

/* Where a value was written; a NULL file means the default. */
struct config_place {
	char *file;
	int line; /* 0 where lines have no number */
};

struct config_key {
	char *name;
	char *source; /* "file:/path" or "pkcs11:..." */
	struct config_place place;
};

struct config {
	struct config_host host;
	struct {
		char *root;
		char *fingerprint;
	} trust;
	struct config_peer center;
	struct config_peer management;
	struct {
		int64_t hosts_port;
		int64_t people_port;
		int64_t operators_port;
		char *control;
	} listen;
	struct {
		int64_t letter_bytes;
		int64_t recipients;
		int64_t connections;
		int64_t per_address; /* connections */
		int64_t submissions; /* at a time */
		int64_t handshake_s; /* and a first request, a head */
		int64_t body_s;      /* in which 4 KiB of a body must come */
		int64_t read_s;      /* ... of an answer must be taken */
		int64_t idle_s;      /* a registered host's connection */
		int64_t lifetime_s;
		int64_t rewrap_s;
		/* Of a center; 0: no limit. */
		int64_t organisation_letters;
		int64_t organisation_bytes;
		int64_t host_letters;
		int64_t host_bytes;
		int64_t queue_deliveries;
		int64_t queue_bytes;
		int64_t resume_bytes;
		int64_t partials; /* contents that are here in part */
		int64_t partials_bytes;
		int64_t partials_host;
		int64_t partials_host_bytes;
		int64_t partials_s;
	} limits;
	/* Of a gateway: attachments that are archives. */
	struct {
		int64_t encrypted; /* 1: let through with a warning */
		int64_t unscanned; /* the same */
		int64_t macros;    /* 0: refused */
	} attachments;
	struct {
		int64_t level;  /* enum log_level */
		int64_t format; /* enum log_format */
	} log;
	struct {
		int64_t sync; /* 1, or 0: what is acknowledged may be lost */
		int64_t segment_mb;
		int64_t segments;
		int64_t reserve_mb;
	} store;
	struct {
		int64_t content_s;
	} retention;
	struct {
		int64_t wait_s;
	} restore;
	struct {
		int64_t packages; /* at most, under one signature */
	} signing;
	/* People at the ports for them. */
	struct {
		int64_t idle_s;     /* a session without request */
		int64_t session_s;  /* ... from its log-in on */
		int64_t inactive_s; /* an account without log-in */
	} people;
	struct {
		char *codes; /* with commas; of a bulletin board */
		int64_t days;
	} board;
	struct {
		int64_t undo_s; /* in which people may undo a letter */
		int64_t drafts; /* of an organisation; and their bytes */
		int64_t draft_bytes;
	} sending;
	struct {
		char *addresses; /* where events may be sent: prefixes */
	} webhook;
	struct {
		int64_t retry_first_ms;
		int64_t retry_max_ms;
	} courier;
	/* Of a center: authorities that stamp its log. */
	struct {
		char *urls; /* "URL [ADDRESS], ..." */
		int64_t interval_s;
	} timestamp;
	/* Of centers and gateways: who may be asked about certificates. */
	struct {
		char *urls; /* "URL [ADDRESS], ..." */
		int64_t interval_s;
	} revocation;
	/* The crypto module. */
	struct {
		int64_t integrity; /* 1: only as the program of a release */
		int64_t uses_max;  /* of one key; 0: no limit */
	} module;
	/* Releases of the program. */
	struct {
		char *folder;   /* into which they are installed, or "" */
		char *packages; /* what dpkg says is installed */
		int64_t exact;  /* 1: newer packages are refused too */
	} release;
	struct {
		int64_t clock_offset_ms;
		char *wrong_answer; /* of which self-test, or "" */
	} test;
	struct config_key *keys; /* sorted by name */
	size_t key_count;
	struct config_place *origins; /* one per entry of the table */
};

/* One value, for people; everything lives as long as the config. */
struct config_item {
	const char *section;
	const char *key_prefix; /* "key." for a key of the keeper, else "" */
	const char *key;
	const char *help;
	struct config_place place;
};

/*
 * Read and check.  `environment` is environ, in which YIZHAN_SECTION_KEY
 * replaces a value, or NULL.  Fails with E1101 to E1107, the text naming file
 * and line.
 */
int config_load(const char *path, char *const *environment,
    struct config **ret_config, struct error *err) MUST_CHECK;

/* The same of text in memory, such as config_format() wrote; no drop-ins. */
int config_parse_text(const char *text, const char *name,
    struct config **ret_config, struct error *err) MUST_CHECK;

void config_free(struct config *config);

bool config_has_kind(const struct config *config, int kind);
bool config_is_production(const struct config *config);

/* "file:/path" or "pkcs11:..." of a key of the keeper; NULL if none such. */
const char *config_key_source(const struct config *config, const char *name);

/* Write every value that has one as INI text that config_parse_text() takes. */
void config_format(const struct config *config, struct bytes *to);

/*
 * The `index`-th value in the order of the table, its text appended to
 * `value`; false beyond the last.  Keys of the keeper follow the table.
 */
bool config_item(const struct config *config, size_t index,
    struct config_item *ret_item, struct bytes *value);

#endif
