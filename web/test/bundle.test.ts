/* Bundles of files, byte for byte (docs/protocol.md 7). */
import { expect, test } from "vitest";
import { bundle, unbundle } from "../src/base/bundle";

const bytesOf = async (blob: Blob) => new Uint8Array(await blob.arrayBuffer());

test("bytes of a bundle", async () => {
  const made = await bytesOf(bundle([{ name: "a", data: new Blob(["xy"]) }]));
  expect([...made]).toEqual([...new TextEncoder().encode("YZBNDL1\nN"), 0, 0, 0, 0, 0, 0, 0, 1, 97,
    70, 0, 0, 0, 0, 0, 0, 0, 2, 120, 121]);
});

test("names and files come back", async () => {
  const files = [{ name: "公文.di", data: new Blob(["<函/>"]) }, { name: "空.pdf", data: new Blob([]) }];
  const again = unbundle(await bundle(files).arrayBuffer());
  expect(again.map(({ name }) => name)).toEqual(["公文.di", "空.pdf"]);
  expect(await again[0]!.data.text()).toBe("<函/>");
  expect(again[1]!.data.size).toBe(0);
});

test("what is no bundle, or is cut, is refused", async () => {
  expect(() => unbundle(new TextEncoder().encode("YZBNDL2\n").buffer as ArrayBuffer)).toThrow();
  const whole = await bundle([{ name: "a", data: new Blob(["xyz"]) }]).arrayBuffer();
  expect(() => unbundle(whole.slice(0, whole.byteLength - 1))).toThrow("cut");
});
