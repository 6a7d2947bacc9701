/*
 * What retention removes at a center: the content part of a waybill whose
 * deliveries have all ended.  Waybill, receipts and log stay as evidence.
 */
#ifndef CENTER_CENTER_RETAIN_H
#define CENTER_CENTER_RETAIN_H

#include "role/spool/retainer.h"

/* Their ctx is the struct center. */
extern const struct retainer_hooks center_retain_hooks;

#endif
