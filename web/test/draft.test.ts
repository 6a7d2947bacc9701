/* The letter that is written in the page, as the host reads it. */
import { expect, test } from "vitest";
import { emptyDraft, marksOf, missing, otherWays, wayOf, withOtherWays, withWay } from "../src/send/draft";
import { letterOf, nest, placeheld, unfinished, withGaps } from "../src/send/letter";
import { attachmentsOf, isoOf } from "../src/send/reopen";

const item = (text: string, level = 0) => ({ text, level });

test("items are numbered as the forms have it", () => {
  expect(marksOf([item("a"), item("b", 1), item("c", 1), item("d"), item("e", 1), item("f", 2)]))
    .toEqual(["一、", "(一)", "(二)", "二、", "(一)", "1、"]);
  expect(marksOf(Array.from({ length: 21 }, () => item("x"))).slice(9)).toEqual(
    ["十、", "十一、", "十二、", "十三、", "十四、", "十五、", "十六、", "十七、", "十八、", "十九、", "二十、", "二十一、"]);
});

test("deeper items belong to the one before; empty ones are left out", () => {
  expect(nest([item("a"), item("b", 1), item(" "), item("c")])).toEqual([{ text: "a", items: [{ text: "b" }] }, { text: "c" }]);
  expect(nest([item("deep at first", 2)])).toEqual([{ text: "deep at first" }]);
});

test("ways of contact are lines with a label, each in its place", () => {
  const some = withWay(withWay("", "email", "a@example.gov.tw"), "contact", "王小明");
  expect(some).toBe("承辦人：王小明\n電子信箱：a@example.gov.tw");
  expect(withWay(some, "phone", "05-5322154")).toBe("承辦人：王小明\n電話：05-5322154\n電子信箱：a@example.gov.tw");
  expect(wayOf(some, "email")).toBe("a@example.gov.tw");
  expect(wayOf(some, "fax")).toBe("");
  expect(withWay(some, "contact", "")).toBe("電子信箱：a@example.gov.tw");
  // What stands in another order stays there, so that a draft stays the same letter.
  expect(withWay("電話：1\n承辦人：乙", "phone", "2")).toBe("電話：2\n承辦人：乙");
});

test("lines without a field are kept", () => {
  const text = "承辦人：王小明\n聯絡人：李四";
  expect(otherWays(text)).toBe("聯絡人：李四");
  expect(withWay(text, "fax", "3")).toBe("承辦人：王小明\n傳真：3\n聯絡人：李四");
  expect(withOtherWays(text, "聯絡人：李四\n")).toBe("承辦人：王小明\n聯絡人：李四\n");
  expect(otherWays("承辦人：王小明\n聯絡人：李四\n")).toBe("聯絡人：李四\n");
  expect(otherWays("")).toBe("");
});

test("a letter has its readers and its roster", () => {
  const draft = { ...emptyDraft("2026-11-26", "115"), sender: { code: "376490000A", name: "雲林縣政府" }, prefix: "府字", seq: "7",
    subject: "主旨", explanation: [item("只有一項")] };
  const made = letterOf(draft, [
    { code: "376470000A", name: "彰化縣政府", copy: false, withAttachments: true, status: "", limit: 0 },
    { code: "A01000000AU610000", name: "內政部戶政司", copy: true, withAttachments: false, status: "", limit: 0 }], ["a.pdf"]) as Record<string, any>;
  expect(made.ref_nos).toEqual([{ prefix: "府字", year: "115", seq: "0000007" }]);
  expect(made.sections).toEqual([{ label: "說明：", text: "只有一項" }]);
  expect(made.originals).toEqual([{ kind: "org", name: "彰化縣政府" }]);
  expect(made.copies).toEqual([{ kind: "unit", name: "內政部戶政司", with_attachments: false }]);
  expect(made.rosters[0].entries.map((one: any) => [one.code, one.copy, one.with_attachments])).toEqual(
    [["376470000A", "正本", true], ["A01000000AU610000", "副本", false]]);
  expect(made.attachments).toEqual(["a.pdf"]);
});

test("what is missing is named; a preview needs nothing", () => {
  const draft = emptyDraft("2026-11-26", "115");
  expect(missing(draft)).toContain("subject");
  const [filled, to] = placeheld(draft, []);
  expect(missing(filled)).toEqual([]);
  expect(to.length).toBe(1);
});

test("what is not finished is for nobody, and has its gaps again", () => {
  const draft = { ...emptyDraft("2026-11-26", "115"), subject: "只有主旨" };
  const to = { code: "376470000A", name: "彰化縣政府", copy: false, withAttachments: true, status: "", limit: 0 };
  const [filled, readers] = unfinished(draft, [to]);
  expect(missing(filled)).toEqual([]);
  expect(readers.map(({ code }) => code)).toEqual(["376470000A", "000000000A"]);
  expect(withGaps({ ...filled, seq: "0000000" }, [...readers])).toEqual([draft, [to]]);
  const whole = { ...filled, prefix: "府字", seq: "12" };
  expect(unfinished(whole, [to])).toEqual([whole, [to]]);
  expect(withGaps(whole, [to])).toEqual([whole, [to]]);
});

test("files of a draft are read as the host wrote them", () => {
  expect(isoOf("中華民國115年1月5日")).toBe("2026-01-05");
  expect(attachmentsOf('<!ENTITY ATTCH1 SYSTEM "a.pdf" NDATA _X>\n<!ENTITY ATTCH2 SYSTEM "b.csv" NDATA _X>\n<!ENTITY 表單 SYSTEM "1.sw" NDATA DI>\n<附件檔名 附件名="ATTCH2 ATTCH1"/>')).toEqual(["b.csv", "a.pdf"]);
});
