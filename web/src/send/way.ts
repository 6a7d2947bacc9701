/*
 * What the host says of recipients and files before anything goes up
 * (POST /v1/recipients:check): by which way a letter would reach each, and which
 * files somebody would not take.
 */
import { effect, signal } from "@preact/signals";
import { post } from "../base/api";
import { files, mode, recipients } from "./desk";

export interface Reached { code: string; name: string; way: "electronic" | "paper" | "suspended" | "dissolved" | "unknown"; rule: string; title: string; remedy: string; successor: { code: string; name: string } | null }
export interface FileFinding { file: string; rule: string; title: string; remedy: string; suggestion: string; count: number; recipients: string[] }
interface Said { counts: Record<Reached["way"], number>; recipients: Reached[]; findings: FileFinding[] }

export const judged = signal<Said | null>(null);

let timer: ReturnType<typeof setTimeout> | undefined;
let turn = 0;
effect(() => {
  const codes = mode.value === "write" ? recipients.value.map(({ code }) => code) : [];
  const list = files.value.map(({ name, data }) => ({ name, length: data.size }));
  clearTimeout(timer);
  const mine = ++turn;
  if (codes.length === 0) { judged.value = null; return; }
  timer = setTimeout(() => void post<Said>("/v1/recipients:check", { recipients: codes, files: list })
    .then((said) => { if (mine === turn) judged.value = said; }).catch(() => undefined), 300);
});

export const wayOf = (code: string): Reached | undefined => judged.value?.recipients.find((one) => one.code === code);
