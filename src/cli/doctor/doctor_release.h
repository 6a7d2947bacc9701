/*
 * What yizhan doctor says of releases: the one in force against the one that
 * runs, the packages of its list against those of the host, and whether
 * something was refused since (R5.2.4, T-REL-05, T-REL-07).
 */
#ifndef CLI_DOCTOR_DOCTOR_RELEASE_H
#define CLI_DOCTOR_DOCTOR_RELEASE_H

struct doctor_report;

/* Lines "program" and, when one is here, "packages". */
void doctor_check_release(struct doctor_report *report);

#endif
