/*
 * Look up hosts of the access lists, centers and management hosts in a
 * directory image (directory/directory.h), and tell who a caller is.
 */
#ifndef DIRECTORY_DIRECTORY_NETWORK_H
#define DIRECTORY_DIRECTORY_NETWORK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/digest.h"
#include "model/org.h"
#include "model/standing.h"

struct directory;

/* A gateway in a center's access list. */
struct directory_host {
	const char *name;
	const char *center; /* whose access list it is in */
	const char *address;
	uint32_t index;
	uint32_t code_count;
};

size_t directory_host_count(const struct directory *directory);
struct directory_host directory_host_at(const struct directory *directory,
    uint32_t index);

/*
 * A gateway may be in the lists of several centers, one that serves it and one
 * that may have to: its entry in that of `center`, or else the first.
 */
bool directory_find_host(const struct directory *directory,
    const struct digest *fingerprint, const char *center,
    struct directory_host *ret_host);
struct org_code directory_host_code_at(const struct directory *directory,
    const struct directory_host *host, uint32_t index);

/* True if `code` is in the host's list (R5.3.5). */
bool directory_host_serves(const struct directory *directory,
    const struct directory_host *host, const struct org_code *code);

/*
 * The same for what was addressed to `code`: also where the host serves whoever
 * receives for it today, as a successor.
 */
bool directory_host_receives(const struct directory *directory,
    const struct directory_host *host, const struct org_code *code);

/*
 * What a caller is: the facts of admission_judge_caller().  A certificate that
 * is registered as several is taken as a center, else management, else a host,
 * as directory_find_host() finds it for the center `home`.
 */
struct directory_caller {
	enum host_kind kind;
	const char *name;
	bool address_matches; /* `address` as text, compared as an address */
	struct directory_host host; /* for HOST_GATEWAY */
};
struct directory_caller directory_identify(const struct directory *directory,
    const struct digest *fingerprint, const char *address, const char *home);

/* A center, or a host of the management tier. */
struct directory_center {
	const char *name;
	const char *address;
	uint16_t port;
	enum center_kind kind; /* of centers only */
	enum center_conformance conformance;
	const char *origin; /* origin line of its log; "" for none */
	uint64_t begins;    /* records of its epochs before; 0: the first */
	const uint8_t *log; /* certificate of its log key, DER; or NULL */
	size_t log_len;
	uint32_t index;
	uint32_t tls_count;
};

size_t directory_center_count(const struct directory *directory);
struct directory_center directory_center_at(const struct directory *directory,
    uint32_t index);
bool directory_find_center(const struct directory *directory, const char *name,
    struct directory_center *ret_center);

/* The fingerprint of one of its TLS certificates. */
struct digest directory_center_tls_at(const struct directory *directory,
    const struct directory_center *center, uint32_t index);

/*
 * Hosts of the management tier: without kind and conformance; one that keeps
 * the log of management has the fields of a log.
 */
size_t directory_management_count(const struct directory *directory);
struct directory_center directory_management_at(const struct directory
						    *directory,
    uint32_t index);
struct digest directory_management_tls_at(const struct directory *directory,
    const struct directory_center *management, uint32_t index);

#endif
