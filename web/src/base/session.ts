/* Who works here: the person of the session, and the organisations served. */
import { signal } from "@preact/signals";
import { get, post, onSignedOut, setGuard } from "./api";
import type { List, Received, Sent } from "./types";
import { page } from "./words";

export interface Organisation { code: string; name: string }
export interface Session { person: string; organisations: Organisation[]; roles: string[] }

export const session = signal<Session | null>(null);

/* Without a session (a host that is asked through its socket): from what it sent. */
async function guess(): Promise<Session> {
  const [sent, received] = await Promise.all([
    get<List<Sent>>("/v1/outbox?limit=1").catch(() => null),
    get<List<Received>>("/v1/inbox?limit=1").catch(() => null)]);
  const organisations: Organisation[] = [];
  const add = (code?: string, name?: string) => {
    if (code && !organisations.some((one) => one.code === code)) organisations.push({ code, name: name || code });
  };
  add(sent?.documents[0]?.sender, sent?.documents[0]?.sender_name);
  add(received?.documents[0]?.recipient, received?.documents[0]?.recipient_name);
  return { person: "", organisations, roles: [] };
}

interface Said { person?: string; name?: string; token?: string; csrf?: string; roles?: string[]; organisations?: Organisation[] }

export async function openSession(): Promise<void> {
  onSignedOut(() => {
    if (!location.pathname.endsWith("/login"))
      location.assign(`${page("login")}?back=${encodeURIComponent(location.pathname + location.search)}`);
  });
  try {
    const said = await get<Said>("/v1/session");
    if (said.csrf) setGuard({ "x-yizhan-csrf": said.csrf });
    session.value = { person: said.person ?? said.name ?? "", organisations: said.organisations ?? [], roles: said.roles ?? [] };
    if (session.value.organisations.length === 0)
      session.value = { ...session.value, organisations: (await guess()).organisations };
  } catch {
    session.value = await guess();
  }
}

export async function signOut(): Promise<void> {
  await post("/v1/session:end").catch(() => undefined);
  location.assign(page("login"));
}
