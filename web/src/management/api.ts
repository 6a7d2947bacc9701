/* What a management host says of casework (docs/api.md, data/openapi/management.json). */
import { ask } from "../base/api";
import { language } from "../base/words";

export interface Words { zh: string; en: string }
export interface Line { id: string; definition: string; title?: Words; subject: string; organisation: string; state: string; state_title?: Words; open: boolean; since: string; due: string; overdue: boolean; opened: string }
export interface Move { name: string; title: Words; offices: string[]; persons: number; signed: boolean; code: boolean; note: boolean; missing: string[]; persons_missing: number }
export interface Attachment { number: number; evidence: string; name: string; length: number; sha256: string }
export interface Step { sequence: number; at: string; kind: string; move: string; evidence: string; by: string; note: string; signed: boolean; entry: number | null }
export interface Notice { name: string; at: string; to: string[]; text: Words }
export interface Case extends Line { effect: string; fields: Record<string, string>; last: string; moves: Move[]; attachments: Attachment[]; steps: Step[]; notices: Notice[] }
interface Named { name: string; title: Words }
export interface Field extends Named { kind: string }
export interface Definition extends Named { fields: Field[]; evidence: Named[]; moves: Named[] }

/* In the language of the page. */
export const say = (words: Words | undefined, otherwise: string): string => (words ? (language === "en" ? words.en : words.zh) : otherwise);
export const titleOf = (list: readonly Named[] | undefined, name: string): string => say(list?.find((one) => one.name === name)?.title, name);

/* A fingerprint is known by its beginning, as certificates are elsewhere. */
export const brief = (subject: string): string => (/^[0-9a-f]{64}$/.test(subject) ? `${subject.slice(0, 16)}…` : subject);

export const attach = (id: string, evidence: string, file: File): Promise<Response> =>
  ask(`/v1/cases/${encodeURIComponent(id)}/attachments?evidence=${encodeURIComponent(evidence)}&name=${encodeURIComponent(file.name)}`,
    { method: "POST", body: file, headers: { "Content-Type": "application/octet-stream" } });
