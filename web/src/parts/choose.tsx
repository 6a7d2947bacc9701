/* Choosing files in the language of the page: the browser's own button speaks the browser's.  The field lies
   unseen over what looks like a button, so the keyboard, dropped files and its own checks are what they always are. */
import type { ComponentProps } from "preact";
import { t, type Word } from "../base/words";

/* An empty title keeps away what browsers show over a file field. */
export const Choose = ({ id, word, ...more }: { id: string; word: Word } & Omit<ComponentProps<"input">, "type" | "id" | "title">) =>
  <div class={more.multiple ? "choose many" : "choose"}><input {...more} id={id} type="file" title="" />
    <label class="button" for={id}>{t(word)}</label>{more.multiple && <span class="only-wide small quiet" aria-hidden="true">{t("files.drop")}</span>}</div>;
