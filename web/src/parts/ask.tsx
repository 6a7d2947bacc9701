/* A button for what cannot be taken back: it asks first, in its place. */
import { signal } from "@preact/signals";
import { t } from "../base/words";

const asked = signal("");

export function AskFirst({ id, word, question, sure, onSure }: {
  id: string; word: string; question: string; sure: string; onSure: () => void;
}) {
  if (asked.value !== id) return <button type="button" class="plain" onClick={() => { asked.value = id; }}>{word}</button>;
  return <div class="row"><em>{question}</em>
    <button type="button" class="bad" onClick={() => { asked.value = ""; onSure(); }}>{sure}</button>
    <button type="button" class="plain" onClick={() => { asked.value = ""; }}>{t("cancel")}</button></div>;
}
