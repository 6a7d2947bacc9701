/*
 * The words of the pages.  web/words.json has each once, in both languages;
 * the build puts those of one language into a module that runs first.
 */
import type catalogue from "../../words.json";

export type Word = keyof typeof catalogue;
export type Values = Record<string, string | number>;

declare global {
  // eslint-disable-next-line no-var
  var yizhanWords: Record<string, string> | undefined;
}

export const language: "zh-TW" | "en" =
  globalThis.document?.documentElement.lang === "en" ? "en" : "zh-TW";

/* `{name}` is a value; `{n|letter|letters}` one of two by the number n. */
export function fill(text: string, values: Values = {}): string {
  return text.replace(/\{(\w+)(?:\|([^|}]*)\|([^}]*))?\}/g,
    (_, name: string, one?: string, many?: string) => {
      const value = values[name];
      if (one === undefined) return value === undefined ? "" : String(value);
      return Number(value) === 1 ? one : many ?? "";
    });
}

export function t(word: Word, values?: Values): string {
  return fill(globalThis.yizhanWords?.[word] ?? word, values);
}

/* Words that are named by what the API says, such as a state. */
export function tOf(group: string, name: string, values?: Values): string {
  const word = `${group}.${name}`;
  const text = globalThis.yizhanWords?.[word];
  return text === undefined ? name : fill(text, values);
}

/* Address of a page in the language of this one; "" is the first. */
export function page(name: string): string {
  return language === "en" ? `/en/${name}` : `/${name}`;
}

/* For elements whose text comes from letters: it is Chinese on every page. */
export const zh: { lang?: string } = language === "en" ? { lang: "zh-TW" } : {};
