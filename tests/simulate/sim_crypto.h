/* Keys and signatures of the simulation: as many bytes, for less time. */
#ifndef SIMULATE_SIM_CRYPTO_H
#define SIMULATE_SIM_CRYPTO_H

/* The library's random bytes come from the seed from now on. */
void sim_crypto_start(void);

/* The key ends. */
struct key;
void sim_crypto_forget(const struct key *key);

#endif
