/* Choosing files: all of a letter, or the attachments of a draft. */
import { signal } from "@preact/signals";
import { size } from "../base/time";
import { t } from "../base/words";
import { files } from "./desk";

const told = signal("");

/* A file of the same name takes the place of the one before. */
function add(list: FileList | null): void {
  if (!list) return;
  const now = new Map(files.value.map((file) => [file.name, file]));
  for (const file of list) now.set(file.name, { name: file.name, data: file });
  told.value = t("files.added", { n: list.length });
  files.value = [...now.values()];
}

export function FileList_() {
  if (files.value.length === 0) return null;
  const total = files.value.reduce((sum, { data }) => sum + data.size, 0);
  return <><ul class="files">{files.value.map((file) => <li key={file.name}>
    <span>{file.name}</span><span class="row"><span class="small quiet">{size(file.data.size)}</span>
      <button type="button" class="plain" onClick={() => { files.value = files.value.filter((one) => one !== file); }}>{t("remove")}
        <span class="hidden">{file.name}</span></button></span></li>)}</ul>
    <p class="small quiet">{t("files.sum", { n: files.value.length, size: size(total) })}</p></>;
}

function Choose({ id, word, hint, accept }: { id: string; word: Parameters<typeof t>[0]; hint: string; accept?: string }) {
  return <div class="field"><label for={id}>{t(word)}</label><p class="hint" id={`${id}-hint`}>{hint}</p>
    <input id={id} type="file" multiple aria-describedby={`${id}-hint`} {...(accept ? { accept } : {})}
      onChange={(event) => { add(event.currentTarget.files); event.currentTarget.value = ""; }} />
    <p class="hidden" aria-live="polite">{told.value}</p></div>;
}

export const Attachments = () => <section class="card stack" aria-labelledby="attachments"><h2 id="attachments">{t("write.attachments")}</h2>
  <Choose id="attach" word="files.attach" hint={t("files.attach-hint")} /><FileList_ /></section>;

export const Upload = () => <section class="card stack" aria-labelledby="upload"><h2 id="upload">{t("files.title")}</h2>
  <Choose id="upload-files" word="files.choose" hint={t("files.choose-hint")} /><FileList_ /></section>;
