/* Names of files as the host judges them, and what they are changed to. */
import { expect, test } from "vitest";
import { betterName, nameTrouble } from "../src/send/names";

test("names that other computers refuse", () => {
  expect(["附件一.pdf", "376490000A_ATTCH1.odt", "a b.pdf"].map(nameTrouble)).toEqual(["", "", ""]);
  expect(["a/b.pdf", "什麼?.pdf", "附件 .", " a.pdf", ".profile", "CON.txt", "com1", "a\u202efdp.doc"].map(nameTrouble)).toEqual(Array(8).fill("character"));
  expect([nameTrouble("安裝.EXE"), nameTrouble(`${"長".repeat(90)}.pdf`)]).toEqual(["program", "long"]);
});

test("each gets one that is good, or none", () => {
  expect(["什麼?.pdf", ".profile", "CON.txt", "a: b*.odt"].map(betterName)).toEqual(["什麼-.pdf", "附件.profile", "附件CON.txt", "a- b-.odt"]);
  expect(betterName("安裝.exe")).toBe("");
  for (const name of ["a/b\\c.pdf", `${"長".repeat(120)}.pdf`, "   .pdf", "nul"]) expect(nameTrouble(betterName(name))).toBe("");
});
