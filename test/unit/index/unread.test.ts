/** What an index says of files that are not whole images: read in part, of another kind, of a network disk's own. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";
import sharp from "sharp";
import { afterEach, beforeEach, expect, test } from "vitest";
import { MeanColour, openStore, update } from "./support.ts";

let root: string;
let folder: string;
let file: string;
let jpeg: Buffer;

beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), "lookalike-unread-"));
  folder = join(root, "images");
  file = join(root, "index", "abc.sqlite");
  mkdirSync(folder);
  const random = xoroshiro128plus(7);
  const noise = Uint8Array.from({ length: 64 * 64 * 3 }, () => random.next() & 255);
  jpeg = await sharp(noise, { raw: { width: 64, height: 64, channels: 3 } })
    .jpeg()
    .toBuffer();
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const write = (name: string, bytes: Uint8Array | string) => writeFileSync(join(folder, name), bytes);
const HEIC = Buffer.from("\0\0\0\x18ftypheic\0\0\0\0mif1heic".padEnd(64, "\0"), "latin1");

test("images read in part are indexed and counted, and a setting leaves them out and takes them back", async () => {
  write("whole.jpg", jpeg);
  write("half.jpg", jpeg.subarray(0, jpeg.length / 2));
  const store = openStore(file);
  const embedder = new MeanColour();
  const first = await update(folder, store, embedder);
  expect(first).toMatchObject({ indexed: 2, skipped: [], partial: ["half.jpg"] });
  expect(await store.find("half.jpg")).toMatchObject({ partial: true });
  expect(await store.find("whole.jpg")).toMatchObject({ partial: false });
  // A copy is one by its bytes, and takes over what is known of them.
  write("copy.jpg", jpeg.subarray(0, jpeg.length / 2));
  expect(await update(folder, store, embedder)).toMatchObject({ reused: 1, partial: ["copy.jpg", "half.jpg"] });

  const strict = await update(folder, store, embedder, { filter: { wholeOnly: true } });
  expect(strict).toMatchObject({ removed: 2, unchanged: 1, partial: [], unread: {} });
  expect(strict.skipped.map(({ path, kind }) => [path, kind])).toEqual([
    ["copy.jpg", "read in part"],
    ["half.jpg", "read in part"],
  ]);
  expect(await update(folder, store, embedder, { filter: { wholeOnly: true } })).toMatchObject({ unchanged: 1 });
  expect(await update(folder, store, embedder)).toMatchObject({ partial: ["copy.jpg", "half.jpg"], skipped: [] });
  await store.close();
});

test("pictures of kinds that are not read are counted by their true names, once looked into", async () => {
  write("a.jpg", jpeg);
  write("liar.heic", jpeg);
  write("phone.jpg", HEIC);
  write("phone.HEIC", HEIC);
  write("camera.nef", Buffer.from("II*\0\x08\0\0\0\0\0", "latin1"));
  write("damaged.png", "\x89PNG\r\n\x1a\n");
  write("note.txt", "no picture");
  const store = openStore(file);
  const summary = await update(folder, store, new MeanColour());
  expect(summary).toMatchObject({ indexed: 2, unread: { HEIC: 2, "camera raw": 1 } });
  expect(summary.skipped).toEqual([
    { path: "camera.nef", reason: "camera raw: a kind that is not read", kind: "camera raw" },
    { path: "damaged.png", reason: expect.stringMatching(/^damaged|^not an image/) },
    { path: "phone.HEIC", reason: "HEIC: a kind that is not read", kind: "HEIC" },
    { path: "phone.jpg", reason: "HEIC: a kind that is not read", kind: "HEIC" },
  ]);
  const again = await update(folder, store, new MeanColour());
  expect(again).toMatchObject({ indexed: 0, unchanged: 2, unread: summary.unread, skipped: summary.skipped });
  await store.close();
});

test("what a network disk or a Mac keeps beside files is passed over, told, and read where it is asked for", async () => {
  const shadows = [
    ...["@eaDir/a.jpg", "deep/@EADIR", ".@__thumb", ".thumbnails", "$RECYCLE.BIN", "#recycle", "@Recycle"],
    ...[".Trash-1000/files", ".Trashes", ".AppleDouble", "#snapshot", "System Volume Information"],
  ];
  for (const name of shadows) {
    mkdirSync(join(folder, name), { recursive: true });
    write(`${name}/thumbnail.jpg`, jpeg);
  }
  write("a.jpg", jpeg);
  write("._a.jpg", "attributes");
  const store = openStore(file);
  const summary = await update(folder, store, new MeanColour());
  expect(summary).toMatchObject({
    indexed: 1,
    skipped: [],
    shadows: {
      ...{
        "@eaDir": 2,
        ".Trash-*": 2,
        ".@__thumb": 1,
        ".thumbnails": 1,
        "$RECYCLE.BIN": 1,
        "#recycle": 1,
        "@Recycle": 1,
      },
      ...{ ".AppleDouble": 1, "#snapshot": 1, "System Volume Information": 1, "._*": 1 },
    },
  });
  const all = await update(folder, store, new MeanColour(), { filter: { shadows: true } });
  expect(all).toMatchObject({ indexed: shadows.length, unchanged: 1, shadows: {} });
  expect(all.skipped.map(({ path }) => path)).toEqual(["._a.jpg"]);
  await store.close();
});

test.skipIf(process.platform !== "linux")(
  "a name that is not UTF-8 is told as such (other systems allow none)",
  async () => {
    write("a.jpg", jpeg);
    writeFileSync(Buffer.from(`${folder}/sch\xf6n.jpg`, "latin1"), jpeg);
    mkdirSync(Buffer.from(`${folder}/\xfc`, "latin1"));
    const store = openStore(file);
    const { indexed, skipped } = await update(folder, store, new MeanColour());
    expect(indexed).toBe(1);
    expect(skipped.map(({ path, reason }) => [path, reason])).toEqual([
      ["sch\ufffdn.jpg", "its name is not UTF-8, so it cannot be opened; rename it"],
      ["\ufffd", "its name is not UTF-8, so it cannot be opened; rename it"],
    ]);
    await store.close();
  },
);
