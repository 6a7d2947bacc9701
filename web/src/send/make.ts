/* What the host makes of a letter that was written: its files, its page, what it says of it. */
import { ask, postFiles } from "../base/api";
import { unbundle, type NamedFile } from "../base/bundle";
import { checkApart } from "./apart";
import { checked, draft, files, isApart, mode, recipients } from "./desk";
import type { Draft, Recipient } from "./draft";
import { letterOf, placeheld } from "./letter";
import { nameTrouble } from "./names";

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
  if (isApart.value) { checked.value = await checkApart(); return; }
  const answer = await postFiles("/v1/documents:validate", await filesToSend());
  checked.value = await answer.json();
}
