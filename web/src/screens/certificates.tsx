/* 憑證: how many days each key of this host has left. */
import { effect, signal } from "@preact/signals";
import { get } from "../base/api";
import { start } from "../base/start";
import { day } from "../base/time";
import { t, tOf, zh } from "../base/words";
import { Empty, Head, Trouble, Wait } from "../parts/parts";
import { Chip, type Tone } from "../parts/state";
import type { Shape } from "../parts/icons";

/* docs/api.md: the keys of the organisations served here, by their certificates. */
interface Certificate { organisation: string; name: string; use: string; state: string; not_after: string; days_left: number; standing: string; reason: string; failure: string; blocked: boolean }

const list = signal<Certificate[] | null>(null);
const failure = signal<unknown>(null);

async function load(): Promise<void> {
  try {
    list.value = (await get<{ certificates: Certificate[] }>("/v1/certificates")).certificates;
    failure.value = null;
  } catch (error) {
    failure.value = error;
  }
}

/* The steps at which somebody is warned: 90, 60, 30, 14, 7 and 1 days. */
const lookOf = ({ days_left: days, standing, blocked }: Certificate): [Tone, Shape, string] => blocked ? ["bad", "bad", "cert.blocked"] : standing === "revoked" ? ["bad", "bad", "cert.revoked"] : days < 0 ? ["bad", "bad", "cert.over"] : days <= 14 ? ["bad", "warn", "cert.now"]
  : days <= 90 ? ["warn", "warn", "cert.soon"] : ["good", "done", "cert.good"];

function Card({ one }: { one: Certificate }) {
  const [tone, shape, word] = lookOf(one);
  return <li class="lane"><header><h2>{tOf("use", one.use)}</h2><Chip tone={tone} shape={shape} text={tOf("cert", word.slice(5))} /></header>
    {/* How long it would last matters while it is of use. */}
    {shape !== "bad" && <p class="days"><strong>{one.days_left}</strong>{t("cert.days", { n: one.days_left })}</p>}
    {tone !== "good" && <p><em>{t("problem.do")}</em>{tOf("cert-do", word.slice(5))}</p>}
    <dl class="facts"><dt>{t("col.expires")}</dt><dd>{day(Date.parse(one.not_after))}</dd>
      <dt>{t("cert.organisation")}</dt><dd><span {...zh}>{one.name}</span> <span class="small quiet">{one.organisation}</span></dd>
      {one.state !== "active" && <><dt>{t("col.state")}</dt><dd>{tOf("key", one.state)}</dd></>}
      {one.failure && <><dt>{t("cert.failure")}</dt><dd>{one.failure}</dd></>}</dl></li>;
}

function Content() {
  if (!list.value) return failure.value ? <Trouble error={failure.value} retry={() => void load()} /> : <Wait />;
  if (list.value.length === 0) return <Empty title={t("cert.none")} />;
  return <ul class="lanes">{[...list.value].sort((a, b) => a.days_left - b.days_left).map((one) => <Card one={one} />)}</ul>;
}

start(<><Head title={t("certificates.title")}><p>{t("certificates.lead")}</p></Head><Content /></>);
void load();
/* They end while somebody looks, of which no event tells. */
setInterval(() => { if (!document.hidden) void load(); }, 5000);
effect(() => { document.documentElement.dataset.ready = list.value || failure.value ? "yes" : "no"; });
