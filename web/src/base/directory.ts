/* The address book (GET /v1/directory): who can be written to, and how. */
import { get } from "./api";

export interface Entry { code: string; name: string; status: string; limit: number }
interface Found { code: string; name: string; status: string; receiver: string; letter_bytes?: number }

/* Who is only on paper has nobody who opens what is sent there. */
export async function search(text: string, abort?: AbortSignal, limit = 20, offset = 0): Promise<{ entries: Entry[]; total: number }> {
  const said = await get<{ total: number; organisations: Found[] }>(
    `/v1/directory?q=${encodeURIComponent(text)}&limit=${limit}&offset=${offset}`, abort);
  return { total: said.total, entries: said.organisations.map(({ code, name, status, receiver, letter_bytes }) =>
    ({ code, name, status: status === "active" && receiver === "" ? "paper" : status, limit: letter_bytes ?? 0 })) };
}
