/*
 * The network between the hosts: each way between two hosts can be clogged,
 * connections can break, requests can come twice, and everything takes a time
 * of its own.  What is sent on a connection arrives in order or not at all, as
 * TLS has it; whole connections and requests overtake each other.
 */
#ifndef SIMULATE_SIM_NET_H
#define SIMULATE_SIM_NET_H

#include <stdbool.h>

/* Nothing arrives from `from` at `to` until it is cleared; all of it then. */
void sim_net_clog(int from, int to);
void sim_net_clear(int from, int to);
bool sim_net_is_clogged(int from, int to);

/* Break one of the present connections between hosts, if there is any. */
void sim_net_break_one(void);

/* In how many requests one comes twice; 0: none. */
extern unsigned sim_net_twice_in;
/* The longest that an item takes, microseconds. */
extern int64_t sim_net_slowest;

#endif
