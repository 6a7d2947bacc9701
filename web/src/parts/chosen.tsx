import { size } from "../base/time";
import { t } from "../base/words";

export const fileField = (id: string): HTMLInputElement | null => document.querySelector(`input#${id}`);

/* The one file that a field has; taken out, the field is empty, and where the keyboard goes on. */
export function Chosen({ id, file, onRemove }: { id: string; file: File | null; onRemove: () => void }) {
  const remove = () => {
    const field = fileField(id);
    if (field) { field.value = ""; field.focus(); }
    onRemove();
  };
  return file && <p class="chosen"><span>{file.name}</span> <span class="small quiet">{size(file.size)}</span>
    <button type="button" class="plain" onClick={remove}>{t("remove")}<span class="hidden">{file.name}</span></button></p>;
}
