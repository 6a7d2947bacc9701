/*
 * What --help and `yizhan help` write to standard output: examples first.
 */
#ifndef CLI_HELP_H
#define CLI_HELP_H

struct bytes;
struct cli;

/*
 * Help of cli->command; if that is NULL what there is, by who does it, or the
 * commands of `group`: a first word ("doc") or an audience ("clerk").
 */
void help_format(const struct cli *cli, const char *group, struct bytes *to);

#endif
