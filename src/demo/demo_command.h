/*
 * `yizhan demo`: the whole network on loopback, a real letter, and its signed
 * receipts.
 */
#ifndef DEMO_DEMO_COMMAND_H
#define DEMO_DEMO_COMMAND_H

#include "cli/command.h"

extern const struct command demo_command;

#endif
