/* What became of letters that were sent. */
import { hasEnded, hasFailed } from "../parts/state";
import type { Delivery, Sent } from "./types";

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

const hour = 3600_000;

/* Since when deliveries wait for a signature: the four numbers of 今日. */
export function agesOf(letters: readonly Sent[], now: number): [number, number, number, number] {
  const ages: [number, number, number, number] = [0, 0, 0, 0];
  for (const letter of letters) {
    const age = now - Date.parse(letter.created_at);
    const at = age < hour ? 0 : age < 24 * hour ? 1 : age < 72 * hour ? 2 : 3;
    ages[at] += letter.deliveries.filter(isOpen).length;
  }
  return ages;
}
