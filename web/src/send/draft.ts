/* A letter while it is written, and the JSON that the host makes a DI of. */
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

interface Nested { text: string; items?: Nested[] }

/* An item that is deeper than the one before belongs to it. */
export function nest(items: readonly Item[]): Nested[] {
  const top: Nested[] = [];
  const open: Nested[][] = [top];
  for (const { text, level } of items) {
    if (text.trim() === "") continue;
    const depth = Math.min(level, open.length - 1, open[0]!.length === 0 ? 0 : level);
    open.length = depth + 1;
    const made: Nested = { text };
    open[depth]!.push(made);
    open.push(made.items = []);
  }
  const clean = (list: Nested[]): Nested[] => list.map(({ text, items: inner }) =>
    inner && inner.length > 0 ? { text, items: clean(inner) } : { text });
  return clean(top);
}

/* One item alone is a text without number. */
function section(label: string, items: readonly Item[]) {
  const nested = nest(items);
  if (nested.length === 0) return [];
  return nested.length === 1 && !nested[0]!.items
    ? [{ label, text: nested[0]!.text }] : [{ label, items: nested }];
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

const isUnit = (code: string) => code.length > 10;

export function letterOf(draft: Draft, recipients: readonly Recipient[], attachments: readonly string[]): object {
  const readers = (copy: boolean) => recipients.filter((one) => one.copy === copy).map((one) => ({
    kind: isUnit(one.code) ? "unit" : "org", name: one.name,
    ...(copy ? { with_attachments: one.withAttachments } : {}) }));
  const copies = readers(true);
  const entries = recipients.map((one) => ({ name: one.name, code: one.code,
    with_attachments: attachments.length > 0 && one.withAttachments, copy: one.copy ? "副本" : "正本" }));
  return {
    format: "yizhan-letter-1", name: "1", kind: "letter", class: draft.class,
    senders: [draft.sender],
    address: draft.address,
    contacts: draft.contacts.split("\n").map((line) => line.trim()).filter(Boolean),
    issue_date: draft.date,
    ref_nos: [{ prefix: draft.prefix, year: draft.year, seq: draft.seq.padStart(7, "0") }],
    speed: draft.speed,
    ...(attachments.length > 0 ? { attachment_note: draft.attachmentNote || "如文", attachments } : {}),
    subject: draft.subject,
    sections: [...section("說明：", draft.explanation), ...section("辦法：", draft.measures)],
    originals: readers(false),
    ...(copies.length > 0 ? { copies } : {}),
    ...(draft.signature ? { signature_lines: draft.signature.split("\n").filter(Boolean) } : {}),
    ...(entries.length > 0 ? { rosters: [{ entries }] } : {}),
  };
}

/* What is missing before a letter can be checked, by the id of its field. */
export function missing(draft: Draft): string[] {
  const wants: [string, string][] = [["subject", draft.subject], ["prefix", draft.prefix], ["seq", draft.seq], ["sender-name", draft.sender.name], ["sender-code", draft.sender.code],
    ["address", draft.address], ["contacts", draft.contacts]];
  return wants.filter(([, value]) => value.trim() === "").map(([name]) => name);
}

const places = [["prefix", "○○字"], ["seq", "0"], ["address", "○○○"], ["contacts", "承辦人：○○○"], ["subject", "○○○"]] as const;
/* Of no organisation: what is for it cannot be sent. */
const nobody: Recipient = { code: "000000000A", name: "○○○", copy: false, withAttachments: true, status: "", limit: 0 };

/* The draft with something in every place, so that it can be shown at any time. */
export function placeheld(draft: Draft, recipients: readonly Recipient[]): [Draft, readonly Recipient[]] {
  const filled = { ...draft };
  for (const [name, text] of places)
    if (filled[name].trim() === "") filled[name] = text;
  if (!/^\d{1,7}$/.test(filled.seq)) filled.seq = "0";
  filled.sender = { code: filled.sender.code || nobody.code, name: filled.sender.name || nobody.name };
  return [filled, recipients.length > 0 ? recipients : [{ ...nobody, code: filled.sender.code }]];
}

/* What is not finished is kept with ○ in its gaps, and for nobody, so that it cannot leave. */
export function unfinished(draft: Draft, recipients: readonly Recipient[]): [Draft, readonly Recipient[]] {
  return missing(draft).length === 0 && recipients.length > 0 ? [draft, recipients] : [placeheld(draft, recipients)[0], [...recipients, nobody]];
}

/* And its gaps are empty again when it is opened. */
export function withGaps(draft: Draft, recipients: Recipient[]): [Draft, Recipient[]] {
  if (!recipients.some(({ code }) => code === nobody.code)) return [draft, recipients];
  const emptied = { ...draft, seq: /^0+$/.test(draft.seq) ? "" : draft.seq,
    sender: { code: draft.sender.code === nobody.code ? "" : draft.sender.code, name: draft.sender.name === nobody.name ? "" : draft.sender.name } };
  for (const [name, text] of places) if (emptied[name] === text) emptied[name] = "";
  return [emptied, recipients.filter(({ code }) => code !== nobody.code)];
}
