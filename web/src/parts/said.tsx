/* What whoever returned a letter, or told of a mistake, says in words of their own; sealed for the sender on its way. */
import { t, zh } from "../base/words";

export const Said = ({ words, ours = false, who = "" }: { words: string; ours?: boolean; who?: string }) =>
  words ? <span class="said">{who ? <span {...zh}>{who}</span> : t(ours ? "said.ours" : "said.theirs")}{t("list.colon")}<q {...zh}>{words}</q></span> : null;

export const wordsMax = 500;

/* What to tell the sender with a return or a notice. */
export const SayMore = ({ id, value, onInput }: { id: string; value: string; onInput: (value: string) => void }) =>
  <div class="field"><label for={id}>{t("said.field")}</label><p class="hint" id={`${id}-hint`}>{t("said.hint")}</p>
    <input id={id} maxLength={wordsMax} aria-describedby={`${id}-hint`} value={value} onInput={(event) => onInput(event.currentTarget.value)} /></div>;
