/*
 * Copies written apart (分繕): n.di with n.sw and n.dm is a letter for one
 * recipient, and all other files go with each.
 */
#ifndef CLI_DOC_DOC_APART_H
#define CLI_DOC_DOC_APART_H

#include "base/attr.h"

struct answer;
struct error;

/*
 * Check all copies among the command's arguments, then send them, one after the
 * other, under keys of their own, so that the same command again sends those
 * that are missing and no other.  Prints each letter.
 */
int doc_apart_send(struct answer *answer, struct error *err) MUST_CHECK;

#endif
