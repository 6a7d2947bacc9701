/* Every screen begins here: its frame is in the static page, its content in #app. */
import { render, type ComponentChild } from "preact";
import "../style/all.css";
import { showMenu } from "./menu";
import { openSession, session, signOut } from "./session";
import { longDay } from "./time";
import { Idle, watchIdle } from "../parts/idle";
import { page, t, zh } from "./words";

const byId = (id: string) => document.getElementById(id);

/* Tell those who hear the page; the same words again are told again. */
export function announce(text: string): void {
  const status = byId("status");
  if (!status) return;
  status.textContent = "";
  setTimeout(() => { status.textContent = text; }, 50);
}

function Account() {
  const who = session.value?.person;
  if (!who) return null;
  const actsFor = session.value?.actsFor;
  return <>{actsFor ? <em>{t("deputy.acting", { who, whom: actsFor })} <a href={page("deputies")}>{t("deputy.stop-link")}</a></em> : who} <button type="button" class="plain" onClick={() => void signOut()}>{t("account.end")}</button></>;
}

function Who() {
  const own = session.value?.organisations ?? [];
  return <span {...zh}>{own.map((one) => one.name).join("、")}</span>;
}

/* The demo and `yizhan person` print links of the first page with a one-time code. */
function takeCode(): boolean {
  const code = new URLSearchParams(location.search).get("code");
  if (!code || location.pathname.endsWith("/login")) return false;
  location.replace(`${page("login")}#code=${encodeURIComponent(code)}`);
  return true;
}

export function start(screen: ComponentChild, wantsSession = true): void {
  if (wantsSession && takeCode()) return;
  const app = byId("app");
  if (!app) return;
  app.replaceChildren();
  render(screen, app);
  showMenu();
  const date = byId("date");
  if (date) date.textContent = longDay(Date.now());
  const account = byId("account");
  if (account) render(<Account />, account);
  const who = byId("who");
  if (who) render(<Who />, who);
  const other = byId("other") as HTMLAnchorElement | null;
  if (other) other.search = location.search;
  if (!wantsSession) return;
  const idle = byId("idle-place");
  if (idle) { render(<Idle />, idle); watchIdle(); }
  void openSession();
}
