/** The reasons that a file can be skipped for are those that docs/troubleshooting.md names, with the same words. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { ROOT } from "../../../scripts/lib/paths.mjs";

const documented = readFileSync(join(ROOT, "docs/troubleshooting.md"), "utf8");
const section = (title: string) => documented.split(/^## /m).find((part) => part.startsWith(`${title}\n`))!;
/** A reason as it is written, each part that differs from file to file as `...`. */
const shape = (text: string) => text.replaceAll(/\$\{[^}]*\}|\d+ s\b|\.\.\./g, "…").replaceAll(/\([^)]*\)/g, "(…)");

/** What the code says of files, by its source: these are all places that a reason comes from. */
function reasonsInCode(): string[] {
  const images = readdirSync(join(ROOT, "src/core/images")).map((file) => join("images", file));
  const files = [...images, "index/look.ts", "index/quarantine.ts", "files/readFailure.ts"].map((file) =>
    readFileSync(join(ROOT, "src/core", file), "utf8"),
  );
  const patterns = [
    /new ImageError\(\s*["`]([^"`]*)["`]/g,
    /(?:TOO_LARGE|LEFT_OUT) = "([^"]*)"/g,
    /\breason: [`"]([^`"]*)[`"]/g,
    /: [`"](damaged: [^`"]*|it ended [^`"]*)[`"]/g,
    /return `(decoding it [^`]*)`/g,
    /return [`"]((?:damaged|cannot|the file|no permission|a link|too many)[^`"]*)[`"]/g,
    /\? "(its name is not UTF-8[^"]*)"/g,
    /return `(it cannot be decoded [^`]*)`|reason: `(it cannot be decoded [^`]*)`/g,
  ];
  const found = files.flatMap((text) =>
    patterns.flatMap((pattern) => [...text.matchAll(pattern)].map(([, one, other]) => one ?? other!)),
  );
  return [...new Set(found.map(shape))];
}

/** Of an index's thumbnails and explanations, and of a close look at two animations, where no file is skipped. */
const ELSEWHERE = ["it is not what was indexed", "its frames cannot be read"];

const reasons = section("Reasons")
  .split("\n")
  .flatMap((line) => /^\| (.*?) +\|/.exec(line)?.[1] ?? [])
  .flatMap((cell) => cell.split(/, (?=too large|it ended)/))
  .map(shape)
  .filter((reason) => !/^(reason|-+)$/.test(reason));
const explains = (reason: string, said: string) => {
  const [before, after] = reason.split("…") as [string, string?];
  return after === undefined ? reason === said : said.startsWith(before) && said.includes(after.replaceAll("…", ""));
};

describe("the reasons in docs/troubleshooting.md", () => {
  test("are all that the code can give", () => {
    const said = reasonsInCode().filter((reason) => !ELSEWHERE.includes(reason));
    expect(said.length).toBeGreaterThan(20);
    expect(said.filter((each) => !reasons.some((reason) => explains(reason, each)))).toEqual([]);
  });

  test("are none that the code cannot give", () => {
    const said = reasonsInCode();
    expect(reasons.length).toBeGreaterThan(15);
    expect(reasons.filter((reason) => !said.some((each) => explains(reason, each)))).toEqual([]);
  });
});

test("kinds that are not read are named there", () => {
  const source = readFileSync(join(ROOT, "src/core/images/kinds.ts"), "utf8");
  const kinds = [...source.matchAll(/name: "([^"]*)", \.\.\.NOT_READ|named\(\s*"([^"]*)"/g)].map(([, a, b]) => a ?? b!);
  expect(kinds.length).toBeGreaterThan(30);
  const table = section("Not read").toLowerCase().replace("`.svgz`", "compressed svg");
  expect([...new Set(kinds)].filter((kind) => !table.includes(kind.toLowerCase()))).toEqual([]);
});
