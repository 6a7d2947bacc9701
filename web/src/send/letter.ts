/* A letter that was written, as the JSON that the host makes a DI of. */
import type { Draft, Item, Recipient } from "./draft";
import { missing } from "./draft";

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
