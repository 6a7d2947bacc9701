/* 憑證: how many days each key of this host has left. */
import { effect, signal } from "@preact/signals";
import { get } from "../base/api";
import { start } from "../base/start";
import { day } from "../base/time";
import { t, tOf } from "../base/words";
import { Empty, Head, Trouble, Wait } from "../parts/parts";
import { Chip, type Tone } from "../parts/state";
import type { Shape } from "../parts/icons";

interface Certificate { name: string; use?: string; subject?: string; issuer?: string; serial?: string; not_after?: string; expires?: string; days?: number; status?: string }

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

const endOf = (one: Certificate) => Date.parse(one.not_after ?? one.expires ?? "");
const daysOf = (one: Certificate) => one.days ?? Math.floor((endOf(one) - Date.now()) / 86400_000);
/* The steps at which somebody is warned: 90, 60, 30, 14, 7 and 1 days. */
const lookOf = (days: number): [Tone, Shape, string] => days < 0 ? ["bad", "bad", "cert.over"] : days <= 14 ? ["bad", "warn", "cert.now"]
  : days <= 90 ? ["warn", "warn", "cert.soon"] : ["good", "done", "cert.good"];

function Card({ one }: { one: Certificate }) {
  const days = daysOf(one);
  const [tone, shape, word] = lookOf(days);
  return <li class="lane"><header><h2>{one.name}</h2><Chip tone={tone} shape={shape} text={tOf("cert", word.slice(5))} /></header>
    <p class="days"><strong>{Math.max(0, days)}</strong>{t("cert.days", { n: days })}</p>
    <dl class="facts">{one.use && <><dt>{t("cert.use")}</dt><dd>{tOf("use", one.use)}</dd></>}
      {one.subject && <><dt>{t("cert.subject")}</dt><dd>{one.subject}</dd></>}
      {one.issuer && <><dt>{t("cert.issuer")}</dt><dd>{one.issuer}</dd></>}
      <dt>{t("col.expires")}</dt><dd>{day(endOf(one))}</dd></dl></li>;
}

function Content() {
  if (!list.value) return failure.value ? <Trouble error={failure.value} retry={() => void load()} /> : <Wait />;
  if (list.value.length === 0) return <Empty title={t("cert.none")} />;
  return <ul class="lanes">{[...list.value].sort((a, b) => endOf(a) - endOf(b)).map((one) => <Card one={one} />)}</ul>;
}

start(<><Head title={t("certificates.title")}><p>{t("certificates.lead")}</p></Head><Content /></>);
void load();
effect(() => { document.documentElement.dataset.ready = list.value || failure.value ? "yes" : "no"; });
