/*
 * What --help and `yizhan help` write to standard output: examples first.
 */
#ifndef CLI_HELP_H
#define CLI_HELP_H

struct bytes;
struct cli;

/*
 * Help of cli->command; if that is NULL the list of all commands, or only of
 * those that begin with the word `group`.
 */
void help_format(const struct cli *cli, const char *group, struct bytes *to);

#endif
