/* A secret that is shown this once: to be copied into the system that it is for. */
import { signal } from "@preact/signals";
import { announce } from "../base/start";
import { t } from "../base/words";

const isCopied = signal(false);

export function Secret({ id, label, value, children }: { id: string; label: string; value: string; children?: preact.ComponentChildren }) {
  const copy = async () => {
    await navigator.clipboard?.writeText(value).catch(() => undefined);
    (document.getElementById(id) as HTMLInputElement | null)?.select();
    isCopied.value = true;
    announce(t("secret.copied"));
  };
  return <div class="note good stack"><h2 id={`${id}-title`} tabindex={-1}>{t("secret.title")}</h2>
    <p>{t("secret.once")}</p>
    <div class="field"><label for={id}>{label}</label>
      <div class="row"><input id={id} class="grow mono" readOnly value={value} spellcheck={false} onFocus={(event) => event.currentTarget.select()} />
        <button type="button" onClick={() => void copy()}>{t(isCopied.value ? "secret.copied" : "secret.copy")}</button></div></div>
    {children}</div>;
}

/* A new one is not yet copied; whoever made it is led to it. */
export function showSecret(id: string): void {
  isCopied.value = false;
  setTimeout(() => document.getElementById(`${id}-title`)?.focus());
}
