/* What is being sent: files or a draft, its recipients, and what the host says of it. */
import { computed, effect, signal } from "@preact/signals";
import type { NamedFile } from "../base/bundle";
import { isoDay } from "../base/time";
import type { Checked, Sent } from "../base/types";
import type { heldOf } from "../parts/undo";
import { needed } from "./findings";
import { emptyDraft, type Draft, type Recipient } from "./draft";

export type Mode = "write" | "files";
export const stepNames = ["content", "recipients", "check", "send"] as const;
export type Step = typeof stepNames[number];

const today = isoDay(Date.now());
export const rocYear = String(Number(today.slice(0, 4)) - 1911);

export const mode = signal<Mode>("write");
export const step = signal<Step>("content");
export const draft = signal<Draft>(emptyDraft(today, rocYear));
export const recipients = signal<readonly Recipient[]>([]);
export const wantsApart = signal(false); // 分繕
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
  void [mode.value, draft.value, recipients.value, files.value, wantsApart.value];
  checked.value = null;
  accepted.value = new Set();
});

/* A copy for each recipient, which names no other. */
export const isApart = computed(() => wantsApart.value && mode.value === "write" && recipients.value.length > 1);

export const change = (part: Partial<Draft>): void => { draft.value = { ...draft.value, ...part }; };
export const hasContent = computed(() => mode.value === "files" ? files.value.length > 0
  : draft.value.subject !== "" || draft.value.explanation.length > 0);

export const hasErrors = computed(() => checked.value?.findings.some((one) => one.severity === "error") ?? false);
export const mayGo = computed(() => checked.value !== null && !hasErrors.value &&
  needed(checked.value.findings).every((rule) => accepted.value.has(rule)));
