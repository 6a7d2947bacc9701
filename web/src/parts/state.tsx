/* States and speeds: a word, a shape and a colour (ux.md 1.7). */
import { t, tOf } from "../base/words";
import { Icon, type Shape } from "./icons";

export type Tone = "" | "good" | "warn" | "bad" | "now";

export const Chip = ({ tone = "", shape, text }: { tone?: Tone; shape: Shape; text: string }) =>
  <span class={`chip ${tone}`}><Icon shape={shape} />{text}</span>;

const received: Record<string, [Tone, Shape]> = {
  opened: ["now", "ring"], confirmed: ["good", "done"], returned: ["warn", "back"],
  unreadable: ["bad", "bad"], fetched: ["", "half"],
};

export function ReceivedState({ state }: { state: string }) {
  const [tone, shape] = received[state] ?? ["", "ring"];
  return <Chip tone={tone} shape={shape} text={tOf("in", state)} />;
}

const sent: Record<string, [Tone, Shape]> = {
  queued: ["", "ring"], accepted: ["now", "half"], relayed: ["now", "half"],
  fetched: ["now", "half"], opened: ["now", "half"], confirmed: ["good", "done"],
  returned: ["bad", "back"], refused: ["bad", "bad"], expired: ["bad", "bad"],
  withdrawn: ["", "back"], quarantined: ["bad", "bad"], paper: ["", "sheet"],
};

export const toneOf = (state: string): Tone => sent[state]?.[0] ?? "";
export const hasEnded = (state: string): boolean =>
  ["confirmed", "returned", "refused", "expired", "withdrawn", "quarantined", "paper"].includes(state);
export const hasFailed = (state: string): boolean =>
  ["returned", "refused", "expired", "quarantined"].includes(state);

export function SentState({ state, flags = [] }: { state: string; flags?: string[] }) {
  const [tone, shape] = sent[state] ?? ["", "ring"];
  if (flags.includes("overdue") && !hasEnded(state))
    return <Chip tone="warn" shape="warn" text={t("out.overdue")} />;
  return <Chip tone={tone} shape={shape} text={tOf("out", state)} />;
}

export const Speed = ({ speed }: { speed: string }) =>
  <span class={`speed ${speed}`}>{tOf("speed", speed)}</span>;
