import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { bundledPackages, noticesOf } from "../../../scripts/lib/notices.ts";

let root: string;

function install(name: string, manifest: object, files: Record<string, string> = {}): void {
  const folder = join(root, "node_modules", name);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "package.json"), JSON.stringify({ name, version: "1.2.3", ...manifest }));
  for (const [file, text] of Object.entries(files)) writeFileSync(join(folder, file), text);
}

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "lookalike-notices-"));
});

afterEach(() => rmSync(root, { recursive: true }));

const output = (inputs: Record<string, number>) => ({
  imports: [],
  exports: [],
  bytes: 1,
  inputs: Object.fromEntries(Object.entries(inputs).map(([file, bytesInOutput]) => [file, { bytesInOutput }])),
});

test("packages are told once, by name and scope, where code of theirs is in a bundle", () => {
  const first = { inputs: {}, outputs: { a: output({ "node_modules/@x/y/i.js": 5, "src/a.ts": 3 }) } };
  const second = {
    inputs: {},
    outputs: { b: output({ "node_modules/z/i.js": 1, "node_modules/@x/y/j.js": 2, "node_modules/shaken/i.js": 0 }) },
  };
  expect(bundledPackages([first, second])).toEqual(["@x/y", "z"]);
});

test("a notice holds the licence's text and the notice file's", () => {
  install("a", { license: "MIT" }, { LICENSE: "Permission is hereby granted", "NOTICE.txt": "Parts by B" });
  const notices = noticesOf(["a"], root);
  expect(notices).toContain("a 1.2.3 (MIT)");
  expect(notices).toContain("Permission is hereby granted");
  expect(notices).toContain("Parts by B");
});

test("without a licence file the name and the author stand in, without either the build stops", () => {
  install("named", { license: "MIT", author: { name: "C. D." } });
  expect(noticesOf(["named"], root)).toContain("Copyright C. D.");
  install("silent", {});
  expect(() => noticesOf(["silent"], root)).toThrow("silent");
});
