/* A letter while it is written. */
export interface Item { text: string; level: number }
export interface Recipient { code: string; name: string; copy: boolean; withAttachments: boolean; status: string; limit: number }

export interface Draft {
  class: string;
  sender: { code: string; name: string };
  address: string;
  contacts: string;
  prefix: string;
  year: string;
  seq: string;
  date: string;
  speed: string;
  subject: string;
  explanation: Item[];
  measures: Item[];
  attachmentNote: string;
  signature: string;
}

export const emptyDraft = (today: string, year: string): Draft => ({
  class: "函", sender: { code: "", name: "" }, address: "", contacts: "", prefix: "", year, seq: "", date: today,
  speed: "normal", subject: "", explanation: [], measures: [], attachmentNote: "", signature: "",
});

const digits = "一二三四五六七八九十";
function chinese(n: number): string {
  if (n <= 10) return digits[n - 1] ?? "";
  if (n < 20) return `十${digits[n - 11] ?? ""}`;
  return `${digits[Math.floor(n / 10) - 1]}十${n % 10 ? digits[(n % 10) - 1] : ""}`;
}

/* The marker of each item: 一、 then (一) then 1、. */
export function marksOf(items: readonly Item[]): string[] {
  const counts = [0, 0, 0];
  return items.map(({ level }) => {
    counts[level]!++;
    counts.fill(0, level + 1);
    const n = counts[level]!;
    return level === 0 ? `${chinese(n)}、` : level === 1 ? `(${chinese(n)})` : `${n}、`;
  });
}

/* 聯絡方式 are lines such as 電話：05-5322154; these have fields of their own. */
export const ways = [["contact", "承辦人"], ["phone", "電話"], ["fax", "傳真"], ["email", "電子信箱"]] as const;
export type Way = typeof ways[number][0];

const linesOf = (contacts: string): string[] => contacts.split("\n").filter((line) => line.trim() !== "");
const labelOf = (way: Way): string => `${ways.find(([name]) => name === way)![1]}：`;
const rankOf = (line: string): number => {
  const at = ways.findIndex(([, label]) => line.startsWith(`${label}：`));
  return at < 0 ? ways.length : at;
};

export function wayOf(contacts: string, way: Way): string {
  const label = labelOf(way);
  return linesOf(contacts).find((line) => line.startsWith(label))?.slice(label.length) ?? "";
}

/* The line of a way of contact, where it stood, or before those that come after it. */
export function withWay(contacts: string, way: Way, value: string): string {
  const label = labelOf(way);
  const lines = linesOf(contacts);
  const at = lines.findIndex((line) => line.startsWith(label));
  const after = lines.findIndex((line) => rankOf(line) > rankOf(label));
  if (at >= 0) lines.splice(at, 1, ...(value ? [label + value] : []));
  else if (value) lines.splice(after < 0 ? lines.length : after, 0, label + value);
  return lines.join("\n");
}

/* Lines that have no field. */
export const otherWays = (contacts: string): string => contacts.split("\n").filter((line) => rankOf(line) === ways.length).join("\n");
export const withOtherWays = (contacts: string, others: string): string =>
  [...linesOf(contacts).filter((line) => rankOf(line) < ways.length), ...others.split("\n")].join("\n");

/* What is missing before a letter can be checked, by the id of its field. */
export function missing(draft: Draft): string[] {
  const wants: [string, string][] = [["subject", draft.subject], ["prefix", draft.prefix], ["seq", draft.seq], ["sender-name", draft.sender.name], ["sender-code", draft.sender.code],
    ["address", draft.address], ["contacts", draft.contacts]];
  return wants.filter(([, value]) => value.trim() === "").map(([name]) => name);
}
