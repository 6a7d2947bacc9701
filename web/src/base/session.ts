/* Who works here: the person of the session, and the organisations served. */
import { signal } from "@preact/signals";
import { asProblem, get, onSignedOut, post, setGuard } from "./api";
import { showMenu } from "./menu";
import type { List, Received, Sent } from "./types";
import { page } from "./words";

export interface Organisation { code: string; name: string }
export interface Session { person: string; organisations: Organisation[]; roles: string[]; idle?: number; unit?: string; deputy?: number; actsFor?: string }

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

/* docs/api.md, "Persons and tokens". */
interface Said { person: string; csrf: string; roles: string[]; organisations: Organisation[]; idle_s?: number; unit?: string; deputy?: number; for?: string }

export async function openSession(): Promise<void> {
  onSignedOut(() => {
    location.assign(`${page("login")}?back=${encodeURIComponent(location.pathname + location.search)}`);
  });
  try {
    const said = await get<Said>("/v1/session");
    setGuard({ "x-yizhan-csrf": said.csrf });
    showMenu(said.roles);
    session.value = { person: said.person, organisations: said.organisations, roles: said.roles,
      unit: said.unit ?? "", deputy: said.deputy ?? 0, actsFor: said.for ?? "",
      ...(said.idle_s ? { idle: said.idle_s * 1000 } : {}) };
  } catch (error) {
    // A control socket has no sessions; elsewhere whoever has none is sent to log in,
    // and a host that did not answer is asked again: nothing can be done without it.
    const { status } = asProblem(error);
    if (status === 404) { session.value = await guess(); showMenu([]); }
    else if (status === 0 || status === 429 || status >= 500) setTimeout(() => void openSession(), 2000);
  }
}

export async function signOut(): Promise<void> {
  await post("/v1/session:end").catch(() => undefined);
  location.assign(page("login"));
}
