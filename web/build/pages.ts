/*
 * Makes the static HTML files: each page of web/pages in both languages, inside
 * web/pages/shell.html, with the names that the build gave to scripts and style.
 *
 * A page begins with a comment of settings, such as
 *   <!-- title: inbox.title; screen: inbox -->
 * and `{{word}}` is a word of web/words.json.  `{{page:name}}` is the address of
 * another page in the same language.
 */
import { createHash } from "node:crypto";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import type { Plugin, Rollup } from "vite";

type OutputBundle = Rollup.OutputBundle;
type OutputChunk = Rollup.OutputChunk;

const root = join(__dirname, "..");
const languages = [{ code: "zh-TW", at: 0, prefix: "" }, { code: "en", at: 1, prefix: "en/" }];

type Words = Record<string, [string, string]>;

const read = (path: string) => readFileSync(join(root, path), "utf8");
export const words = (): Words => JSON.parse(read("words.json"));
export const screens = (): string[] => readdirSync(join(root, "src/screens"))
  .filter((name) => name.endsWith(".tsx")).map((name) => name.slice(0, -4)).sort();
const pagesIn = (folder: string): string[] => readdirSync(join(root, folder))
  .filter((name) => name.endsWith(".html") && name !== "shell.html")
  .map((name) => name.slice(0, -5)).sort();

/* The words that some modules use; those of the static page stand there already. */
function wordsOf(all: Words, modules: readonly string[]): Words {
  const text = modules.filter((name) => /\/web\/src\/.*\.tsx?$/.test(name)).map((name) => readFileSync(name, "utf8")).join("\n");
  const groups = new Set([...text.matchAll(/tOf\("([\w-]+)"/g)].map(([, name]) => name));
  if (text.includes("tOf(side")) groups.add("event").add("came");
  return Object.fromEntries(Object.entries(all).filter(([key]) =>
    text.includes(`"${key}"`) || groups.has(key.split(".")[0])));
}

const escape = (text: string) => text.replace(/&/g, "&amp;").replace(/</g, "&lt;")
  .replace(/>/g, "&gt;").replace(/"/g, "&quot;");

interface Settings { title: string; screen?: string; nav?: string; path?: string }

function settingsOf(name: string, text: string): [Settings, string] {
  const found = /^<!--(.*?)-->\n/s.exec(text);
  if (!found) throw new Error(`${name}: no settings`);
  const settings = Object.fromEntries(found[1]!.split(";").map((part) => {
    const at = part.indexOf(":");
    return [part.slice(0, at).trim(), part.slice(at + 1).trim()];
  }));
  if (!settings.title) throw new Error(`${name}: no title`);
  return [settings as unknown as Settings, text.slice(found[0].length)];
}

/* The page in one language; `folder` is pages, or plain for templates of the host. */
export function compose(folder: string, name: string, all: Words, language: typeof languages[number],
    tags: { scripts: string; style: string; preloads: string }): string {
  const [settings, body] = settingsOf(name, read(`${folder}/${name}.html`));
  const word = (key: string) => {
    const found = all[key];
    if (!found) throw new Error(`${name}: no word ${key}`);
    return escape(found[language.at]!);
  };
  const own = settings.path ?? (name === "index" ? "" : name);
  const other = languages[1 - language.at]!;
  const fixed: Record<string, string> = {
    LANG: language.code,
    TITLE: word(settings.title),
    SCRIPTS: tags.scripts,
    STYLE: tags.style,
    PRELOADS: tags.preloads,
    OTHER: `/${other.prefix}${own}`,
    OTHER_LANG: other.code,
  };
  const nav = settings.nav ?? name;
  // Who has not logged in yet has nowhere to go.
  const shell = read("pages/shell.html");
  return (nav === "none" ? shell.replace(/<nav class="side".*?<\/nav>\n/s, "") : shell)
    .replace("{{MAIN}}", () => body.trim())
    .replace(/\{\{([\w.:-]+)\}\}/g, (_, key: string) =>
      key.startsWith("page:") ? `/${language.prefix}${key.slice(5) === "index" ? "" : key.slice(5)}`
        : key.startsWith("here:") ? (key.slice(5) === nav ? ' aria-current="page"' : "")
          : fixed[key] ?? word(key));
}

interface Script { file: string; imports: string[]; modules: string[] }

/* What each screen needs: its script, what that imports, and the modules in all of them. */
function scriptsOf(bundle: OutputBundle): Map<string, Script> {
  const chunks = Object.values(bundle).filter((item): item is OutputChunk => item.type === "chunk");
  const byFile = new Map(chunks.map((chunk) => [chunk.fileName, chunk]));
  const all = (chunk: OutputChunk, into: Set<OutputChunk>): Set<OutputChunk> => {
    into.add(chunk);
    for (const name of chunk.imports) {
      const next = byFile.get(name);
      if (next && !into.has(next)) all(next, into);
    }
    return into;
  };
  return new Map(chunks.filter((chunk) => chunk.isEntry).map((chunk) => {
    const needed = [...all(chunk, new Set())];
    // What is loaded later has its words from the beginning.
    const later = needed.flatMap(({ dynamicImports }) => dynamicImports).flatMap((name) => [...all(byFile.get(name)!, new Set())]);
    return [chunk.name, { file: chunk.fileName, imports: needed.slice(1).map(({ fileName }) => fileName),
      modules: [...needed, ...later].flatMap(({ moduleIds }) => moduleIds) }];
  }));
}

export function yizhanPages(): Plugin {
  return {
    name: "yizhan-pages",
    enforce: "post", // when the style has its name
    generateBundle(_, bundle) {
      const all = words();
      const scripts = scriptsOf(bundle);
      const style = Object.keys(bundle).find((name) => name.endsWith(".css"));
      if (!style) throw new Error("no style");
      this.emitFile({ type: "asset", fileName: "icon.svg", source: read("pages/icon.svg") });
      const tags = { style: `<link rel="stylesheet" href="/${style}">`, preloads: "", scripts: "" };
      for (const name of pagesIn("plain")) for (const language of languages)
        this.emitFile({ type: "asset", fileName: `templates/${language.prefix}${name}.html`,
          source: compose("plain", name, all, language, tags) });
      for (const name of pagesIn("pages")) {
        const [settings] = settingsOf(name, read(`pages/${name}.html`));
        const script = settings.screen ? scripts.get(settings.screen) : undefined;
        if (settings.screen && !script) throw new Error(`${name}: no screen ${settings.screen}`);
        const used = script ? wordsOf(all, script.modules) : {};
        for (const language of languages) {
          const own = Object.fromEntries(Object.entries(used).map(([key, both]) => [key, both[language.at]]));
          const source = `globalThis.yizhanWords=${JSON.stringify(own)}`;
          const hash = createHash("sha256").update(source).digest("hex").slice(0, 8);
          const wordsFile = `assets/words-${name}-${language.code}-${hash}.js`;
          if (script) this.emitFile({ type: "asset", fileName: wordsFile, source });
          const html = compose("pages", name, all, language, {
            style: tags.style,
            preloads: (script?.imports ?? []).map((file) => `<link rel="modulepreload" href="/${file}">`).join(""),
            scripts: script ? `<script type="module" src="/${wordsFile}"></script><script type="module" src="/${script.file}"></script>` : "",
          });
          this.emitFile({ type: "asset", fileName: `${language.prefix}${name}.html`, source: html });
        }
      }
    },
  };
}
