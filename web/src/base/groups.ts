/* 行文群組 (docs/api.md, "Recipients before sending"). */
import { ask, get, post } from "./api";

export interface Group { organisation: string; code: string; title: string; version: number; changed_by: string; changed_at: string; count: number; changed: number }
export interface Member { code: string; name: string; with_attachments: boolean; copy: boolean; status: string; name_now: string; successor: { code: string; name: string } | null }
export interface WholeGroup extends Group { members: Member[] }

export const groups = async (): Promise<Group[]> => (await get<{ groups: Group[] }>("/v1/groups")).groups;
export const group = (code: string): Promise<WholeGroup> => get(`/v1/groups/${encodeURIComponent(code)}`);

export interface Asked { asked: string; code: string; name: string; title: string; candidates: { code: string; name: string }[] }

/* Names or codes as clerks write them, each looked up as people read it. */
export const lookUp = async (names: readonly string[]): Promise<Asked[]> =>
  (await post<{ recipients: Asked[] }>("/v1/recipients:check", { recipients: names })).recipients;

const json = { "Content-Type": "application/json" };
export const saveGroup = async (old: Group | null, code: string, title: string, members: string[]): Promise<void> => {
  if (!old) { await post("/v1/groups", { code, title, members }); return; }
  await ask(`/v1/groups/${encodeURIComponent(old.code)}:change?version=${old.version}`, { method: "POST", headers: json, body: JSON.stringify({ title, members }) });
};
export const removeGroup = async (old: Group): Promise<void> => {
  await ask(`/v1/groups/${encodeURIComponent(old.code)}:remove?version=${old.version}`, { method: "POST", headers: json, body: "{}" });
};
