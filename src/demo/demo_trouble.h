/*
 * Trouble for a demo that runs: what acts on its hosts from another terminal,
 * so that the pages show what happens and what to do.  The demo is the one in
 * whose folder the configuration of --config, or of $YIZHAN_CONFIG, lies.
 */
#ifndef DEMO_DEMO_TROUBLE_H
#define DEMO_DEMO_TROUBLE_H

#include "cli/command.h"

extern const struct command demo_chaos_command;     /* centers fall silent */
extern const struct command demo_hold_command;      /* nothing is handed out */
extern const struct command demo_lose_card_command; /* a card is blocked */
extern const struct command demo_expire_card_command; /* ... or ends */
extern const struct command demo_tamper_command;      /* a log is changed */

#endif
