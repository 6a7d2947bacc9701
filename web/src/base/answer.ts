/* A person's answer to a letter that came in: sign for it, or send it back. */
import { post } from "./api";
import type { Received } from "./types";

/* Reasons of art. 8(3), as the API names them. */
export const returnReasons = ["misdirected", "incomplete", "attachment_missing", "unreadable", "other"] as const;
export const noticeReasons = ["misdirected", "incomplete", "attachment_missing", "other"] as const;
export type Act = "confirm" | "return" | "notice";

export const keyOf = (letter: { waybill_id: string; recipient: string }): string =>
  `${letter.waybill_id}/${letter.recipient}`;

export const answer = (key: string, act: Act, reason?: string): Promise<Received> =>
  post(`/v1/inbox/${key}:${act}`, reason ? { reason } : undefined);

export interface Outcome { done: Received[]; failed: { key: string; error: unknown }[] }

/* Each by itself, some at a time: one that fails leaves the others alone. */
export async function answerAll(keys: readonly string[], act: Act, reason: string | undefined,
    progress: (done: number) => void): Promise<Outcome> {
  const outcome: Outcome = { done: [], failed: [] };
  const left = [...keys];
  const work = async () => {
    for (let key = left.shift(); key !== undefined; key = left.shift()) {
      try {
        outcome.done.push(await answer(key, act, reason));
      } catch (error) {
        outcome.failed.push({ key, error });
      }
      progress(outcome.done.length + outcome.failed.length);
    }
  };
  await Promise.all([work(), work(), work(), work()]);
  return outcome;
}
