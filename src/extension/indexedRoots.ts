import type * as vscode from "vscode";
import { fileFolders } from "./roots.ts";

/** Folders that had an index when this user last saw them; the same for all windows, and kept over restarts. */
const KEY = "index.folders";
/** Folders that are remembered; beyond that the oldest is forgotten, and is watched again after its next index. */
const MOST = 200;

type Context = Pick<vscode.ExtensionContext, "globalState">;

export function indexedRoots({ globalState }: Context): readonly string[] {
  return globalState.get<string[]>(KEY, []);
}

/** Whether some folder of this window is one of them. */
export function hasIndexedRoot(context: Context): boolean {
  const roots = indexedRoots(context);
  return roots.length > 0 && fileFolders().some(({ uri }) => roots.includes(uri.fsPath));
}

/** @param has whether the folder has an index */
export async function rememberRoot(context: Context, folder: string, has: boolean): Promise<void> {
  const roots = indexedRoots(context);
  if (roots.includes(folder) === has) return;
  const others = roots.filter((root) => root !== folder);
  await context.globalState.update(KEY, has ? [...others, folder].slice(-MOST) : others);
}
