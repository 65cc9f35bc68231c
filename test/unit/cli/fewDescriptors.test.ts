/** A process that may open few files: what it cannot do it says, nothing is lost, and with more it goes on. */
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll, expect, test } from "vitest";
import { tinyModel } from "../../fixtures/tinyModel.ts";

const MAIN = resolve(import.meta.dirname, "../../../src/cli/main.ts");
const IMAGES = 60;
const skipped = process.platform === "win32" ? " (skipped: Windows has no such limit)" : "";
let root: string;

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), "lookalike-few-"));
  mkdirSync(join(root, "images"));
  writeFileSync(join(root, "model.onnx"), tinyModel("tiny", "SM"));
  for (let i = 0; i < IMAGES; i++) {
    const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="20" height="20"><rect width="${1 + (i % 19)}" height="${1 + (i % 17)}" fill="#${100 + i}"/></svg>`;
    // Drawings are read in a process of their own.
    if (i % 3 === 0) writeFileSync(join(root, "images", `${i}.svg`), svg);
    else
      await sharp(Buffer.from(svg))
        .png()
        .toFile(join(root, "images", `${i}.png`));
  }
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

function lookalike(
  files: number,
  data: string,
  ...args: readonly string[]
): { readonly status: number | null; readonly text: string } {
  const words = [
    process.execPath,
    MAIN,
    ...args,
    "--model",
    join(root, "model.onnx"),
    "--device",
    "cpu",
    "--index",
    join(root, data),
  ];
  const { status, stdout, stderr } = spawnSync("sh", ["-c", `ulimit -n ${files} && exec "$@"`, "sh", ...words], {
    encoding: "utf8",
    env: { ...process.env, XDG_DATA_HOME: join(root, "data") },
  });
  return { status, text: `${stdout}${stderr}` };
}

test.skipIf(skipped !== "")(
  `64 and 128 files are enough to index and to search${skipped}`,
  () => {
    for (const files of [64, 128]) {
      const { status, text } = lookalike(files, `index ${files}`, "index", "--no-adapt", join(root, "images"));
      expect(text).toContain(`${IMAGES} indexed, 0 updated, 0 removed, 0 unchanged, 0 skipped`);
      expect(status).toBe(0);
      const { text: found } = lookalike(
        files,
        `index ${files}`,
        "similar",
        join(root, "images", "1.png"),
        "--in",
        join(root, "images"),
      );
      expect(found).toContain(".png");
    }
  },
  120_000,
);

test.skipIf(skipped !== "")(
  `with fewer it says so in its own words, and goes on with more${skipped}`,
  () => {
    const refusals: string[] = [];
    for (const files of [22, 25, 28, 31, 34]) {
      const { status, text } = lookalike(files, "few", "index", "--no-adapt", join(root, "images"));
      // Below some number Node itself does not start.
      if (
        status === 0 ||
        !/lookalike|index|too many/i.test(text) ||
        /node:internal|uv_|Assertion/.test(text.split("\n")[0]!)
      )
        continue;
      refusals.push(text);
      expect(text, String(files)).not.toMatch(/^\s+at |TypeError|spawnargs/m);
    }
    expect(refusals.join("\n")).toMatch(/too many (open )?files/i);
    expect(refusals.join("\n")).not.toContain("Check that the folder can be written");
    const { status, text } = lookalike(1024, "few", "index", "--no-adapt", join(root, "images"));
    expect(text).toMatch(/ 0 skipped/);
    expect(status).toBe(0);
  },
  180_000,
);
