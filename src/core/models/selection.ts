import { promises as fs, realpathSync } from "node:fs";
import { join } from "node:path";
import * as v from "valibot";
import { writeFileAtomically } from "../files/index.ts";

/**
 * Which model is used where: one for all folders, and those chosen for single folders. Values are names of installed models, or
 * absolute paths. Whoever writes holds the lock of the shelf.
 */
export interface Selection {
  readonly everywhere: string | null;
  /** By real path. */
  readonly folders: Readonly<Record<string, string>>;
}

const SelectionSchema = v.object({
  everywhere: v.nullable(v.string()),
  folders: v.record(v.string(), v.string()),
});

const NOTHING: Selection = { everywhere: null, folders: {} };

/** Reads what is chosen; a file that is missing or damaged is no choice. */
export async function readSelection(modelsFolder: string): Promise<Selection> {
  try {
    const json: unknown = JSON.parse(await fs.readFile(fileIn(modelsFolder), "utf8"));
    const parsed = v.safeParse(SelectionSchema, json);
    return parsed.success ? parsed.output : NOTHING;
  } catch {
    return NOTHING;
  }
}

/** @param name null takes the choice back @param folder where absent, the choice is for all folders */
export async function writeSelection(modelsFolder: string, name: string | null, folder?: string): Promise<void> {
  const before = await readSelection(modelsFolder);
  const folders = { ...before.folders };
  if (folder !== undefined) {
    if (name === null) delete folders[keyOf(folder)];
    else folders[keyOf(folder)] = name;
  }
  await write(modelsFolder, { everywhere: folder === undefined ? name : before.everywhere, folders });
}

/** A model has another name now, or (null) is gone: every choice of it follows, or is taken back. */
export async function renameInSelection(modelsFolder: string, name: string, to: string | null): Promise<void> {
  const { everywhere, folders } = await readSelection(modelsFolder);
  const kept = Object.entries(folders).flatMap(([folder, chosen]): [string, string][] => {
    if (chosen !== name) return [[folder, chosen]];
    return to === null ? [] : [[folder, to]];
  });
  const after = { everywhere: everywhere === name ? to : everywhere, folders: Object.fromEntries(kept) };
  if (everywhere === name || Object.values(folders).includes(name)) await write(modelsFolder, after);
}

async function write(modelsFolder: string, selection: Selection): Promise<void> {
  const text = `${JSON.stringify(selection, null, 2)}\n`;
  await writeFileAtomically(fileIn(modelsFolder), new TextEncoder().encode(text));
}

/** Name of the model that is chosen for a folder, by itself or with all others; null where none is. */
export function chosenFor({ everywhere, folders }: Selection, folder: string | undefined): string | null {
  return (folder === undefined ? undefined : folders[keyOf(folder)]) ?? everywhere;
}

function fileIn(modelsFolder: string): string {
  return join(modelsFolder, "selected.json");
}

function keyOf(folder: string): string {
  try {
    return realpathSync(folder);
  } catch {
    return folder;
  }
}
