/*
 * The network of `yizhan demo`: a management host, two exchange centers and
 * three gateways on loopback addresses of their own, with organisations of the
 * real address book.  Data only; making it is demo/demo_setup.h.
 */
#ifndef DEMO_DEMO_NETWORK_H
#define DEMO_DEMO_NETWORK_H

#include <stddef.h>
#include <stdint.h>

enum { DEMO_HOSTS = 6, DEMO_PORT = 7443 };

enum demo_kind { DEMO_MANAGEMENT, DEMO_CENTER, DEMO_GATEWAY };

struct demo_host {
	const char *name;
	enum demo_kind kind;
	const char *address;
	const char *title;  /* for people */
	const char *center; /* gateways: theirs; centers: their kind */
	const char *code;   /* gateways: the organisation they serve */
	const char *org;    /* its full name in the address book */
};

extern const struct demo_host demo_hosts[DEMO_HOSTS];

/* Other entries of the address book, listed but not connected. */
struct demo_org {
	const char *code;
	const char *name;
};

extern const struct demo_org demo_orgs[];
extern const size_t demo_org_count;

const struct demo_host *demo_host_find(const char *name);

#endif
