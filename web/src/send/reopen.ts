/*
 * A draft that was written in the page, back from its files.  A file is what the
 * host made, so only what would become the same bytes again is opened in the
 * composer: whatever else a letter may have would be lost there.
 */
import type { NamedFile } from "../base/bundle";
import type { Draft, Item, Recipient } from "./draft";
import { withGaps } from "./letter";

export interface Reopened { draft: Draft; recipients: Recipient[]; attachments: string[] }

const speeds: Record<string, string> = { 普通件: "normal", 速件: "fast", 最速件: "fastest" };
const blanks = /[\s\u3000]+$/u;

const child = (from: Element | undefined, name: string) => [...from?.children ?? []].find((one) => one.tagName === name);
const children = (from: Element | undefined, name: string) => [...from?.children ?? []].filter((one) => one.tagName === name);
const textOf = (from: Element | undefined, ...names: string[]): string =>
  names.reduce<Element | undefined>((at, name) => child(at, name), from)?.textContent?.replace(blanks, "") ?? "";

/* "中華民國115年11月20日" as "2026-11-20". */
export function isoOf(date: string): string {
  const found = /(\d+)年(\d+)月(\d+)日/.exec(date);
  return found ? [Number(found[1]) + 1911, found[2]!.padStart(2, "0"), found[3]!.padStart(2, "0")].join("-") : "";
}

/* Names of attachments in the order in which the letter has them. */
export function attachmentsOf(di: string): string[] {
  const names = new Map([...di.matchAll(/<!ENTITY\s+(\S+)\s+SYSTEM\s+"([^"]*)"\s+NDATA\s+_X>/g)].map(([, entity, name]) => [entity!, name!]));
  const order = /附件名="([^"]*)"/.exec(di)?.[1]?.split(/\s+/).filter(Boolean) ?? [];
  return order.map((entity) => names.get(entity) ?? "");
}

function itemsOf(from: Element, level: number): Item[] {
  return children(from, "條列").flatMap((one) => [{ text: textOf(one, "文字"), level }, ...itemsOf(one, level + 1)]);
}
function sectionOf(root: Element, label: string): Item[] {
  const found = children(root, "段落").find((one) => one.getAttribute("段名") === label);
  if (!found) return [];
  const text = textOf(found, "文字");
  return [...(text ? [{ text, level: 0 }] : []), ...itemsOf(found, 0)];
}

function recipientsOf(roster: Element, hasAttachments: boolean): Recipient[] {
  const all: Recipient[] = [];
  let name = "";
  for (const one of roster.children) {
    const last = all[all.length - 1];
    if (one.tagName === "全銜") name = one.textContent ?? "";
    else if (one.tagName === "機關代碼") all.push({ code: one.textContent ?? "", name, copy: false, withAttachments: true, status: "", limit: 0 });
    else if (one.tagName === "含附件" && last && hasAttachments) last.withAttachments = one.textContent === "含附件";
    else if (one.tagName === "本別" && last) last.copy = child(one, "收發處理本別")?.getAttribute("代碼") === "副本";
  }
  return all;
}

function rootOf(text: string, name: string): Element | null {
  // Entities of attachments are declared and not used: nothing is loaded.
  const root = new DOMParser().parseFromString(text, "application/xml").documentElement;
  return root.tagName === name ? root : null;
}

/* What the files say, as far as the composer has fields for it; null for another kind of letter. */
export function reopen(di: string, sw: string): Reopened | null {
  const root = rootOf(di, "函");
  const roster = sw ? rootOf(sw, "交換表單") : null;
  if (!root || (sw && !roster)) return null;
  const attachments = attachmentsOf(di);
  const sender = child(root, "發文機關");
  const number = child(root, "發文字號");
  const note = textOf(child(root, "附件"), "文字");
  const [draft, recipients] = withGaps({
    class: child(root, "函類別")?.getAttribute("代碼") ?? "函",
    sender: { name: textOf(sender, "全銜"), code: textOf(sender, "機關代碼") },
    address: textOf(root, "地址"),
    contacts: children(root, "聯絡方式").map((one) => one.textContent ?? "").join("\n"),
    prefix: textOf(number, "字"), year: textOf(number, "文號", "年度"), seq: textOf(number, "文號", "流水號"),
    date: isoOf(textOf(root, "發文日期", "年月日")),
    speed: speeds[child(root, "速別")?.getAttribute("代碼") ?? ""] ?? "",
    subject: textOf(root, "主旨", "文字"),
    explanation: sectionOf(root, "說明："), measures: sectionOf(root, "辦法："),
    attachmentNote: note, signature: children(root, "署名").map((one) => one.textContent ?? "").join("\n"),
  }, roster ? recipientsOf(roster, attachments.length > 0) : []);
  return { attachments, recipients, draft };
}

export const isForm = (name: string): boolean => /\.(di|sw|dm)$/i.test(name);

/* Whether two sets of files are the same letter, byte for byte. */
export async function isSame(a: readonly NamedFile[], b: readonly NamedFile[]): Promise<boolean> {
  if (a.length !== b.length) return false;
  for (const one of a) {
    const other = b.find(({ name }) => name === one.name);
    if (!other || !await isSameBlob(one.data, other.data)) return false;
  }
  return true;
}

export async function isSameBlob(a: Blob, b: Blob): Promise<boolean> {
  if (a === b) return true;
  if (a.size !== b.size) return false;
  const [left, right] = (await Promise.all([a.arrayBuffer(), b.arrayBuffer()])).map((bytes) => new Uint8Array(bytes));
  return left!.every((byte, i) => byte === right![i]);
}
