import { promises as fs, realpathSync } from "node:fs";
import { join } from "node:path";
import * as v from "valibot";
import { writeFileAtomically } from "../files/index.ts";

/** Which installed model is used where: one for all folders, and those chosen for single folders. Values are names. */
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

/** Reads the choice; a file that is missing or damaged is no choice. */
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
  const after: Selection = { everywhere: folder === undefined ? name : before.everywhere, folders };
  await fs.mkdir(modelsFolder, { recursive: true });
  await writeFileAtomically(fileIn(modelsFolder), new TextEncoder().encode(`${JSON.stringify(after, null, 2)}\n`));
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
