/* A person's answer to letters that came in: sign for them, send them back, hand them on. */
import { asProblem, post, problemFrom } from "./api";
import type { Received } from "./types";

/* Reasons of art. 8(3), as the API names them. */
export const returnReasons = ["misdirected", "incomplete", "attachment_missing", "unreadable", "other"] as const;
export const noticeReasons = ["misdirected", "incomplete", "attachment_missing", "other"] as const;
export type Act = "confirm" | "return" | "notice";
export type ManyAct = "confirm" | "return" | "assign" | "hand-back";

export const keyOf = (letter: { waybill_id: string; recipient: string }): string =>
  `${letter.waybill_id}/${letter.recipient}`;

/* `words` go with a reason, for the sender alone; none is none. */
export const why = (reason: string, words: string): object => ({ reason, ...(words.trim() ? { words: words.trim() } : {}) });

export const answer = (key: string, act: Act, body?: object): Promise<Received> =>
  post(`/v1/inbox/${key}:${act}`, body);

export interface Outcome { done: string[]; failed: { key: string; error: unknown }[] }
interface Result { letter: string; status: number; problem?: object }

const atOnce = 100;

/* Each letter by itself, so many in a request: one that fails leaves the others alone. */
export async function answerAll(keys: readonly string[], act: ManyAct, more: object,
    progress: (done: number) => void): Promise<Outcome> {
  const outcome: Outcome = { done: [], failed: [] };
  for (let at = 0; at < keys.length; at += atOnce) {
    const letters = keys.slice(at, at + atOnce);
    try {
      const { results } = await post<{ results: Result[] }>(`/v1/inbox:${act}`, { letters, ...more });
      for (const { letter, status, problem } of results)
        if (status < 300) outcome.done.push(letter); else outcome.failed.push({ key: letter, error: problemFrom(problem ?? {}, status) });
    } catch (error) {
      for (const key of letters) outcome.failed.push({ key, error: asProblem(error) });
    }
    progress(outcome.done.length + outcome.failed.length);
  }
  return outcome;
}
