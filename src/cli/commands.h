/*
 * The commands of this folder, for the table in src/main.c.
 */
#ifndef CLI_COMMANDS_H
#define CLI_COMMANDS_H

#include "cli/command.h"

extern const struct command config_check_command;
extern const struct command config_show_command;
extern const struct command explain_command;

#endif
