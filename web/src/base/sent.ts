/* What became of letters that were sent. */
import { hasEnded, hasFailed } from "../parts/state";
import type { Delivery, Overview, Sent } from "./types";

export const isOpen = (one: Delivery): boolean => !hasEnded(one.state);
export const hasTrouble = (one: Delivery): boolean => hasFailed(one.state) ||
  one.flags.some((flag) => ["suspended", "unreadable", "notice"].includes(flag)) ||
  (isOpen(one) && one.flags.includes("overdue"));

export interface Totals { all: number; confirmed: number; failed: number; overdue: number; moving: number; other: number }

export function totalsOf(letter: Sent): Totals {
  const totals = { all: letter.deliveries.length, confirmed: 0, failed: 0, overdue: 0, moving: 0, other: 0 };
  for (const one of letter.deliveries) {
    if (one.state === "confirmed") totals.confirmed++;
    else if (hasFailed(one.state)) totals.failed++;
    else if (hasEnded(one.state)) totals.other++;
    else if (one.flags.includes("overdue")) totals.overdue++;
    else totals.moving++;
  }
  return totals;
}

/* How long ago a delivery was sent that is not signed for: the four numbers of 今日. */
export const ages = ["hour", "day", "days", "older"] as const;
export type Age = typeof ages[number];

export const unconfirmedOf = (all: Overview): number => ages.reduce((sum, age) => sum + all.unconfirmed[age], 0);
export const lateOf = (all: Overview): number => all.unconfirmed.days + all.unconfirmed.older;
export const receivedOf = (all: Overview): number => all.received.fastest + all.received.fast + all.received.normal;
