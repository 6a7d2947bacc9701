/*
 * Copies written apart (分繕): n.di with n.sw and n.dm is a letter for one
 * recipient, and an attachment goes with each that names it.
 */
#ifndef CLI_DOC_DOC_APART_H
#define CLI_DOC_DOC_APART_H

#include "base/attr.h"

struct answer;
struct error;

/*
 * Put the command's arguments into a draft, under one key, and send its copies:
 * all or none.  The same command again has the same answer.  A draft that is
 * refused is discarded.  Prints the series.
 */
int doc_apart_send(struct answer *answer, struct error *err) MUST_CHECK;

#endif
