import { execFileSync } from "node:child_process";
import { globSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";

const provider = vi.hoisted(() => ({ written: [] as unknown[] }));

vi.mock("vscode", () => ({
  l10n: { t: (text: string, ...values: unknown[]) => text.replace(/\{(\d)\}/g, (_, i) => String(values[Number(i)])) },
  workspace: { fs: { writeFile: async (...all: unknown[]) => void provider.written.push(all) } },
}));

const { writeWhole } = await import("../../../src/extension/writeWhole.ts");

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "lookalike-whole-"));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const uri = (file: string, scheme = "file") => ({ scheme, fsPath: file }) as never;

test("a file is replaced as a whole; where that fails the old one stays, with nothing beside it", async () => {
  const file = join(root, "a.csv");
  await writeWhole(uri(file), "old");
  await writeWhole(uri(file), Buffer.from("new"));
  expect(readFileSync(file, "utf8")).toBe("new");
  mkdirSync(join(root, "b.png"));
  await expect(writeWhole(uri(join(root, "b.png")), "x")).rejects.toThrow(/b\.png cannot be written/);
  await expect(writeWhole(uri(join(root, "no", "c.png")), "x")).rejects.toThrow(/c\.png cannot be written/);
  expect(readdirSync(root).sort()).toEqual(["a.csv", "b.png"]);
  await writeWhole(uri("/elsewhere", "vscode-vfs"), "x");
  expect(provider.written).toHaveLength(1);
});

test("a full disk leaves the old file, and is said", async (context) => {
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=64k", "tmpfs", root], { stdio: "pipe" });
  } catch {
    return context.skip("no file system can be mounted here (not root)");
  }
  try {
    const file = join(root, "a.png");
    writeFileSync(file, "old");
    await expect(writeWhole(uri(file), Buffer.alloc(100 << 10))).rejects.toThrow(/the disk is full. Free some space/);
    expect(readdirSync(root)).toEqual(["a.png"]);
    expect(readFileSync(file, "utf8")).toBe("old");
  } finally {
    execFileSync("umount", ["-l", root]);
  }
});

test("what the user saves is written here, and nowhere past it", () => {
  const sources = join(import.meta.dirname, "../../../src/extension");
  const writers = globSync("**/*.ts", { cwd: sources }).filter((file) =>
    /\bworkspace\.fs\.(writeFile|copy)\b/.test(readFileSync(join(sources, file), "utf8")),
  );
  expect(writers).toEqual(["writeWhole.ts"]);
});
