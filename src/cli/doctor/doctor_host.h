/*
 * What yizhan doctor asks the running host: its own checks, its crypto module,
 * and, of a gateway, whether it can print.
 */
#ifndef CLI_DOCTOR_HOST_H
#define CLI_DOCTOR_HOST_H

#include <stdbool.h>

struct answer;
struct doctor_report;

/* One line, "host", when there is none that answers. */
void doctor_check_host(struct doctor_report *report, struct answer *answer,
    bool *ret_is_ready);

#endif
