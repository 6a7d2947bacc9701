/* How a recipient is reached, in words. */
#ifndef CLI_DOC_RECIPIENT_WORD_H
#define CLI_DOC_RECIPIENT_WORD_H

struct cli;

/* "electronic", "paper", "suspended", "dissolved", "unknown", or "active". */
const char *recipient_word(const struct cli *cli, const char *word);

#endif
