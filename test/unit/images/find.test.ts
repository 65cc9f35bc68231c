import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { findImages } from "../../../src/core/images/index.ts";
import type { FileFilter } from "../../../src/shared/index.ts";

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "lookalike-find-"));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function write(...paths: string[]): void {
  for (const path of paths) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), "");
  }
}

async function found(filter: FileFilter = {}, folder = root): Promise<string[]> {
  return (await findImages(folder, { filter })).images.map((image) => image.path);
}

test("finds images by name, in path order, and none of version control or packages", async () => {
  write("b/2.JPG", "a.png", "b/note.txt", ".git/x.png", "node_modules/y.png", ".hidden/z.gif", "b.svg");
  expect(await found()).toEqual([".hidden/z.gif", "a.png", "b.svg", "b/2.JPG"]);
});

test("include and exclude: files, folders, at any depth", async () => {
  write("a/x.png", "a/deep/y.png", "b/x.png", "b/z.jpg", "top.png", "cache/a/x.png");
  expect(await found({ include: ["a"] })).toEqual(["a/deep/y.png", "a/x.png", "cache/a/x.png"]);
  expect(await found({ include: ["/a/"] })).toEqual(await found({ include: ["a"] }));
  expect(await found({ include: ["a/**"] })).toEqual(["a/deep/y.png", "a/x.png"]);
  expect(await found({ include: ["*.jpg", "b/x.*"] })).toEqual(["b/x.png", "b/z.jpg"]);
  expect(await found({ exclude: ["**/x.png", "cache"] })).toEqual(["a/deep/y.png", "b/z.jpg", "top.png"]);
  expect(await found({ include: ["{a,b}/**"], exclude: ["deep"] })).toEqual(["a/x.png", "b/x.png", "b/z.jpg"]);
  expect(await found({ include: [], exclude: [""] })).toHaveLength(6);
});

test("a link loop ends, a folder is found once and under its own place", async () => {
  write("real/a.png", "other/b.png");
  symlinkSync(root, join(root, "real", "up"));
  symlinkSync(join(root, "real"), join(root, "a link"));
  symlinkSync("self", join(root, "self"));
  symlinkSync(join(root, "other", "b.png"), join(root, "c.png"));
  symlinkSync(join(root, "nowhere.png"), join(root, "dangling.png"));
  symlinkSync(join(root, "other"), join(root, "folder.png"));
  const { images, skipped } = await findImages(root);
  expect(images.map((image) => image.path)).toEqual(["c.png", "other/b.png", "real/a.png"]);
  expect(skipped).toEqual([{ path: "dangling.png", reason: expect.stringContaining("leads nowhere") }]);
});

test("a linked folder outside of the root is followed", async () => {
  write("in/a.png", "out/b.png", "out/deep/c.png");
  symlinkSync(join(root, "out"), join(root, "in", "linked"));
  symlinkSync(join(root, "out", "deep"), join(root, "in", "also"));
  expect(await found({}, join(root, "in"))).toEqual(["a.png", "also/c.png", "linked/b.png"]);
});

test("50,000 files in one folder", async () => {
  for (let i = 0; i < 50_000; i++) writeFileSync(join(root, `${i}.png`), "");
  const { images, skipped } = await findImages(root);
  expect(images).toHaveLength(50_000);
  expect(new Set(images.map((image) => image.path)).size).toBe(50_000);
  expect(skipped).toEqual([]);
});

test("a root that is gone is an error; a folder that goes away meanwhile is not", async () => {
  write(...Array.from({ length: 40 }, (_, i) => `${i}/a.png`));
  const walk = findImages(root);
  renameSync(join(root, "39"), join(tmpdir(), `${root.split("-").at(-1)}-moved`));
  rmSync(join(tmpdir(), `${root.split("-").at(-1)}-moved`), { recursive: true });
  const { images, skipped } = await walk;
  expect(images.length).toBeGreaterThanOrEqual(39);
  expect(skipped).toEqual([]);
  await expect(findImages(join(root, "nowhere"))).rejects.toThrow(/ENOENT/);
});

test("a cancelled walk ends", async () => {
  write("a.png");
  await expect(findImages(root, { signal: AbortSignal.abort() })).rejects.toThrow(/abort/i);
});

const git = (...args: string[]) =>
  execFileSync("git", ["-c", "core.excludesFile=/dev/null", ...args], { cwd: root, encoding: "utf8" });

test("gitignore: the same files as git, for made-up rules in nested folders", async () => {
  const files = [
    "1.png",
    "2.jpg",
    "a/1.png",
    "a/b/1.png",
    "a/b/c/2.jpg",
    "b/1.png",
    "b/a/x.png",
    "[x].png",
    "d/e/f/1.png",
  ];
  write(...files);
  git("init", "-q");
  const rule = fc.constantFrom(
    ...["*.png", "!*.png", "a", "/a", "a/", "/b/", "b", "a/b", "**/b", "a/**", "!a/b/", "!1.png", "**/1.png", "?.png"],
    ...[
      "[12].*",
      "# a",
      "",
      "a/*",
      "!/a/b/**",
      "/*",
      "!/d/",
      "\\[x].png",
      "2.jpg   ",
      "a/**/2.jpg",
      "d/**/1.png",
      "!*/",
    ],
  );
  const rules = fc.array(rule, { maxLength: 4 }).map((lines) => `${lines.join("\n")}\n`);
  await fc.assert(
    fc.asyncProperty(fc.record({ "": rules, "a/": rules, "a/b/": rules, "b/": rules }), async (all) => {
      for (const [folder, text] of Object.entries(all)) writeFileSync(join(root, `${folder}.gitignore`), text);
      const kept = git("ls-files", "--others", "--exclude-standard", "-z").split("\0");
      const images = kept.filter((file) => /\.(png|jpg)$/.test(file)).sort();
      expect(await found({ gitignore: true })).toEqual(images);
    }),
    { numRuns: 150, seed: 3 },
  );
  expect(await found()).toHaveLength(files.length);
}, 60_000);

test("a file of rules without number is passed over, and others run while slow rules are applied", async () => {
  const name = "none".repeat(15);
  write(...Array.from({ length: 100 }, (_, i) => `many/${name}${i}.png`));
  const rules = (count: number) => `${Array.from({ length: count }, (_, i) => `none*n*e*x${i}`).join("\n")}\n*.png\n`;
  writeFileSync(join(root, ".gitignore"), rules(6000));
  expect(await found({ gitignore: true })).toHaveLength(100);
  writeFileSync(join(root, ".gitignore"), rules(10));
  // Each look at the clock takes longer than rules may be applied in one go.
  let time = 0;
  const clock = vi.spyOn(performance, "now").mockImplementation(() => (time += 25));
  let turns = 0;
  const count = () =>
    setImmediate(() => {
      turns++;
      if (counting) count();
    });
  let counting = true;
  count();
  expect(await found({ gitignore: true })).toEqual([]);
  counting = false;
  clock.mockRestore();
  expect(turns).toBeGreaterThanOrEqual(100);
}, 60_000);

test("lines of rules with many stars in one name, or many at any depth, are passed over, and the others count", async () => {
  const files = ["a1b2c3d4.png", "x/y/z/w/deep.png", "plain.png"];
  write(...files);
  const left = async (...lines: string[]) => {
    writeFileSync(join(root, ".gitignore"), lines.join("\n"));
    return found({ gitignore: true });
  };
  expect(await left("a*b*c*.png")).toEqual(files.filter((file) => !file.startsWith("a")).sort());
  expect(await left("a*b*c*d*.png", "plain.png")).toEqual(files.filter((file) => file !== "plain.png").sort());
  expect(await left("x/**/z/**/deep.png")).toEqual(files.filter((file) => !file.startsWith("x")).sort());
  expect(await left("x/**/y/**/z/**/w/**/deep.png")).toEqual([...files].sort());
});

test("gitignore above the folder counts as far as the work tree reaches", async () => {
  write("repo/images/keep.png", "repo/images/drop.png", "repo/images/raw/a.png");
  writeFileSync(join(root, ".gitignore"), "keep.png\n");
  writeFileSync(join(root, "repo", ".gitignore"), "drop.png\n/images/raw\n");
  const folder = join(root, "repo", "images");
  expect(await found({ gitignore: true }, folder)).toHaveLength(3);
  mkdirSync(join(root, "repo", ".git"));
  expect(await found({ gitignore: true }, folder)).toEqual(["keep.png"]);
});
