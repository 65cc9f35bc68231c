/** The licence notices of the packages whose code lies inside the bundles: their licences ask to go along with it. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Metafile } from "esbuild";
import { ROOT } from "./paths.mjs";

const LICENCE_FILE = /^(licen[cs]e|notice|copying)([-.].*)?$/i;
const PACKAGE = /^node_modules\/((?:@[^/]+\/)?[^/]+)\//;

/** The packages that gave code to the bundles, by the folder they lie in, each once, in order of their names. */
export function bundledPackages(metafiles: readonly Metafile[]): string[] {
  const names = metafiles.flatMap(({ outputs }) =>
    Object.values(outputs).flatMap(({ inputs }) =>
      Object.entries(inputs)
        .filter(([, { bytesInOutput }]) => bytesInOutput > 0)
        .flatMap(([file]) => PACKAGE.exec(file)?.[1] ?? []),
    ),
  );
  return [...new Set(names)].sort();
}

/** @throws Error for a package that comes with neither a licence file nor the name of its licence */
export function noticesOf(packages: readonly string[], root = ROOT): string {
  return packages.map((name) => noticeOf(name, join(root, "node_modules", name))).join(`\n${"-".repeat(80)}\n\n`);
}

function noticeOf(name: string, folder: string): string {
  const { version, license, author } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  const texts = readdirSync(folder)
    .filter((file) => LICENCE_FILE.test(file))
    .map((file) => readFileSync(join(folder, file), "utf8").trim());
  if (texts.length === 0 && typeof license !== "string") {
    throw new Error(`The package ${name} is bundled, but says nothing of its licence.`);
  }
  const by = typeof author === "string" ? author : (author?.name ?? "");
  const heading = `${name} ${version}${typeof license === "string" ? ` (${license})` : ""}`;
  return `${heading}\n\n${texts.length > 0 ? texts.join("\n\n") : by === "" ? license : `Copyright ${by}`}\n`;
}

/** Where the notices lie, seen from the project's root. */
export const NOTICES_FILE = "dist/THIRD_PARTY_NOTICES.txt";
