import { promises as fs } from "node:fs";
import { posix } from "node:path";
import { readFailure } from "../../images/index.ts";
import { parseCsv } from "./csv.ts";
import { TrainingError } from "./trainingError.ts";
import { listed } from "./words.ts";

/** What a labels file says of one image. */
export interface GivenLabel {
  readonly label: string;
  /** null where the file leaves the split open. */
  readonly split: "train" | "test" | null;
}

export interface GivenLabels {
  /** By path relative to the folder, with `/`. */
  readonly byPath: ReadonlyMap<string, GivenLabel>;
  /** In plain words: rows that cannot be used. */
  readonly warnings: readonly string[];
}

/**
 * Reads a CSV `path,label[,split]` with a header; other columns are passed over.
 * @throws TrainingError where the file cannot be read, or has no such columns
 */
export async function readLabels(file: string): Promise<GivenLabels> {
  const text = await fs.readFile(file, "utf8").catch((cause) => {
    throw new TrainingError(`The labels file ${file}: ${readFailure(cause)}. Check the path.`, { cause });
  });
  const [header = [], ...rows] = parseCsv(text);
  const columns = header.map((name) => name.trim().toLowerCase());
  const [path, label, split] = ["path", "label", "split"].map((name) => columns.indexOf(name));
  if (path === -1 || label === -1) {
    throw new TrainingError(
      `The labels file ${file} has no columns "path" and "label" in its first line (it has: ${header.join(", ") || "nothing"}). Add a header.`,
    );
  }
  const byPath = new Map<string, GivenLabel>();
  const incomplete: string[] = [];
  const contradicted = new Set<string>();
  const foreign: string[] = [];
  for (const [i, row] of rows.entries()) {
    const [image, name] = [normalise(row[path!] ?? ""), (row[label!] ?? "").trim()];
    const part = split === -1 ? "" : (row[split!] ?? "").trim().toLowerCase();
    if (image === "" || name === "") incomplete.push(`line ${i + 2}`);
    else if (part !== "" && part !== "train" && part !== "test") foreign.push(`${image} (${part})`);
    else {
      const before = byPath.get(image);
      const given: GivenLabel = { label: name, split: part === "" ? null : part };
      if (before !== undefined && (before.label !== given.label || before.split !== given.split)) {
        contradicted.add(image);
      } else byPath.set(image, given);
    }
  }
  const warnings: string[] = [];
  if (incomplete.length > 0) warnings.push(`Rows without a path or a label, left out: ${listed(incomplete)}.`);
  if (foreign.length > 0) {
    warnings.push(`Rows whose split is neither train nor test, left out: ${listed(foreign)}.`);
  }
  if (contradicted.size > 0) {
    warnings.push(`Images with two different rows, of which the first counts: ${listed([...contradicted])}.`);
  }
  return { byPath, warnings };
}

/** As `findImages` writes paths, whichever system wrote the file. */
function normalise(path: string): string {
  const given = path.trim().replaceAll("\\", "/");
  return given === "" ? "" : posix.normalize(given);
}
