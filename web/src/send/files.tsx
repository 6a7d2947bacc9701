/* Choosing files: all of a letter, or the attachments of a draft. */
import type { NamedFile } from "../base/bundle";
import { announce } from "../base/start";
import { size } from "../base/time";
import { t, tOf, type Word } from "../base/words";
import { Choose } from "../parts/choose";
import { fieldOf, files, gaps, mode } from "./desk";
import { isTooLarge, totalBytes, weakest } from "./limits";
import { betterName, nameTrouble } from "./names";
import { judged } from "./way";

/* A file of the same name takes the place of the one before. */
function add(list: FileList | null): void {
  if (!list) return;
  const now = new Map(files.value.map((file) => [file.name, file]));
  for (const file of list) now.set(file.name, { name: file.name, data: file });
  announce(t("files.added", { n: list.length }));
  files.value = [...now.values()];
}

/* The keyboard goes on where another file is chosen. */
function remove(file: NamedFile): void {
  files.value = files.value.filter((one) => one !== file);
  document.getElementById(mode.value === "write" ? "attach" : "upload-files")?.focus();
  announce(t("files.removed", { name: file.name }));
}

const put = (file: NamedFile, name: string) => {
  files.value = files.value.map((one) => (one === file ? { ...one, name } : one));
  announce(t("name.changed", { name }));
};

/* A name that would be refused, and one that would not. */
function NameTrouble({ file }: { file: NamedFile }) {
  const why = nameTrouble(file.name);
  if (!why) return null;
  const better = betterName(file.name);
  return <div class="note bad"><p>{tOf("name", why)}</p>
    {better && mode.value === "write" ? <button type="button" onClick={() => put(file, better)}>{t("name.change", { name: better })}</button>
      : <p><em>{t("problem.do")}</em>{t(why === "program" ? "name.zip" : "name.mend")}</p>}</div>;
}

/* What a recipient would not take, as the host knows it. */
function Refusals() {
  const all = (judged.value?.findings ?? []).filter((one) => one.file === "" || nameTrouble(one.file) === "");
  if (all.length === 0) return null;
  return <ol>{all.map((one) => {
    const file = files.value.find(({ name }) => name === one.file);
    return <li class="note warn"><p><strong>{one.file}</strong> {one.title}{t("list.colon")}{t("limit.for", { n: one.count })}</p><p>{one.remedy}</p>
      {one.suggestion && file && mode.value === "write" && <button type="button" onClick={() => put(file, one.suggestion)}>{t("name.change", { name: one.suggestion })}</button>}</li>;
  })}</ol>;
}

/* How much may go, and whose limit that is. */
function Room() {
  const { bytes, name } = weakest.value;
  const total = totalBytes.value;
  const told = bytes > 0 ? name ? t("limit.of", { name, size: size(bytes) }) : t("limit.own", { size: size(bytes) }) : "";
  return <><p class="small quiet">{files.value.length > 0 && <>{t("files.sum", { n: files.value.length, size: size(total) })} </>}{told}</p>
    {bytes > 0 && total > bytes && <div class={`note ${isTooLarge.value ? "bad" : "warn"}`} role="alert">
      <p>{isTooLarge.value ? t("limit.too-large", { over: size(total - bytes) }) : t("limit.paper", { name, over: size(total - bytes) })}</p></div>}</>;
}

const FileList_ = () => <><ul class="files">{files.value.map((file) => <li key={file.name}>
  <span>{file.name}</span><span class="row"><span class="small quiet">{size(file.data.size)}</span>
    <button type="button" class="plain" onClick={() => remove(file)}>{t("remove")}
      <span class="hidden">{file.name}</span></button></span><NameTrouble file={file} /></li>)}</ul><Room /><Refusals /></>;

function Files({ id, word, hint }: { id: string; word: Word; hint: string }) {
  return <><div class="field"><p class="hint" id={`${id}-hint`}>{hint}</p>
    <Choose id={id} word={word} multiple aria-describedby={`${id}-hint`} aria-invalid={gaps.value.some((gap) => fieldOf(gap) === id) || undefined}
      onChange={(event) => { add(event.currentTarget.files); event.currentTarget.value = ""; }} /></div><FileList_ /></>;
}

export const Attachments = () => <section class="card stack" aria-labelledby="attachments"><h2 id="attachments">{t("write.attachments")}</h2>
  <Files id="attach" word="files.attach" hint={t("files.attach-hint")} /></section>;

export const Upload = () => <section class="card stack" aria-labelledby="upload"><h2 id="upload">{t("files.title")}</h2>
  <Files id="upload-files" word="files.choose" hint={t("files.choose-hint")} /></section>;
