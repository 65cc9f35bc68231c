import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll, expect, test } from "vitest";
import { tinyModel } from "../../fixtures/tinyModel.ts";

const MAIN = resolve(import.meta.dirname, "../../../src/cli/main.ts");
/** Sets a title, clears the screen, makes up a line, turns the direction of writing, and a C1 control sequence. */
const NAMES = ["\u001b]0;owned\u0007a", "b\u001b[2J", "c\nskipped all: nothing to see", "d\u202egnp", "e\u009b31m"];
const skippedOnWindows = process.platform === "win32" ? ": Windows has no such names" : "";

let root: string;

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), "lookalike-hostile-"));
  mkdirSync(join(root, "images"));
  writeFileSync(join(root, "model.onnx"), tinyModel("tiny\u001b[31m\u202e", "SM"));
  if (skippedOnWindows !== "") return;
  for (const [i, name] of NAMES.entries()) {
    await sharp({ create: { width: 9, height: 9, channels: 3, background: { r: 50 * i, g: 200 - 40 * i, b: 9 } } })
      .png()
      .toFile(join(root, "images", `${name}.png`));
    writeFileSync(join(root, "images", `${name} broken.png`), "no image");
  }
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

function lookalike(...args: string[]): { readonly out: string; readonly all: string } {
  const place = [
    "--index",
    join(root, "indexes"),
    "--model",
    join(root, "model.onnx"),
    "--no-adapt",
    "--device",
    "cpu",
  ];
  const { stdout, stderr } = spawnSync(process.execPath, [MAIN, ...args, ...place], {
    encoding: "utf8",
    env: { ...process.env, XDG_DATA_HOME: join(root, "data") },
  });
  return { out: stdout, all: `${stdout}${stderr}` };
}

test.skipIf(skippedOnWindows !== "")(
  `names cannot steer a terminal or make up lines; in JSON they are as they are${skippedOnWindows}`,
  () => {
    const folder = join(root, "images");
    const indexed = lookalike("index", folder);
    const found = lookalike("similar", join(folder, `${NAMES[0]}.png`), "--in", folder);
    const gone = lookalike("similar", join(folder, "gone\u001b[2J\u202e.png"), "--in", folder);
    expect(gone.all).toContain("gone\\u001b[2J\\u202e.png");
    for (const { all } of [indexed, found, gone]) {
      // biome-ignore lint/suspicious/noControlCharactersInRegex: these must not be there
      expect(all).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/);
      expect(all).not.toMatch(/^skipped all/m);
    }
    expect(indexed.all).toContain("c\\u000askipped all: nothing to see broken.png");
    expect(found.all).toContain("d\\u202egnp.png");
    const { results } = JSON.parse(lookalike("similar", join(folder, `${NAMES[0]}.png`), "--in", folder, "--json").out);
    const paths = results.combined.map(({ path }: { path: string }) => path);
    expect(paths.sort()).toEqual(
      NAMES.slice(1)
        .map((name) => `${name}.png`)
        .sort(),
    );
  },
  180_000,
);
