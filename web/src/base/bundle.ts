/*
 * Files on their way to the host: a bundle of kind `files` (docs/protocol.md
 * 7).  Made as a Blob, so that no file is read into memory.
 */
export const bundleType = "application/vnd.yizhan.bundle";

function record(kind: string, length: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(9);
  bytes[0] = kind.charCodeAt(0);
  new DataView(bytes.buffer).setBigUint64(1, BigInt(length));
  return bytes;
}

export interface NamedFile { name: string; data: Blob }

export function bundle(files: readonly NamedFile[]): Blob {
  const parts: BlobPart[] = ["YZBNDL1\n"];
  for (const { name, data } of files) {
    const text = new TextEncoder().encode(name);
    parts.push(record("N", text.length), text, record("F", data.size), data);
  }
  return new Blob(parts, { type: bundleType });
}

/* The files of a bundle that the host made. */
export function unbundle(bytes: ArrayBuffer): NamedFile[] {
  const text = new TextDecoder();
  const view = new DataView(bytes);
  const files: NamedFile[] = [];
  let name = "";
  let at = 8;
  if (text.decode(bytes.slice(0, 8)) !== "YZBNDL1\n") throw new Error("no bundle");
  while (at < bytes.byteLength) {
    const kind = String.fromCharCode(view.getUint8(at));
    const length = Number(view.getBigUint64(at + 1));
    const data = bytes.slice(at + 9, at + 9 + length);
    if (data.byteLength !== length) throw new Error("bundle is cut");
    if (kind === "N") name = text.decode(data);
    else files.push({ name, data: new Blob([data]) });
    at += 9 + length;
  }
  return files;
}
