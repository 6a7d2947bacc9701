/*
 * Who may ask the gateways of the demo over the network: a clerk at each, with
 * a link that logs in once, and a token of a document system at the first.
 */
#ifndef DEMO_DEMO_PEOPLE_H
#define DEMO_DEMO_PEOPLE_H

#include "base/attr.h"
#include "demo/demo_story.h"

struct error;

/* Make them, and say how to use them. */
int demo_people(const struct demo_story *story, struct error *err) MUST_CHECK;

#endif
