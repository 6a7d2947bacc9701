/*
 * The entries of directory, network and access bulletins, decoded: one
 * organisation, center or host as a struct that owns its memory.  Management
 * edits with it; the image is built from it.
 */
#ifndef DIRECTORY_DIRECTORY_ENTRY_H
#define DIRECTORY_DIRECTORY_ENTRY_H

#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/bytes.h"
#include "model/org.h"
#include "model/standing.h"

struct error;
struct json_value;
struct json_writer;

enum {
	ENTRY_HOST_SIZE = 41,     /* names of hosts and centers */
	ENTRY_ADDRESS_SIZE = 64,  /* an IP address as text */
	ENTRY_ORIGIN_SIZE = 256,  /* the origin line of a log */
	ENTRY_NAME_MAX = 1000,    /* bytes of an organisation's name */
	ENTRY_KEYS_MAX = 32,      /* of an organisation */
	ENTRY_TLS_MAX = 8,        /* certificates of a host */
	ENTRY_CODES_MAX = 50000,  /* of a host */
	ENTRY_ORGS_MAX = 1000000, /* of a directory */
	ENTRY_CENTERS_MAX = 1000,
	ENTRY_HOSTS_MAX = 50000, /* of an access list */
};

/* When and why a key was revoked; `at_ms` of 0: it was never good. */
struct entry_revoked {
	int64_t at_ms;
	int reason; /* as in model/revocation.h */
};

struct entry_key {
	enum key_use use;
	enum key_state state;
	int64_t not_after_ms;
	struct bytes certificate; /* DER */
	struct entry_revoked revoked;
};

struct entry_org {
	struct org_code code;
	char *name;
	enum org_kind kind;
	enum org_status status;
	char center[ENTRY_HOST_SIZE];
	struct org_code supervisor; /* "" for none */
	struct org_code successor;  /* of a dissolved one; "" for none */
	char host[ENTRY_HOST_SIZE];
	uint64_t accepts_letter_bytes;
	struct entry_key *keys;
	size_t key_count;
};

/* A center, or a host of management (without all after `tls`). */
struct entry_center {
	char name[ENTRY_HOST_SIZE];
	char address[ENTRY_ADDRESS_SIZE];
	uint16_t port;
	struct bytes *tls; /* DER */
	size_t tls_count;
	enum center_kind kind;
	enum center_conformance conformance;
	struct bytes log; /* DER */
	char origin[ENTRY_ORIGIN_SIZE];
	uint64_t begins; /* records of the epochs before; 0: the first */
};

struct entry_host {
	char name[ENTRY_HOST_SIZE];
	char address[ENTRY_ADDRESS_SIZE];
	struct bytes *tls; /* DER */
	size_t tls_count;
	struct org_code *codes;
	size_t code_count;
};

/*
 * Decode one.  ERROR_MALFORMED E7020 says what is wrong.  After a failure there
 * is nothing to free.
 */
int entry_org_decode(const struct json_value *value, struct entry_org *ret_org,
    struct error *err) MUST_CHECK;
/* From its JSON. */
int entry_org_parse(const void *json, size_t len, struct entry_org *ret_org,
    struct error *err) MUST_CHECK;

/* The same when only its code is wanted; all of it is checked. */
int entry_org_parse_code(const void *json, size_t len,
    struct org_code *ret_code, struct error *err) MUST_CHECK;
int entry_center_decode(const struct json_value *value,
    struct entry_center *ret_center, struct error *err) MUST_CHECK;
int entry_management_decode(const struct json_value *value,
    struct entry_center *ret_management, struct error *err) MUST_CHECK;
int entry_host_decode(const struct json_value *value,
    struct entry_host *ret_host, struct error *err) MUST_CHECK;

void entry_org_free(struct entry_org *org);
int entry_org_copy(const struct entry_org *org, struct entry_org *ret_copy,
    struct error *err) MUST_CHECK;
void entry_center_free(struct entry_center *center);
void entry_host_free(struct entry_host *host);

/* Write one as an item of the array that has been begun. */
void entry_org_encode(const struct entry_org *org, struct json_writer *writer);
void entry_key_encode(const struct entry_key *key, struct json_writer *writer);
void entry_center_encode(const struct entry_center *center,
    struct json_writer *writer);
void entry_management_encode(const struct entry_center *management,
    struct json_writer *writer);
void entry_host_encode(const struct entry_host *host,
    struct json_writer *writer);

#endif
