import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, test } from "vitest";

const ROOT = resolve(import.meta.dirname, "../../..");

function filesOf(folder: string): string {
  const files = readdirSync(join(ROOT, folder)).filter((file) => file.endsWith(".ts"));
  return files.map((file) => readFileSync(join(ROOT, folder, file), "utf8")).join("\n");
}

/** Source text of a folder's own files, and of what they share with other pages. */
function sources(folder: string): string {
  const own = filesOf(folder);
  const shared = new Set([...own.matchAll(/from "\.\.\/(\w+\.ts)"/g)].map(([, file]) => file!));
  return [own, ...[...shared].map((file) => readFileSync(join(ROOT, "webview-ui", file), "utf8"))].join("\n");
}

/** First arguments of the calls of `t` that are literals. */
function translated(source: string): string[] {
  return [...source.matchAll(/\bt\(\s*"((?:[^"\\]|\\.)*)"/g)].map(([, text]) => text!);
}

// The lists import `vscode`, which is only there in VS Code: they are read as text.
describe.each([
  ["similar", "src/extension/similar/pageStrings.ts", "src/extension/similar/weightStrings.ts"],
  ["projections", "src/extension/projections/pageStrings.ts"],
  ["training", "src/extension/training/pageStrings.ts", "src/extension/training/ablationStrings.ts"],
  ["follow", "src/extension/follow/pageStrings.ts"],
  ["review", "src/extension/review/pageStrings.ts"],
  ["picture", "src/extension/picture/pageStrings.ts"],
  ["evaluation", "src/extension/evaluation/pageStrings.ts"],
])("the strings of the %s page", (page, ...lists) => {
  const text = lists.map((list) => readFileSync(join(ROOT, list), "utf8")).join("\n");
  const listed = [...text.matchAll(/^\s*(?:"((?:[^"\\]|\\.)*)"|(\w+)):\s*t\(/gm)].map(([, a, b]) => a ?? b!);
  // The report is drawn by what also writes its file.
  const source = sources(`webview-ui/${page}`) + (page === "evaluation" ? filesOf("src/shared/evaluationView") : "");

  test("are all those of its sources, and no others", () => {
    const used = translated(source);
    expect(used.length).toBeGreaterThan(2);
    expect(used.filter((each) => !listed.includes(each))).toEqual([]);
    // Some are chosen by a name or a value, such as the label of a descriptor.
    const anywhere = source + sources("src/shared");
    expect(listed.filter((each) => !anywhere.includes(`"${each}"`))).toEqual([]);
  });

  test("are each translated under their own English text", () => {
    expect(translated(text)).toEqual(listed);
  });
});
