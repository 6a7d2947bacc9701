/* What is being sent: files or a draft, its recipients, and what the host says of it. */
import { computed, effect, signal } from "@preact/signals";
import { ask, postFiles } from "../base/api";
import { unbundle, type NamedFile } from "../base/bundle";
import { isoDay } from "../base/time";
import type { Checked, Sent } from "../base/types";
import type { heldOf } from "../parts/undo";
import { needed } from "./findings";
import { nameTrouble } from "./names";
import { emptyDraft, letterOf, placeheld, type Draft, type Recipient } from "./draft";

export type Mode = "write" | "files";
export const stepNames = ["content", "recipients", "check", "send"] as const;
export type Step = typeof stepNames[number];

const today = isoDay(Date.now());
export const rocYear = String(Number(today.slice(0, 4)) - 1911);

export const mode = signal<Mode>("write");
export const step = signal<Step>("content");
export const draft = signal<Draft>(emptyDraft(today, rocYear));
export const recipients = signal<readonly Recipient[]>([]);
export const files = signal<readonly NamedFile[]>([]); // uploaded, or attachments
export const accepted = signal<ReadonlySet<string>>(new Set());
export const checked = signal<Checked | null>(null);
export const sent = signal<Sent | null>(null);
export const held = signal<ReturnType<typeof heldOf>>(null); // it can be called back
/* The draft of the gateway that is worked on, as it was read (docs/api.md). */
export interface Kept { id: string; title: string; note: string; state: "draft" | "proofreading" | "proofread" | "sent"; version: number; made_by: string; changed_by: string; changed_at: string; document_id: string; files: { name: string }[] }
export const opened = signal<Kept | null>(null);
export const gaps = signal<readonly string[]>([]); // fields that must be seen to, by id; ID-none has nothing in it
export const fieldOf = (gap: string): string => gap.replace(/-none$/, "");

/* Anything that changes the letter makes what was said of it void. */
effect(() => {
  void [mode.value, draft.value, recipients.value, files.value];
  checked.value = null;
  accepted.value = new Set();
});

export const change = (part: Partial<Draft>): void => { draft.value = { ...draft.value, ...part }; };
export const hasContent = computed(() => mode.value === "files" ? files.value.length > 0
  : draft.value.subject !== "" || draft.value.explanation.length > 0);

const json = { "Content-Type": "application/json" };

export const letterJson = (text: Draft, to: readonly Recipient[], attached: readonly string[]): string => JSON.stringify(letterOf(text, to, attached));

/* The files as they will be sent: those uploaded, or what the host makes of the draft. */
export async function filesToSend(signal_?: AbortSignal, text = draft.value, to = recipients.value, attached = files.value): Promise<NamedFile[]> {
  if (mode.value === "files") return [...files.value];
  const answer = await ask("/v1/documents:make", {
    method: "POST", headers: json, ...(signal_ ? { signal: signal_ } : {}),
    body: letterJson(text, to, attached.map(({ name }) => name)),
  });
  return [...unbundle(await answer.arrayBuffer()), ...attached];
}

/* The page of the letter, as HTML of the host; what is not written yet has a place. */
export async function preview(abort: AbortSignal): Promise<string> {
  const made = await filesToSend(abort, ...placeheld(draft.value, recipients.value), files.value.filter(({ name }) => nameTrouble(name) === ""));
  const answer = await postFiles("/v1/documents:preview?as=html", made, {}, abort);
  return answer.text();
}

export async function check(): Promise<void> {
  const answer = await postFiles("/v1/documents:validate", await filesToSend());
  checked.value = await answer.json();
}

export const hasErrors = computed(() => checked.value?.findings.some((one) => one.severity === "error") ?? false);
export const mayGo = computed(() => checked.value !== null && !hasErrors.value &&
  needed(checked.value.findings).every((rule) => accepted.value.has(rule)));
