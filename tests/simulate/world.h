/*
 * What a network is made of before it runs: keys, bulletins, configurations,
 * and the names of all.  Three centers; twenty gateways with one organisation
 * each, spread over the centers.
 */
#ifndef SIMULATE_WORLD_H
#define SIMULATE_WORLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "demo/demo_keys.h"
#include "simulate/sim.h"

struct bytes;

enum { WORLD_ROOT_KEYS = 5, WORLD_ROOT_THRESHOLD = 3, WORLD_OFFICERS = 2 };

struct world_host {
	char code[16]; /* gateways: the organisation's */
	char org[64];
	int center;    /* gateways: index of their center's host */
	int connected; /* ... and of the one in their configuration */
	struct demo_pair tls, log, module, sign, seal;
	bool is_suspended; /* in the newest directory that was made */
};

struct world {
	struct demo_pair anchor, timestamp;
	struct demo_pair root[WORLD_ROOT_KEYS];
	struct demo_pair officers[WORLD_OFFICERS];
	struct world_host hosts[SIM_HOSTS];
	uint64_t directory_serial;
	struct digest directory_digest;
	uint64_t access_serials[SIM_CENTERS];
	struct digest access_digests[SIM_CENTERS];
	bool stores_lie; /* store.sync = off: a seeded bug */
};

extern struct world world;

/* Keys, files in the present folder, configurations. */
void world_make(void);

/* The body of POST /v1/bulletins: all that a new network needs. */
void world_first_bulletins(struct bytes *to);

/* A directory that follows the last one, with who is suspended now. */
void world_next_directory(struct bytes *to);

/* The access lists of all centers, as their gateways are by now. */
void world_next_access(struct bytes *to);

/* The configuration of a host. */
void world_config(int host, struct bytes *to);

/* The host with this organisation; -1 for none. */
int world_host_of_code(const char *code);
int world_host_of_name(const char *name);

#endif
