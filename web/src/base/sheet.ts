/*
 * A table as an OpenDocument spreadsheet, which offices here must be able to
 * exchange: a ZIP of stored files, the least that ODF 1.3 asks for.
 */
export type Cell = string | number;

const mime = "application/vnd.oasis.opendocument.spreadsheet";
const escape = (text: string) => text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;")
  .replace(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, "");

const namespaces = ["office", "table", "text"].map((name) =>
  `xmlns:${name}="urn:oasis:names:tc:opendocument:xmlns:${name}:1.0"`).join(" ");
const head = '<?xml version="1.0" encoding="UTF-8"?>';

function contentOf(name: string, rows: readonly (readonly Cell[])[]): string {
  const cell = (value: Cell) => typeof value === "number"
    ? `<table:table-cell office:value-type="float" office:value="${value}"><text:p>${value}</text:p></table:table-cell>`
    : `<table:table-cell office:value-type="string"><text:p>${escape(value)}</text:p></table:table-cell>`;
  return `${head}<office:document-content ${namespaces} office:version="1.3"><office:body><office:spreadsheet>` +
    `<table:table table:name="${escape(name)}">${rows.map((row) =>
      `<table:table-row>${row.map(cell).join("")}</table:table-row>`).join("")}</table:table>` +
    "</office:spreadsheet></office:body></office:document-content>";
}

const manifest = `${head}<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0" manifest:version="1.3">` +
  `<manifest:file-entry manifest:full-path="/" manifest:media-type="${mime}"/>` +
  '<manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml"/></manifest:manifest>';

export function crc32(data: Uint8Array): number {
  let crc = ~0;
  for (const byte of data) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc >>> 0;
}

/* Numbers as a ZIP has them: little-endian, of 2 or 4 bytes each. */
function record(...fields: [number, 2 | 4][]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(fields.reduce((sum, [, width]) => sum + width, 0));
  const view = new DataView(bytes.buffer);
  let at = 0;
  for (const [value, width] of fields) {
    if (width === 2) view.setUint16(at, value, true); else view.setUint32(at, value, true);
    at += width;
  }
  return bytes;
}

/* 1 January 1980, as all such files say that keep no time. */
const noTime = 0x21;

export function zipOf(files: readonly { name: string; text: string }[]): Blob {
  const parts: BlobPart[] = [];
  const central: BlobPart[] = [];
  let at = 0;
  let centralLength = 0;
  for (const { name, text } of files) {
    const data = new TextEncoder().encode(text);
    const title = new TextEncoder().encode(name);
    const common: [number, 2 | 4][] = [[20, 2], [0x800, 2], [0, 2], [0, 2], [noTime, 2], [crc32(data), 4],
      [data.length, 4], [data.length, 4], [title.length, 2], [0, 2]];
    const local = record([0x04034b50, 4], ...common);
    const entry = record([0x02014b50, 4], [20, 2], ...common, [0, 2], [0, 2], [0, 2], [0, 4], [at, 4]);
    parts.push(local, title, data);
    central.push(entry, title);
    at += local.length + title.length + data.length;
    centralLength += entry.length + title.length;
  }
  return new Blob([...parts, ...central, record([0x06054b50, 4], [0, 2], [0, 2], [files.length, 2], [files.length, 2],
    [centralLength, 4], [at, 4], [0, 2])], { type: mime });
}

export const sheetOf = (name: string, rows: readonly (readonly Cell[])[]): Blob => zipOf([
  { name: "mimetype", text: mime }, // first and stored: so a file is known by its beginning
  { name: "META-INF/manifest.xml", text: manifest },
  { name: "content.xml", text: contentOf(name, rows) }]);
