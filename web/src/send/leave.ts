/* A letter leaves: as it is, or as the draft it became. */
import { post, postFiles } from "../base/api";
import type { NamedFile } from "../base/bundle";
import type { Sent } from "../base/types";
import { sendApart, series } from "./apart";
import { accepted, isApart, opened, sent } from "./desk";
import { filesToSend } from "./make";

const digestAtMost = 128 * 1024 * 1024;

/* The same files have the same key: a second press, or a second window, sends nothing twice. */
let undone = 0; // what was called back needs another key: it may be meant this time
export async function keyOf(all: readonly NamedFile[]): Promise<string> {
  if (all.reduce((sum, { data }) => sum + data.size, 0) > digestAtMost) return crypto.randomUUID();
  const parts: BlobPart[] = undone > 0 ? [`again ${undone}\n`] : [];
  for (const { name, data } of [...all].sort((a, b) => (a.name < b.name ? -1 : 1))) parts.push(`${name}\n${data.size}\n`, data);
  const digest = await crypto.subtle.digest("SHA-256", await new Blob(parts).arrayBuffer());
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/* A draft becomes its letter: it is sent once, however often it is asked for. */
export async function send(): Promise<void> {
  const accept = [...accepted.value].sort().join(",");
  if (isApart.value) return sendApart(accept);
  const one = opened.value;
  if (one) {
    sent.value = await post<Sent>(`/v1/drafts/${one.id}:send?version=${one.version}${accept && `&accept=${accept}`}`, {});
    return;
  }
  const all = await filesToSend();
  const answer = await postFiles(`/v1/documents${accept && `?accept=${accept}`}`, all, { "Idempotency-Key": await keyOf(all) });
  sent.value = await answer.json();
}

/* Called back before it left: back to the last step, with everything still there. */
export function wasUndone(): void {
  undone++;
  sent.value = series.value = null;
}
