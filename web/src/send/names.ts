/* Names of files that other computers refuse, and better ones. */
const encoder = new TextEncoder();
const programs = /\.(exe|bat|cmd|com|scr|js|jse|vbs|vbe|wsf|hta|lnk|url|msi|ps1|jar|iso|img|apk|py|sh|reg|dll|chm)$/i;
const badCharacters = /[/\\<>:"|?*\u0000-\u001f\u007f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/gu;
const devices = /^(con|prn|aux|nul|(com|lpt)\d)(\.|$)/i;

/* Why the host would refuse this name, as it judges names (src/document/file_name.h); "" if it is good. */
export function nameTrouble(name: string): "" | "character" | "long" | "program" {
  if (programs.test(name)) return "program";
  if (encoder.encode(name).length > 255) return "long";
  return name.search(badCharacters) >= 0 || /^[.\s]|[.\s]$/.test(name) || devices.test(name) ? "character" : "";
}

/* A name like it that is good; "" where none helps. */
export function betterName(name: string): string {
  if (nameTrouble(name) === "program") return "";
  const end = /\.[a-z0-9]{1,8}$/i.exec(name)?.[0] ?? "";
  let stem = name.slice(0, name.length - end.length).replace(badCharacters, "-").replace(/^[.\s]+|[.\s]+$/g, "");
  if (stem === "" || devices.test(stem + end)) stem = `附件${stem}`;
  while (encoder.encode(stem + end).length > 255) stem = [...stem].slice(0, -1).join("");
  return stem + end;
}
