import { createHash } from "node:crypto";
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import fc from "fast-check";
import sharp from "sharp";
import { beforeAll, expect, test } from "vitest";
import { dump, filesUnder, MeanColour, openStore, update } from "./support.ts";

const FOLDERS = ["", "a", "b", "b/c"];
const NAMES = ["1.png", "2.png", "3.JPG", "note.txt"];
/** Small images, some of the same size in bytes, and two files that are none. */
const bytes: Buffer[] = [Buffer.from("no image"), Buffer.alloc(0)];

beforeAll(async () => {
  for (const colour of ["#102030", "#203040", "#c08040", "#0f0", "#fff"]) {
    bytes.push(
      await sharp({ create: { width: 5, height: 3, channels: 3, background: colour } })
        .png()
        .toBuffer(),
    );
  }
});

const place = fc.record({ folder: fc.constantFrom(...FOLDERS), name: fc.constantFrom(...NAMES) });
const content = fc.nat(6);
const operation = fc.oneof(
  fc.record({ kind: fc.constant("write" as const), to: place, content }),
  fc.record({
    kind: fc.constant("pair" as const),
    action: fc.constantFrom("move", "copy", "swap"),
    from: place,
    to: place,
  }),
  fc.record({ kind: fc.constant("file" as const), action: fc.constantFrom("delete", "touch"), to: place }),
  fc.record({
    kind: fc.constant("folder" as const),
    action: fc.constantFrom("rename", "copy"),
    from: fc.constantFrom("a", "b", "b/c"),
    to: fc.constantFrom("a", "d", "b/e"),
  }),
  fc.record({ kind: fc.constant("update" as const) }),
);
type Operation = typeof operation extends fc.Arbitrary<infer T> ? T : never;

/** Does one thing to the files; what is not possible is left out. */
function apply(root: string, op: Operation, clock: () => number): void {
  const path = ({ folder, name }: { folder: string; name: string }) => join(root, folder, name);
  const stamp = (file: string) => utimesSync(file, clock(), clock());
  const ready = (file: string) => mkdirSync(dirname(file), { recursive: true });
  if (op.kind === "update") return;
  if (op.kind === "folder") {
    const [from, to] = [join(root, op.from), join(root, op.to)];
    if (!existsSync(from) || existsSync(to) || `${to}/`.startsWith(`${from}/`)) return;
    ready(to);
    if (op.action === "rename") renameSync(from, to);
    else cpSync(from, to, { recursive: true, preserveTimestamps: true });
    return;
  }
  const to = path(op.to);
  if (op.kind === "write") {
    ready(to);
    writeFileSync(to, bytes[op.content]!);
    stamp(to);
  } else if (op.kind === "file") {
    if (op.action === "delete") rmSync(to, { force: true });
    else if (existsSync(to)) stamp(to);
  } else {
    const from = path(op.from);
    if (!existsSync(from) || from === to) return;
    ready(to);
    if (op.action === "move") renameSync(from, to);
    else if (op.action === "copy") {
      copyFileSync(from, to);
      stamp(to);
    } else if (existsSync(to)) {
      // Keeps both times, so that only differing sizes and times can tell.
      renameSync(from, `${from}.swap`);
      renameSync(to, from);
      renameSync(`${from}.swap`, to);
    }
  }
}

test("any sequence of file operations, then an update, equals a fresh index; no content is embedded twice", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(operation, { minLength: 1, maxLength: 25 }), async (operations) => {
      const root = mkdtempSync(join(tmpdir(), "lookalike-property-"));
      const folder = join(root, "images");
      mkdirSync(folder);
      const store = openStore(join(root, "kept.sqlite"));
      const fresh = openStore(join(root, "fresh.sqlite"));
      try {
        let time = 1_700_000_000;
        const clock = () => time++;
        for (const op of [...operations, { kind: "update" as const }]) {
          apply(folder, op, clock);
          if (op.kind !== "update") continue;
          const before = await contentsOf(store);
          const embedder = new MeanColour();
          const summary = await update(folder, store, embedder);
          const unknown = new Set(imagesUnder(folder).filter((hash) => !before.has(hash)));
          expect(embedder.count).toBe(unknown.size);
          expect(embedder.count).toBe(summary.indexed + summary.updated - summary.reused);
        }
        await update(folder, fresh, new MeanColour());
        expect(await dump(store)).toEqual(await dump(fresh));
        const images = (await store.images()).length + (await store.skipped()).length;
        expect(images).toBe(filesUnder(folder).filter((file) => !file.endsWith(".txt")).length);
        expect(await update(folder, store, new MeanColour())).toMatchObject({ indexed: 0, updated: 0, removed: 0 });
      } finally {
        await store.close();
        await fresh.close();
        rmSync(root, { recursive: true, force: true });
      }
    }),
    { numRuns: 100, seed: 7 },
  );
}, 120_000);

async function contentsOf(store: ReturnType<typeof openStore>): Promise<Set<string>> {
  const records = await Promise.all((await store.images()).map(({ path }) => store.find(path)));
  return new Set(records.map((record) => Buffer.from(record!.hash).toString("hex")));
}

/** Hashes of the files that can be decoded. */
function imagesUnder(folder: string): string[] {
  return filesUnder(folder)
    .filter((file) => !file.endsWith(".txt") && statSync(file).size > 8)
    .map((file) => createHash("sha256").update(readFileSync(file)).digest("hex"));
}
