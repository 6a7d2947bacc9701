/* Sums over deliveries, the way of a letter, and lists for spreadsheets. */
import { expect, test } from "vitest";
import { agesOf, hasTrouble, totalsOf } from "../src/base/sent";
import { csvOf } from "../src/parts/parts";
import { nextOf } from "../src/parts/way";
import { size } from "../src/base/time";
import type { Delivery, Sent } from "../src/base/types";

const delivery = (state: string, ...flags: string[]) => ({ state, flags }) as unknown as Delivery;
const letter = (at: number, ...deliveries: Delivery[]) => ({ created_at: new Date(at).toISOString(), deliveries }) as unknown as Sent;

test("each delivery counts once", () => {
  expect(totalsOf(letter(0, delivery("confirmed"), delivery("returned"), delivery("opened", "overdue"), delivery("opened"), delivery("paper"))))
    .toEqual({ all: 5, confirmed: 1, failed: 1, overdue: 1, moving: 1, other: 1 });
});

test("what waits is counted by its age", () => {
  const now = Date.parse("2026-11-26T10:00:00Z");
  const hours = (n: number) => letter(now - n * 3600_000, delivery("opened"), delivery("confirmed"));
  expect(agesOf([hours(0.5), hours(2), hours(25), hours(71), hours(73)], now)).toEqual([1, 1, 2, 1]);
});

test("what is signed for is no trouble any more, unless a notice came", () => {
  expect(hasTrouble(delivery("confirmed", "overdue"))).toBe(false);
  expect(hasTrouble(delivery("opened", "overdue"))).toBe(true);
  expect(hasTrouble(delivery("confirmed", "notice"))).toBe(true);
});

test("what comes next", () => {
  const after = (...events: string[]) => nextOf(events.map((event) => ({ event, at: "", time: "", signer: "" })));
  expect(after()).toBe("accepted");
  expect(after("accepted", "relayed")).toBe("fetched");
  expect(after("accepted", "fetched", "opened")).toBe("confirmed");
  expect(after("accepted", "returned")).toBe("");
});

test("cells are quoted, and none is a formula", () => {
  expect(csvOf([["a", 'say "b"', "=1+1", 3]])).toBe('\ufeffa,"say ""b""",\'=1+1,3\r\n');
});

test("sizes", () => {
  expect([size(12), size(2048), size(80 * 1024), size(5 * 1024 * 1024)]).toEqual(["12 B", "2.0 KB", "80 KB", "5.0 MB"]);
});
