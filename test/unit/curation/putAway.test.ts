import { execFileSync } from "node:child_process";
import {
  existsSync,
  promises as fs,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { putAway, takeBack } from "../../../src/core/curation/index.ts";
import { findImages } from "../../../src/core/images/index.ts";

let root: string;
let folder: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "lookalike-put-away-"));
  folder = join(root, "images");
  mkdirSync(join(folder, "a"), { recursive: true });
  for (const name of ["a/1.png", "a/2.png", "3.png"]) writeFileSync(join(folder, name), name);
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const read = (path: string) => readFileSync(join(folder, path), "utf8");
const away = (path: string) => join(root, "lookalike-put-away", "images", path);

test("files are put away with a list of where they came from, are in no index, and all of them can be taken back", async () => {
  const { place, moved, left } = await putAway(folder, ["a/1.png", "3.png"]);
  expect({ place, moved, left }).toEqual({
    place: away("").replace(/[\\/]$/, ""),
    moved: ["a/1.png", "3.png"],
    left: [],
  });
  expect(existsSync(join(folder, "3.png"))).toBe(false);
  expect(readFileSync(away("a/1.png"), "utf8")).toBe("a/1.png");
  const list = readFileSync(away("put-away.jsonl"), "utf8").trim().split("\n");
  expect(list.map((line) => JSON.parse(line))).toEqual([
    { from: join(folder, "a/1.png"), to: away("a/1.png") },
    { from: join(folder, "3.png"), to: away("3.png") },
  ]);
  // An index of what lies above does not see them either.
  expect((await findImages(root)).images.map(({ path }) => path)).toEqual(["images/a/2.png"]);
  expect(await takeBack(folder)).toMatchObject({ moved: ["a/1.png", "3.png"], left: [] });
  for (const name of ["a/1.png", "a/2.png", "3.png"]) expect(read(name)).toBe(name);
  expect(readdirSync(root)).toEqual(["images"]);
  expect(await takeBack(folder)).toMatchObject({ moved: [], left: [] });
});

test("nothing is ever replaced: neither where files go, nor where they came from", async () => {
  await putAway(folder, ["3.png"]);
  writeFileSync(join(folder, "3.png"), "a new one");
  await putAway(folder, ["3.png"]);
  expect(readFileSync(away("3 (2).png"), "utf8")).toBe("a new one");
  writeFileSync(join(folder, "3.png"), "the newest");
  const { moved, left } = await takeBack(folder);
  expect(moved).toEqual([]);
  expect(left).toEqual([
    { path: "3.png", reason: "another file is there now" },
    { path: "3.png", reason: "another file is there now" },
  ]);
  rmSync(join(folder, "3.png"));
  expect((await takeBack(folder)).moved).toEqual(["3.png"]);
  expect(read("3.png")).toBe("3.png");
  expect(readFileSync(away("3 (2).png"), "utf8")).toBe("a new one");
});

test("what was interrupted between any two steps is taken back all the same", async () => {
  await putAway(folder, ["a/1.png"]);
  // Listed and not moved; listed, linked and still there; a line that was cut off.
  const line = (name: string) => `${JSON.stringify({ from: join(folder, name), to: away(name) })}\n`;
  linkSync(join(folder, "3.png"), away("3.png"));
  writeFileSync(away("put-away.jsonl"), `${line("a/1.png")}${line("a/2.png")}${line("3.png")}{"from":"/x`);
  expect(await takeBack(folder)).toMatchObject({ moved: ["a/1.png", "3.png"], left: [] });
  for (const name of ["a/1.png", "a/2.png", "3.png"]) expect(read(name)).toBe(name);
  expect(readdirSync(root)).toEqual(["images"]);
});

test("what is gone, or lies elsewhere, is named and left alone", async () => {
  writeFileSync(join(root, "outside.png"), "outside");
  const { moved, left } = await putAway(folder, ["none.png", "../outside.png", "3.png"]);
  expect(moved).toEqual(["3.png"]);
  expect(left).toMatchObject([
    { path: "none.png" },
    { path: "../outside.png", reason: "it does not lie in the folder" },
  ]);
  expect(readFileSync(join(root, "outside.png"), "utf8")).toBe("outside");
});

test("over the border of a disk a file is copied whole, with its time, before it goes", async () => {
  const link = vi.spyOn(fs, "link").mockRejectedValue(Object.assign(new Error("cross-device link"), { code: "EXDEV" }));
  utimesSync(join(folder, "3.png"), 1000, 1000);
  try {
    expect((await putAway(folder, ["3.png"])).moved).toEqual(["3.png"]);
    expect(statSync(away("3.png")).mtimeMs).toBe(1_000_000);
    writeFileSync(join(folder, "3.png"), "another");
    expect((await takeBack(folder)).left).toEqual([{ path: "3.png", reason: "another file is there now" }]);
    rmSync(join(folder, "3.png"));
    expect((await takeBack(folder)).moved).toEqual(["3.png"]);
  } finally {
    link.mockRestore();
  }
  expect(read("3.png")).toBe("3.png");
  expect(readdirSync(root)).toEqual(["images"]);
});

test("a list that somebody else wrote moves nothing out of the review folder or the folder, and through no link", async () => {
  await putAway(folder, ["3.png"]);
  const secret = join(root, "secret.txt");
  writeFileSync(secret, "secret");
  mkdirSync(join(root, "home"));
  symlinkSync(join(root, "home"), join(folder, "linked"));
  symlinkSync(root, away("linked"));
  const entries = [
    { from: join(root, "home", "autostart.sh"), to: away("3.png") },
    { from: `${folder}/../home/autostart.sh`, to: away("3.png") },
    { from: join(folder, "linked", "autostart.sh"), to: away("3.png") },
    { from: join(folder, "linked", "deeper", "autostart.sh"), to: away("3.png") },
    { from: join(folder, "stolen.txt"), to: `${away("")}../../secret.txt` },
    { from: join(folder, "stolen.txt"), to: away("linked/secret.txt") },
    { from: 3, to: null },
  ];
  const own = readFileSync(away("put-away.jsonl"), "utf8");
  writeFileSync(away("put-away.jsonl"), entries.map((entry) => `${JSON.stringify(entry)}\n`).join(""));
  const { moved, left } = await takeBack(folder);
  expect(moved).toEqual([]);
  expect(left.map(({ reason }) => reason)).toEqual(Array(3).fill("a folder of its path is a link"));
  expect(readdirSync(join(root, "home"))).toEqual([]);
  expect(readFileSync(secret, "utf8")).toBe("secret");
  expect(existsSync(join(folder, "stolen.txt"))).toBe(false);
  // What is left in the folder goes back by its own line.
  writeFileSync(away("put-away.jsonl"), own);
  expect((await takeBack(folder)).moved).toEqual(["3.png"]);
});

test("nothing is put away through a link, and no line is written through one", async () => {
  const elsewhere = join(root, "elsewhere");
  mkdirSync(elsewhere);
  writeFileSync(join(elsewhere, "4.png"), "another's");
  writeFileSync(join(root, "profile"), "mine\n");
  // The folder beside the images, or the one in it.
  symlinkSync(elsewhere, join(root, "lookalike-put-away"));
  await expect(putAway(folder, ["3.png"])).rejects.toThrow(/lookalike-put-away is a link\. Remove it/);
  await expect(takeBack(folder)).rejects.toThrow(/lookalike-put-away is a link/);
  rmSync(join(root, "lookalike-put-away"));
  mkdirSync(join(root, "lookalike-put-away"));
  symlinkSync(elsewhere, away(""));
  await expect(putAway(folder, ["3.png"])).rejects.toThrow(/images is a link/);
  rmSync(away(""));
  // The list.
  mkdirSync(away(""));
  const list = away("put-away.jsonl");
  symlinkSync(join(root, "profile"), list);
  await expect(putAway(folder, ["3.png"])).rejects.toThrow(/put-away\.jsonl cannot be written: .*it is a link/);
  rmSync(list);
  linkSync(join(root, "profile"), list);
  await expect(putAway(folder, ["3.png"])).rejects.toThrow(/it is one file under two names/);
  rmSync(list);
  if (process.platform !== "win32") {
    execFileSync("mkfifo", [list]);
    await expect(putAway(folder, ["3.png"])).rejects.toThrow(/put-away\.jsonl cannot be written/);
    rmSync(list);
  }
  expect(readFileSync(join(root, "profile"), "utf8")).toBe("mine\n");
  // Folders further in, on either side: what would not come back does not go.
  symlinkSync(elsewhere, join(folder, "linked"));
  symlinkSync(elsewhere, away("a"));
  const { moved, left } = await putAway(folder, ["linked/4.png", "a/1.png", "3.png"]);
  expect(moved).toEqual(["3.png"]);
  expect(left).toEqual(["linked/4.png", "a/1.png"].map((path) => ({ path, reason: "a folder of its path is a link" })));
  expect(readdirSync(elsewhere)).toEqual(["4.png"]);
  expect(read("a/1.png")).toBe("a/1.png");
});

test("over the border of a disk nothing is written through a link that waits there", async () => {
  const target = join(root, "profile");
  writeFileSync(target, "mine");
  mkdirSync(away(""), { recursive: true });
  symlinkSync(target, away("3.png.part"));
  const link = vi.spyOn(fs, "link").mockRejectedValue(Object.assign(new Error("cross-device link"), { code: "EXDEV" }));
  try {
    expect((await putAway(folder, ["3.png"])).moved).toEqual(["3.png"]);
  } finally {
    link.mockRestore();
  }
  expect(readFileSync(target, "utf8")).toBe("mine");
  expect(readFileSync(away("3.png"), "utf8")).toBe("3.png");
});
