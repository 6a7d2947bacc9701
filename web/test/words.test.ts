/* Every word is there in both languages, with the same places for values. */
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { fill } from "../src/base/words";
import catalogue from "../words.json";

const all = Object.entries(catalogue as unknown as Record<string, string[]>);
const places = (text: string) => [...text.matchAll(/\{(\w+)/g)].map(([, name]) => name).sort();

function filesOf(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((one) =>
    one.isDirectory() ? filesOf(join(folder, one.name)) : [join(folder, one.name)]);
}

test("both languages, neither empty", () => {
  for (const [name, both] of all) {
    expect(both.length, name).toBe(2);
    for (const text of both) expect(text.trim(), name).not.toBe("");
  }
});

test("both say the same values, but for plural forms", () => {
  for (const [name, [zh, en]] of all)
    expect(new Set(places(en!)), name).toEqual(new Set(places(zh!).concat(en!.includes("|") ? ["n"] : [])));
});

test("English words have no Chinese but the names of fields", () => {
  for (const [name, [, en]] of all)
    if (!/^(write|to|language|directory)\./.test(name)) expect(en, name).not.toMatch(/[\u4e00-\u9fff]/);
});

test("no word is there that no page uses", () => {
  const root = join(__dirname, "..");
  const text = [...filesOf(join(root, "src")), ...filesOf(join(root, "pages")), ...filesOf(join(root, "plain"))].map((file) => readFileSync(file, "utf8")).join("\n");
  const groups = new Set([...text.matchAll(/tOf\("([\w-]+)"/g)].map(([, name]) => name));
  groups.add("event").add("came").add("age");
  for (const [name] of all)
    expect(text.includes(`"${name}"`) || text.includes(`{{${name}}}`) || groups.has(name.split(".")[0]!), name).toBe(true);
});

test("values and plural forms", () => {
  expect(fill("{n} {n|letter|letters} of {who}", { n: 1, who: "A" })).toBe("1 letter of A");
  expect(fill("{n} {n|letter|letters}", { n: 0 })).toBe("0 letters");
  expect(fill("{missing}!")).toBe("!");
});
