/** Whether what is called the same is: pictures of many kinds that are nearly alike, and copies of them. */
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join, relative } from "node:path";
import sharp from "sharp";
import { CopyFinder, Looks, PictureComparer, type Sameness } from "../../src/core/curation/index.ts";
import { type Appearance, appearanceDistance, appearanceOf, findImages } from "../../src/core/images/index.ts";
import { ALIKE_KINDS } from "../fixtures/alikeKinds.ts";
import { COPY_FORMS } from "../fixtures/copyForms.ts";
import { ensureEmoji } from "../fixtures/emoji.ts";

/** What was called the same before there was a close look: sure bits of the hash, and colour at the worst of 32 x 32 places. */
const BEFORE = { bits: 4, colour: 32 };

/** A picture and its copies, by form. */
interface Drawn {
  readonly original: string;
  readonly copies: ReadonlyMap<string, string>;
}

interface Tally {
  pairs: number;
  before: number;
  now: number;
  perhaps: number;
}

const comparer = new PictureComparer();
/** Each picture is asked for with many others. */
const appearances = new Map<string, Promise<Appearance>>();

function appearance(file: string): Promise<Appearance> {
  const known = appearances.get(file) ?? appearanceOf(file);
  appearances.set(file, known);
  return known;
}

async function count(tally: Tally, a: string, b: string): Promise<Sameness> {
  const [one, other] = [await appearance(a), await appearance(b)];
  const { bits, colour } = appearanceDistance(one, other);
  const looks = new Looks(2);
  looks.set(0, one);
  looks.set(1, other);
  const sameness = looks.alike(looks, 0).length > 0 ? await comparer.compare(a, b) : "other";
  tally.pairs++;
  if (bits <= BEFORE.bits && colour <= BEFORE.colour) tally.before++;
  if (sameness === "same") tally.now++;
  if (sameness === "perhaps") tally.perhaps++;
  return sameness;
}

async function drawn(place: string, png: Buffer, n: number, forms: readonly string[], ground: string): Promise<Drawn> {
  mkdirSync(join(place, String(n)), { recursive: true });
  const original = join(place, String(n), "original.png");
  const { width, height } = await sharp(png).toFile(original);
  const copies = new Map<string, string>();
  for (const name of forms) {
    const { ending, make } = COPY_FORMS[name]!;
    const file = join(place, String(n), `${name.replace(/\W+/g, "-")}.${ending}`);
    await (await make(png, { width, height }, ground)).toFile(file);
    copies.set(name, file);
  }
  return { original, copies };
}

/** @param originals pictures of one kind, all different */
async function measure(kind: string, originals: readonly Buffer[], scratch: string, perPicture: number): Promise<void> {
  const place = join(scratch, kind.replace(/\W+/g, "-"));
  const names = Object.keys(COPY_FORMS);
  const pictures: Drawn[] = [];
  for (const [n, png] of originals.entries()) {
    const forms = Array.from({ length: perPicture }, (_, i) => names[(n * perPicture + i) % names.length]!);
    const ground = kind.startsWith("white lines") ? "#345" : "#fff";
    pictures.push(await drawn(place, png, n, forms, ground));
  }
  for (const [i, { original, copies }] of pictures.entries()) {
    for (const [form, copy] of copies) {
      const tally = tallyOf(copiesByForm, form);
      const sameness = await count(tally, original, copy);
      if (sameness === "other" && verbose) console.error(`not found: ${relative(scratch, copy)}`);
    }
    for (const other of pictures.slice(i + 1)) {
      // Of the other one also three of its copies, other ones each time.
      const copies = [...other.copies.values()];
      for (const file of [other.original, ...[0, 1, 2].map((k) => copies[(i + 4 * k) % copies.length]!)]) {
        if ((await count(tallyOf(unlikeByKind, kind), original, file)) === "same") {
          console.error(`FALSE: ${relative(scratch, original)} and ${relative(scratch, file)}`);
        }
      }
    }
  }
  rmSync(place, { recursive: true, force: true });
  appearances.clear();
}

function tallyOf(tallies: Map<string, Tally>, name: string): Tally {
  const tally = tallies.get(name) ?? { pairs: 0, before: 0, now: 0, perhaps: 0 };
  tallies.set(name, tally);
  return tally;
}

function print(title: string, tallies: ReadonlyMap<string, Tally>): void {
  console.log(`\n| ${title} | pairs | called the same before | now | perhaps |\n| --- | --- | --- | --- | --- |`);
  const total = { pairs: 0, before: 0, now: 0, perhaps: 0 };
  for (const [name, { pairs, before, now, perhaps }] of tallies) {
    console.log(`| ${name} | ${pairs} | ${before} | ${now} | ${perhaps} |`);
    total.pairs += pairs;
    total.before += before;
    total.now += now;
    total.perhaps += perhaps;
  }
  console.log(`| all | ${total.pairs} | ${total.before} | ${total.now} | ${total.perhaps} |`);
}

const copiesByForm = new Map<string, Tally>();
const unlikeByKind = new Map<string, Tally>();
const [first = "8", ...folders] = process.argv.slice(2).filter((argument) => !argument.startsWith("--"));
/** `--kind=form` measures one kind alone, so that a long run can be done in parts. */
const only = process.argv.find((argument) => argument.startsWith("--kind="))?.slice("--kind=".length);
/** `--part=1/2` measures every second kind, from the first on: parts of a run, which may be done side by side. */
const [part = 1, parts = 1] = (process.argv.find((argument) => argument.startsWith("--part=")) ?? "")
  .slice("--part=".length)
  .split("/")
  .filter((text) => text !== "")
  .map(Number);
const kinds = [...Object.keys(ALIKE_KINDS), "emoji"].filter((_, i) => i % parts === part - 1);
const wanted = (kind: string) => (only === undefined ? kinds.includes(kind) : only === kind);
const verbose = process.argv.includes("--verbose");

for (const folder of folders) {
  const { images: files } = await findImages(folder);
  const { groups, skipped } = await new CopyFinder().find(files.map(({ path }) => join(folder, path)));
  console.log(`${basename(folder)}: ${files.length} images, ${skipped} not read, ${groups.length} groups`);
  for (const group of groups) console.log(`  ${group.map((i) => files[i]!.path).join("  ")}`);
}
if (folders.length === 0) {
  const pictures = Number(first);
  const scratch = mkdtempSync(join(tmpdir(), "lookalike-duplicates-"));
  try {
    for (const [kind, draw] of Object.entries(ALIKE_KINDS).filter(([kind]) => wanted(kind))) {
      const drawings = Array.from({ length: pictures }, (_, n) => draw(n));
      if (new Set(drawings).size < pictures) throw new Error(`${kind}: two of the pictures are one.`);
      const originals = drawings.map((drawing) => sharp(Buffer.from(drawing)).png().toBuffer());
      await measure(kind, await Promise.all(originals), scratch, 12);
      const { before, now, perhaps, pairs } = tallyOf(unlikeByKind, kind);
      console.error(
        `${kind}: of ${pairs} unlike pairs ${before} were the same before, ${now} are now, ${perhaps} perhaps`,
      );
    }
    if (wanted("emoji")) {
      const emoji = await ensureEmoji({ classes: 8 });
      const files = emoji.images.slice(0, 2 * pictures).map(({ path }) => join(emoji.folder, path));
      await measure("emoji", await Promise.all(files.map((file) => sharp(file).png().toBuffer())), scratch, 12);
    }
    print("copies", copiesByForm);
    print("unlike pictures", unlikeByKind);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}
