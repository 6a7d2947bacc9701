/*
 * Offices (職務): what a person may do at a management host.  A person has one
 * or several; what none of them allows is denied.  Pure.
 */
#ifndef POLICY_OFFICE_H
#define POLICY_OFFICE_H

#include <stdbool.h>

#include "model/org.h"

enum office {
	OFFICE_CLERK,      /* 承辦: opens, checks and follows cases */
	OFFICE_OFFICER,    /* 核定: approves; the root names the key */
	OFFICE_DUTY,       /* 值日: takes reports of loss */
	OFFICE_AUDITOR,    /* 稽核: reads everything, changes nothing */
	OFFICE_OPERATOR,   /* 維運: the host itself: backups, health */
	OFFICE_APPLICANT,  /* 申請: an organisation's own cases */
	OFFICE_SUPERVISOR, /* 督導: reads those of its subtree (R5.7) */
	OFFICE_SYSTEM,     /* the host by itself; never a person's */
	OFFICE_COUNT
};

enum {
	/* Who sits at the control socket and says nothing of an office. */
	OFFICE_LOCAL = 1 << OFFICE_CLERK | 1 << OFFICE_DUTY |
	    1 << OFFICE_AUDITOR | 1 << OFFICE_OPERATOR,
	/* Those that see no more than an organisation's. */
	OFFICE_SCOPED = 1 << OFFICE_APPLICANT | 1 << OFFICE_SUPERVISOR,
};

/* Lower-case names, as in objects and API: "clerk". */
const char *office_name(enum office office);
bool office_parse(const char *name, enum office *ret_office);

/* A person's offices as "clerk auditor"; false if a word is none of a person's. */
bool office_parse_list(const char *names, unsigned *ret_offices);

#endif
