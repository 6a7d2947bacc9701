/*
 * 分繕: a copy for each recipient, which names no other.  They lie in one draft
 * of the host, which checks and sends all of them in one act (docs/api.md,
 * "Copies written apart").
 */
import { signal } from "@preact/signals";
import { ask, get, post, postFiles } from "../base/api";
import { unbundle, type NamedFile } from "../base/bundle";
import type { Checked, Finding, Sent } from "../base/types";
import { draft, files, opened, recipients, sent, type Kept } from "./desk";
import { letterOf } from "./letter";

interface Copy { document_id: string; name: string }
interface Series { id: string; letters: Copy[] }

export const series = signal<Series | null>(null); // what was sent
const filesAtOnce = 30; // of a request, with room to spare
let kept: Kept | null = null; // the draft that they lie in

const pathOf = (one: Kept, verb = "") => `/v1/drafts/${one.id}${verb}${verb && `?version=${one.version}`}`;

/* What was checked before is gone: another one lies there now. */
async function drop(one: Kept | null): Promise<void> {
  if (one) await post(pathOf(one, ":discard"), {}).catch(() => undefined);
}

async function keep(all: readonly NamedFile[]): Promise<Kept> {
  const title = encodeURIComponent(draft.value.subject.slice(0, 80));
  let one: Kept | null = null;
  for (let at = 0; at < all.length; at += filesAtOnce) {
    const some = all.slice(at, at + filesAtOnce);
    const answer: Response = one ? await postFiles(pathOf(one, ":files"), some)
      : await postFiles(`/v1/drafts?title=${title}`, some, { "Idempotency-Key": crypto.randomUUID() });
    one = await answer.json() as Kept;
  }
  return one!;
}

export async function checkApart(): Promise<Checked> {
  const before = kept;
  kept = null;
  await drop(before);
  const made = await ask("/v1/documents:make?apart=1", { method: "POST", headers: { "Content-Type": "application/json" },
    body: JSON.stringify(letterOf(draft.value, recipients.value, files.value.map(({ name }) => name))) });
  kept = await keep([...unbundle(await made.arrayBuffer()), ...files.value]);
  const said = await post<{ accepted: boolean; findings: Finding[] }>(pathOf(kept, ":check-apart"), {});
  return { ...said, document: null };
}

/* All of them, or none. */
export async function sendApart(accept: string): Promise<void> {
  if (!kept) throw new Error("nothing was checked");
  kept = await get<Kept>(pathOf(kept)); // another version, once it was undone
  const said = await post<Series>(`${pathOf(kept, ":send-apart")}${accept && `&accept=${accept}`}`, {});
  sent.value = await get<Sent>(`/v1/outbox/${said.letters[0]!.document_id}`);
  series.value = said;
  await drop(opened.value); // it has become these
}
