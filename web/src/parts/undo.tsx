/* A letter that has not left yet: how long it can be called back, and by what. */
import { signal } from "@preact/signals";
import { asProblem, post } from "../base/api";
import { announce } from "../base/start";
import type { Sent } from "../base/types";
import { t } from "../base/words";
import { Trouble } from "./parts";

const now = signal(Date.now());
const refused = signal<unknown>(null);
let timer: ReturnType<typeof setInterval> | undefined;

/* The host's clock counts: seconds left when it answered, and how long ago that was. */
interface Held { until: number }
export const heldOf = (letter: Sent): Held | null =>
  letter.state === "held" ? { until: Date.now() + (letter.undo_s ?? 0) * 1000 } : null;

async function undo(path: string, onUndone: (letter: Sent) => void): Promise<void> {
  refused.value = null;
  try {
    onUndone(await post<Sent>(`${path}:undo`));
    announce(t("undo.done"));
  } catch (error) {
    refused.value = error;
  }
}

/* The seconds are for the eye; who hears the page is told once. */
export function UndoBar({ path, held, onUndone, onOver }: { path: string; held: Held; onUndone: (letter: Sent) => void; onOver: () => void }) {
  timer ??= setInterval(() => { now.value = Date.now(); }, 500);
  const left = Math.max(0, Math.ceil((held.until - now.value) / 1000));
  if (left === 0) { clearInterval(timer); timer = undefined; setTimeout(onOver); }
  return <section class="undo" aria-label={t("undo.label")}>
    <p><strong>{t("undo.what")}</strong> <span aria-hidden="true">{t("undo.left", { n: left })}</span></p>
    <button type="button" aria-disabled={left === 0} onClick={() => { if (left > 0) void undo(path, onUndone); }}>{t("undo.do")}</button>
    {refused.value ? <Trouble error={asProblem(refused.value)} /> : null}</section>;
}
