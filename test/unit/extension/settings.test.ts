/** A settings file may hold anything: each setting of the manifest, with each kind of wrong value. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, expect, test, vi } from "vitest";
import * as settings from "../../../src/extension/settings.ts";

const written = vi.hoisted(() => ({
  values: new Map<string, unknown>(),
  asked: new Set<string>(),
  told: [] as string[],
}));

vi.mock("vscode", () => ({
  Uri: { file: (path: string) => ({ fsPath: path }) },
  commands: { executeCommand: async () => undefined },
  l10n: { t: (text: string, ...args: unknown[]) => text.replace(/\{(\d)\}/g, (_, i) => String(args[Number(i)])) },
  window: {
    showWarningMessage: async (text: string) => {
      written.told.push(text);
    },
  },
  workspace: {
    getConfiguration: (section: string) => ({
      get: (key: string) => {
        written.asked.add(`${section}.${key}`);
        return written.values.get(`${section}.${key}`);
      },
    }),
  },
}));

interface Property {
  readonly type: string;
  readonly default: unknown;
  readonly minimum?: number;
  readonly maximum?: number;
}
const manifest = JSON.parse(readFileSync(join(import.meta.dirname, "../../../package.json"), "utf8"));
const properties = Object.assign(
  {},
  ...[manifest.contributes.configuration].flat().map((each) => each.properties),
) as Readonly<Record<string, Property>>;

const all = () => ({
  device: settings.deviceChoice(),
  index: settings.indexSettings(),
  adapts: settings.adapts(),
  joins: settings.whoMayJoin("/images"),
  filter: settings.fileFilter("/images"),
  shares: settings.sharesThumbnails(),
  watched: settings.isWatched("/images"),
  count: settings.similarCount(),
  outlives: settings.trainingOutlivesWindow(),
  python: settings.trainingPython(),
  guards: settings.guardsFormulas(),
});

const WRONG: readonly unknown[] = [
  "12",
  "on fire",
  "",
  12,
  -3,
  1e300,
  Number.NaN,
  Infinity,
  true,
  "false",
  [],
  ["a", 5],
  {},
  { a: 1 },
  [null],
];

function fits(value: unknown, { type }: Property): boolean {
  if (type === "array") return Array.isArray(value) && value.every((each) => typeof each === "string");
  if (type === "integer" || type === "number") return typeof value === "number" && Number.isFinite(value);
  return typeof value === type;
}

beforeEach(() => {
  written.values.clear();
  written.told.length = 0;
});

test("without any setting the manifest's own values hold, and each setting of it is read", () => {
  const unset = all();
  for (const [name, property] of Object.entries(properties)) written.values.set(name, property.default);
  expect(all()).toEqual(unset);
  for (const name of Object.keys(properties)) written.values.set(name, null);
  expect(all()).toEqual(unset);
  expect(written.told).toEqual([]);
  expect([...written.asked].filter((name) => name.startsWith("lookalike.")).sort()).toEqual(
    Object.keys(properties).sort(),
  );
});

test.each(Object.entries(properties))(
  "%s: what is not of its kind counts as not set, and is told once",
  (name, property) => {
    const unset = all();
    for (const value of WRONG.filter((each) => !fits(each, property))) {
      written.values.set(name, value);
      const told = written.told.length;
      // Of a list, what is a text in it still holds.
      if (Array.isArray(value)) expect(JSON.stringify(all()).replace('"a"', "")).toBe(JSON.stringify(unset));
      else expect(all(), JSON.stringify(value)).toEqual(unset);
      all();
      expect(written.told.slice(told), JSON.stringify(value)).toEqual([
        expect.stringContaining(`The setting ${name} is `),
      ]);
    }
  },
);

test("numbers beyond their limits count as the limit, and are told", () => {
  for (const [name, { type, minimum, maximum }] of Object.entries(properties)) {
    if (type !== "integer" && type !== "number") continue;
    for (const [value, limit] of [
      [-1e9, minimum],
      [1e300, maximum],
    ]) {
      written.values.set(name, value);
      const atWrong = all();
      expect(written.told.at(-1)).toContain(`The setting ${name} is ${value}, not a number from `);
      if (limit === undefined) continue;
      written.values.set(name, limit);
      expect(atWrong, name).toEqual(all());
    }
    written.values.delete(name);
  }
});

test("what is no choice, such as one of before, is the default", () => {
  written.values.set("lookalike.device", "gpu");
  expect(settings.deviceChoice()).toBe("auto");
  expect(written.told).toEqual([
    'The setting lookalike.device is "gpu", not one of auto, cpu, webgpu, cuda, dml, coreml. "auto" is used.',
  ]);
});

test("the Explorer's own list of hidden files may be anything, too", () => {
  for (const value of [null, 5, "x", [], { "**/a": true, "**/b": false, "**/c": { when: "d" } }]) {
    written.values.set("files.exclude", value);
    const { exclude } = settings.fileFilter("/images");
    expect(exclude).toEqual(typeof value === "object" && value !== null && !Array.isArray(value) ? ["**/a"] : []);
  }
});
