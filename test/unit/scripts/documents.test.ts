/** What the documents name is there: commands, settings, files. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { ROOT } from "../../../scripts/lib/paths.mjs";

const read = (file: string) => readFileSync(join(ROOT, file), "utf8");
const manifest = JSON.parse(read("package.json")) as {
  readonly contributes: {
    readonly commands: readonly { readonly command: string; readonly title: string }[];
    readonly walkthroughs: object;
    readonly configuration: { readonly properties: object } | readonly { readonly properties: object }[];
  };
};
const texts = JSON.parse(read("package.nls.json")) as Record<string, string>;
const { commands, configuration } = manifest.contributes;
const titles = new Set(commands.map(({ title }) => texts[title.replace(/^%|%$/g, "")] ?? title));
const settings = new Set([configuration].flat().flatMap(({ properties }) => Object.keys(properties)));
const documents = [
  ...readdirSync(ROOT).filter((file) => file.endsWith(".md")),
  ...readdirSync(join(ROOT, "docs")).map((file) => join("docs", file)),
];
const named = (text: string, pattern: RegExp) => [...text.matchAll(pattern)].map(([, name]) => name!);

test.each(documents)("%s names commands, settings and files that there are", (document) => {
  const text = read(document);
  const plain = text.replace(/\s+/g, " ");
  expect(named(plain, /\*\*Lookalike: ([^*]+)\*\*/g).filter((title) => !titles.has(title))).toEqual([]);
  expect(named(text, /`(lookalike\.\w+\.\w+)`/g).filter((setting) => !settings.has(setting))).toEqual([]);
  const links = named(text, /\]\((?!https?:)([^)#\s]+)(?:#[^)]*)?\)/g);
  expect(links.filter((link) => !existsSync(join(ROOT, dirname(document), link)))).toEqual([]);
});

test("every setting stands in the README", () => {
  const text = read("README.md");
  expect([...settings].filter((setting) => !text.includes(`\`${setting}\``))).toEqual([]);
});

test("what guards against a folder is not the folder's to set", () => {
  const properties = [configuration]
    .flat()
    .flatMap((part) => Object.entries(part.properties as Record<string, { scope?: string }>));
  const scopes = Object.fromEntries(properties.map(([name, { scope }]) => [name, scope]));
  for (const name of [
    ...["decode.seconds", "export.guardFormulas", "index.location", "index.shareThumbnails", "index.thumbnails"],
    ...["search.memory", "training.outliveWindow", "training.python"],
  ])
    expect([name, scopes[`lookalike.${name}`]]).toEqual([name, "machine"]);
});

test("each step of the walkthrough has its texts and pictures, and leads to commands that there are", () => {
  const { walkthroughs } = manifest.contributes;
  const ids = new Set(commands.map(({ command }) => command));
  const text = JSON.stringify(walkthroughs);
  const said = named(text, /"%([^"%]+)%"/g);
  expect(said.filter((key) => texts[key] === undefined)).toEqual([]);
  const led = said.flatMap((key) => named(texts[key]!, /\(command:([^)]+)\)/g));
  expect(led.length).toBeGreaterThan(3);
  expect([...led, ...named(text, /onCommand:([^"]+)/g)].filter((id) => !ids.has(id))).toEqual([]);
  const pictures = named(text, /"(media\/[^"]+)"/g);
  expect(pictures.filter((file) => !existsSync(join(ROOT, file)))).toEqual([]);
  expect(pictures).toHaveLength(16);
});
