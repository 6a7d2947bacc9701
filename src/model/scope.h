/*
 * Within what somebody may change the directory (R5.7): all of it, what an
 * organisation supervises, or what a center serves.
 */
#ifndef MODEL_SCOPE_H
#define MODEL_SCOPE_H

#include "model/org.h"

enum { SCOPE_CENTER_SIZE = 41 };

enum scope_kind { SCOPE_ALL, SCOPE_SUPERVISED, SCOPE_SERVED };

struct scope {
	enum scope_kind kind;
	struct org_code organisation;   /* whose subtree */
	char center[SCOPE_CENTER_SIZE]; /* whose members */
};

#endif
