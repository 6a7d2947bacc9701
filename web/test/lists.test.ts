/* Sums over deliveries, the way of a letter, and lists for spreadsheets. */
import { expect, test } from "vitest";
import { crc32, sheetOf } from "../src/base/sheet";
import { hasTrouble, lateOf, receivedOf, totalsOf, unconfirmedOf } from "../src/base/sent";
import { todoOf } from "../src/parts/deliveries";
import { csvOf } from "../src/parts/table";
import { nextOf } from "../src/parts/way";
import { size } from "../src/base/time";
import type { Delivery, OpenDelivery, Sent } from "../src/base/types";

const delivery = (state: string, ...flags: string[]) => ({ state, flags }) as unknown as Delivery;
const letter = (at: number, ...deliveries: Delivery[]) => ({ created_at: new Date(at).toISOString(), deliveries }) as unknown as Sent;

test("each delivery counts once", () => {
  expect(totalsOf(letter(0, delivery("confirmed"), delivery("returned"), delivery("opened", "overdue"), delivery("opened"), delivery("paper"))))
    .toEqual({ all: 5, confirmed: 1, failed: 1, overdue: 1, moving: 1, other: 1 });
});

test("the sums of the day", () => {
  const all = { unconfirmed: { hour: 1, day: 2, days: 3, older: 4 }, sent: {}, trouble: 0, review: 0,
    received: { fastest: 5, fast: 6, normal: 7 }, unreadable: 0 };
  expect([unconfirmedOf(all), lateOf(all), receivedOf(all)]).toEqual([10, 7, 18]);
});

test("one thing to do about each delivery", () => {
  const open = (state: string, ...flags: string[]) => todoOf({ state, flags } as unknown as OpenDelivery);
  expect([open("opened"), open("opened", "overdue"), open("returned", "overdue"), open("opened", "overdue", "suspended")])
    .toEqual(["", "todo.overdue", "returned", "suspended"]);
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

test("a spreadsheet begins with its type and ends with its list", async () => {
  const bytes = new Uint8Array(await sheetOf("a", [["<&>\u0001", 3]]).arrayBuffer());
  const text = new TextDecoder("latin1").decode(bytes);
  expect(text.slice(30, 38 + 46)).toBe("mimetypeapplication/vnd.oasis.opendocument.spreadsheet");
  expect(text).toContain('office:value="3"');
  expect(text).toContain("<text:p>&lt;&amp;&gt;</text:p>");
  expect(new DataView(bytes.buffer).getUint32(bytes.length - 22, true)).toBe(0x06054b50);
  expect(crc32(new TextEncoder().encode("123456789"))).toBe(0xcbf43926);
});
