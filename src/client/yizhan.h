/*
 * libyizhan: the API of a Yizhan gateway (docs/api.md) for document systems
 * written in C, or in any language that calls C.
 *
 *     struct yizhan_options options = { .url = "https://10.1.2.3:8443",
 *             .token = token };
 *     struct yizhan *yizhan;
 *     struct yizhan_letter *letter;
 *
 *     if (yizhan_open(&options, &yizhan) == YIZHAN_OK &&
 *         yizhan_submit(yizhan, files, count, NULL, &letter) == YIZHAN_OK)
 *             puts(letter->id);
 *
 * Every function that asks returns an enum yizhan_result; after any other than
 * YIZHAN_OK, yizhan_problem() says what is wrong and what to do, and the result
 * parameter is untouched.  What a function gives is freed with the function of
 * its name that ends in _free; these take NULL.  Structures are made by the library alone
 * and may grow at their ends; those that callers fill are to be started with
 * zeros.  Text is UTF-8 and never NULL ("" for what is not there); times are RFC 3339.
 *
 * A struct yizhan is used by one thread at a time; several may be open.
 * Nothing is written but to what the caller names; no signal handler is set.
 *
 * By area:
 *
 *	yizhan_base.h        the gateway that is asked, results, problems
 *	yizhan_sending.h     letters that are sent; copies written apart
 *	yizhan_drafts.h      letters before they are sent
 *	yizhan_receiving.h   letters that came in, and their assignment
 *	yizhan_events.h      what happens: asked for, streamed, told (webhooks)
 *	yizhan_recipients.h  the directory, groups, what reaches whom
 *	yizhan_records.h     registers, reviews, the bulletin board
 *
 * A function asks one request of docs/api.md, and takes and gives its members under
 * their names there; `json` of a structure is all of what came, `char **ret_json`
 * that alone, to be freed with yizhan_text_free().  Of what is large the bytes go to a
 * yizhan_take_fn.  A list has `next`, the cursor of what follows, "" at its end; a
 * cursor of NULL begins it, a limit of 0 is 50.
 */
#ifndef YIZHAN_H
#define YIZHAN_H

#include <yizhan_base.h>
#include <yizhan_drafts.h>
#include <yizhan_events.h>
#include <yizhan_receiving.h>
#include <yizhan_recipients.h>
#include <yizhan_records.h>
#include <yizhan_sending.h>

#endif
