/*
 * What goes wrong in a history, each kind or not, as the seed has it: hosts
 * end, lose their power or die in the middle of a disk call; disks fail, fill
 * up and are slow; clocks are wrong; ways are clogged one by one and cleared in
 * another order (T-SIM-03); connections break; requests come twice;
 * organisations are suspended and restored.
 */
#ifndef SIMULATE_FAULTS_H
#define SIMULATE_FAULTS_H

#include <stdbool.h>
#include <stdint.h>

/*
 * From now on until `until`; at a pace of n hosts, disks, clocks and ways fail n
 * times as often, and what lasts is over n times as soon.
 */
void faults_begin(int64_t until, int pace);

/*
 * All is well again: every host up, every way clear, every clock right.  At a
 * pace, with a new directory for all; at none the next timestamp has to come by
 * itself.
 */
void faults_heal(void);

/* A host that ended starts again after a while; for sim_host_kill(). */
void faults_restart_later(int host, bool with_power);

#endif
