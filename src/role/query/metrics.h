/*
 * Figures in the text form of Prometheus, for GET /metrics of every tier.
 */
#ifndef ROLE_METRICS_H
#define ROLE_METRICS_H

struct bytes;
struct queries;

extern const char metrics_type[]; /* of the answer */

/* What a figure is: its HELP and TYPE lines, before its first value. */
void metrics_put_head(struct bytes *to, const char *name, const char *type,
    const char *help);

/* The version that runs. */
void metrics_put_build(struct bytes *to);

/* How often the keys of the crypto module were used. */
void metrics_put_module(const struct queries *queries, struct bytes *to);

/* Whether a newer release waits, and whether something of one was refused. */
void metrics_put_release(struct queries *queries, struct bytes *to);

#endif
