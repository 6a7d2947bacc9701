/*
 * What a center's refusal of a waybill, receipt or act means for what waits.  Pure.
 */
#ifndef EXCHANGE_REFUSAL_H
#define EXCHANGE_REFUSAL_H

#include <stdbool.h>
#include <stdint.h>

enum refusal {
	/* It refuses for its own sake (overloaded, starting, full): no
	 * other waybill fares better, and all wait. */
	REFUSAL_OF_ALL,
	/* It failed (500), over this waybill or over any: this one waits, and
	 * the others go on; slowly, while nothing gets through. */
	REFUSAL_UNCLEAR,
	/* Whatever this sender hands in fares no better, and waits. */
	REFUSAL_OF_SENDER,
	/* This waybill waits; nothing is said of others.  So is what is about
	 * us as a caller or our clock: an operator mends it. */
	REFUSAL_OF_ONE,
	REFUSAL_FOR_GOOD
};

/* By the status of the answer, 400 or more, and its catalogue id. */
enum refusal refusal_judge(uint16_t status, const char *code);

/*
 * It is about us as a caller or our clock, and so about whatever we ask: for
 * what is handed in one after another it is as if the center were away.
 */
bool refusal_is_of_caller(const char *code);

#endif
