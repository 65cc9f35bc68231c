/** No picture holds up the others: time and memory have bounds, and what somebody waits for goes first. */
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, expect, test } from "vitest";
import { burdenOf } from "../../../src/core/images/burden.ts";
import { DecoderProcess } from "../../../src/core/images/decoderProcess.ts";
import { decodeBytes, limitDecoding, makeThumbnail } from "../../../src/core/images/index.ts";
import { kindOf } from "../../../src/core/images/kinds.ts";
import { Lanes } from "../../../src/core/images/lanes.ts";
import type { InputSpec } from "../../../src/shared/index.ts";
import { manyDirectories, manyFrames, manyScans, sharedTiles, unfoldingTexts } from "../../fixtures/bombs.ts";
import { slowDrawing } from "../../fixtures/slowDrawing.ts";

const INPUT: InputSpec = { width: 512, height: 512, resize: "squash", background: [255, 255, 255] };
const root = mkdtempSync(join(tmpdir(), "lookalike-limits-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const scene = (size = 40) => sharp({ create: { width: size, height: size, channels: 3, background: "#c22" } });
const burden = (bytes: Buffer) => burdenOf(bytes, kindOf(bytes), 224);

test("a picture that takes too long is ended and named, those beside it are decoded, thumbnails too", async () => {
  const drawing = '<svg xmlns="http://www.w3.org/2000/svg" width="50" height="50"><rect width="50" height="50"/></svg>';
  const avif = await scene().avif({ effort: 0 }).toBuffer();
  const path = join(root, "a.svg");
  writeFileSync(path, drawing);
  limitDecoding(2);
  const slow = [1, 2].map(() =>
    decodeBytes(slowDrawing(20_000), INPUT).then(
      () => "decoded",
      (error: Error) => error.message,
    ),
  );
  const others = [Buffer.from(drawing), avif, Buffer.from(drawing), await scene().png().toBuffer()];
  const decoded = Promise.all(others.map((bytes) => decodeBytes(bytes, INPUT)));
  const thumbnail = makeThumbnail(path, 64);
  expect((await decoded).map(({ width }) => width)).toEqual([50, 40, 50, 40]);
  expect(await thumbnail).toMatchObject({ width: 50 });
  const reason = "decoding it takes more than 2 s (lookalike.decode.seconds)";
  expect(await Promise.all(slow)).toEqual([reason, reason]);
  limitDecoding(10);
}, 60_000);

test("memory is counted by pixels where a decoder holds them all, and large pictures are decoded aside", async () => {
  const gif = Buffer.from("GIF89a".padEnd(35, "\0"), "latin1");
  gif.writeUInt16LE(16_000, 6);
  gif.writeUInt16LE(16_000, 8);
  expect(burden(gif)).toEqual({ bytes: 5 * 16_000 * 16_000, aside: true, heavy: true });
  const size = 100 * 100;
  expect(burden(await scene(100).jpeg().toBuffer())).toEqual({ bytes: size, aside: false, heavy: false });
  expect(burden(await scene(100).jpeg({ progressive: true }).toBuffer())).toEqual({
    bytes: 6 * size,
    aside: false,
    heavy: false,
  });
  expect(burden(await scene(100).png().toBuffer())).toEqual({ bytes: size, aside: false, heavy: false });
  expect(burden(await scene(100).webp().toBuffer())).toEqual({ bytes: 5 * size, aside: false, heavy: false });
  expect(burden(await scene(100).webp({ lossless: true }).toBuffer())).toEqual({
    bytes: 5 * size,
    aside: false,
    heavy: false,
  });
  expect(burden(await scene(100).avif({ effort: 0 }).toBuffer())).toMatchObject({ bytes: 8 * size, aside: true });
  const deep = await scene(100).toColourspace("rgb16").png().toBuffer();
  expect(burden(deep)).toMatchObject({ bytes: 10 * size, aside: true });
  expect(burden(await scene(100).tiff().toBuffer())).toMatchObject({ aside: false });
  expect(burden(Buffer.from("no picture"))).toEqual({ bytes: 0, aside: false, heavy: false });
});

test("what takes more than its pixels is decoded aside, and what programs write is not", async () => {
  const [jpeg, png, tiff] = await Promise.all([
    scene().jpeg().toBuffer(),
    scene().png().withMetadata({ icc: "p3" }).toBuffer(),
    scene().tiff({ tile: true, tileWidth: 16, tileHeight: 16, compression: "deflate" }).toBuffer(),
  ]);
  const webp = await scene().webp({ lossless: true }).toBuffer();
  const gif = await scene().gif().toBuffer();
  const comments = new Array<Buffer>(2000).fill(Buffer.from([0xff, 0xfe, 0, 3, 65]));
  const chunk = (type: string, count: number) => Buffer.from(`\0\0\0\0${type}????`.repeat(count), "latin1");
  const frame = jpeg.indexOf(Buffer.from([0xff, 0xda]));
  const odd = {
    "fill bytes": Buffer.concat([jpeg.subarray(0, frame), Buffer.alloc(2000, 0xff), jpeg.subarray(frame)]),
    pieces: Buffer.concat([png.subarray(0, 33), chunk("IDAT", 2000), png.subarray(33)]),
    scans: manyScans(64, 40),
    segments: Buffer.concat([jpeg.subarray(0, 2), ...comments, jpeg.subarray(2)]),
    texts: unfoldingTexts(png, 3),
    chunks: Buffer.concat([png.subarray(0, 33), chunk("abCd", 2000), png.subarray(33)]),
    frames: manyFrames(webp, 3),
    "long GIF": Buffer.concat([gif, Buffer.alloc(1 << 23)]),
    directories: manyDirectories(tiff, 100),
    "shared tiles": sharedTiles(tiff),
  };
  for (const [name, bytes] of Object.entries(odd)) expect([name, burden(bytes).aside]).toEqual([name, true]);
  const usual = [
    ...[jpeg, png, tiff, webp, gif],
    ...(await Promise.all([
      scene()
        .jpeg({ progressive: true, optimizeScans: true })
        .withExif({ IFD0: { Artist: "me" } })
        .toBuffer(),
      scene().tiff({ compression: "lzw" }).toBuffer(),
      scene()
        .webp()
        .withExif({ IFD0: { Artist: "me" } })
        .toBuffer(),
    ])),
    manyScans(64, 20),
    manyDirectories(tiff, 20),
  ];
  for (const bytes of usual) expect(burden(bytes)).toMatchObject({ aside: false });
});

test("passes without number are ended, and a text that unfolds to more than there is room for", async () => {
  limitDecoding(1);
  const scans = decodeBytes(manyScans(4000, 6000), INPUT);
  await expect(scans).rejects.toThrow("decoding it takes more than 1 s (lookalike.decode.seconds)");
  limitDecoding(10);
  const decoder = new DecoderProcess(1);
  const bytes = unfoldingTexts(await scene().png().toBuffer(), 4);
  const decode = (memory: number) => decoder.decode(bytes, 64, memory, 60_000);
  await expect(decode(1 << 27)).rejects.toMatchObject({ excess: "memory" });
  expect(await decode(1 << 30)).toMatchObject({ width: 40 });
  decoder.end();
}, 60_000);

test("files that are sent in parts, side by side, come as they were; one whose decoder ends is told so", async () => {
  const noise = { type: "gaussian", mean: 128, sigma: 60 } as const;
  const pictures = await Promise.all(
    [1900, 2100].map((width) =>
      sharp({ create: { width, height: 1800, channels: 3, background: "#000", noise } })
        .png({ compressionLevel: 0 })
        .toBuffer(),
    ),
  );
  const decoder = new DecoderProcess(2);
  const decode = (bytes: Buffer) => decoder.decode(bytes, 64, 1 << 30, 60_000);
  const [small, ...large] = await Promise.all([await scene().png().toBuffer(), ...pictures].map(decode));
  expect([small!.width, ...large.map(({ width }) => width)]).toEqual([40, 1900, 2100]);
  const alone = await decode(pictures[1]!);
  expect(Buffer.from(large[1]!.pixels).equals(Buffer.from(alone.pixels))).toBe(true);
  const ended = decode(pictures[0]!);
  decoder.end();
  await expect(ended).rejects.toThrow("SIGKILL");
  expect(await decode(pictures[0]!)).toMatchObject({ width: 1900 });
  decoder.end();
}, 60_000);

test("what is asked for goes first, and has a place that nothing else takes", async () => {
  const lanes = new Lanes(3, 1);
  const log: string[] = [];
  const ends: (() => void)[] = [];
  const work = (name: string) => () => {
    log.push(name);
    return new Promise<void>((resolve) => ends.push(resolve));
  };
  const all = [1, 2, 3, 4].map((i) => lanes.run(false, work(`folder ${i}`)));
  all.push(lanes.run(true, work("asked 1")), lanes.run(true, work("asked 2")));
  const turn = () => new Promise((resolve) => setImmediate(resolve));
  await turn();
  expect(log).toEqual(["folder 1", "folder 2", "asked 1"]);
  for (let done = 0; done < 6; done++) {
    await turn();
    ends[done]!();
  }
  await Promise.all(all);
  expect(log).toEqual(["folder 1", "folder 2", "asked 1", "asked 2", "folder 3", "folder 4"]);
});

test.skipIf(process.platform === "win32")(
  "a decoder ends with the process that started it, in the middle of a picture (its end is seen by ps)",
  async () => {
    const script = `
      import { decodeBytes } from ${JSON.stringify(join(import.meta.dirname, "../../../src/core/images/index.ts"))};
import { slowDrawing } from ${JSON.stringify(join(import.meta.dirname, "../../fixtures/slowDrawing.ts"))};
      decodeBytes(slowDrawing(50_000), ${JSON.stringify(INPUT)});
      setTimeout(() => console.log("started"), 1500);`;
    const parent = spawn(process.execPath, ["--input-type=module", "-e", script], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    await once(parent.stdout, "data");
    const children = () => {
      const list = execFileSync("ps", ["-eo", "pid=,ppid=,args="], { encoding: "utf8" }).trim().split("\n");
      return list
        .map((line) => line.trim().split(/\s+/))
        .filter(([, , ...args]) => args.join(" ").includes("decoderChild"));
    };
    const [child] = children().filter(([, parentId]) => Number(parentId) === parent.pid);
    expect(child).toBeDefined();
    parent.kill("SIGKILL");
    await expect.poll(() => children().some(([pid]) => pid === child![0]), { timeout: 10_000 }).toBe(false);
  },
);
