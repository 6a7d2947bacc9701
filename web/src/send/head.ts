/* 信頭: what a letter begins with, of the organisation, the unit and the person; what was written is remembered. */
import { get, post } from "../base/api";
import { change, draft, mode } from "./desk";
import { wayOf, ways, withWay, type Draft } from "./draft";

type Head = Record<"address" | "contact" | "phone" | "fax" | "email" | "prefix" | "signature", string>;
const plain = ["address", "prefix", "signature"] as const;

/* What somebody typed meanwhile stays. */
export async function fillHead(): Promise<void> {
  const found = await get<{ letter: Head }>("/v1/letterhead").catch(() => null);
  if (!found) return;
  const head = found.letter;
  const now: Draft = { ...draft.value };
  for (const name of plain) now[name] ||= head[name];
  if (now.contacts === "") for (const [way] of ways) now.contacts = withWay(now.contacts, way, head[way]);
  change(now);
}

/* The next letter begins as this one did; the host keeps what is not the same as the others have. */
export async function rememberHead(): Promise<void> {
  if (mode.value !== "write") return;
  const { address, prefix, signature, contacts } = draft.value;
  const own = Object.fromEntries(ways.map(([way]) => [way, wayOf(contacts, way)]));
  await post("/v1/letterhead:own", { address, prefix, signature, ...own }).catch(() => undefined);
}
