import type { FolderStatus } from "../shared/index.ts";
import type { EngineClient } from "./engine/engineClient.ts";
import { indexSettings } from "./settings.ts";
import { askedOf, type ComparedChoice } from "./similar/comparedChoice.ts";
import type { StatusBar } from "./statusBar.ts";

/**
 * Asks how the index of a folder stands, and shows it in the status bar.
 * @param model where absent, the one that is chosen for the folder
 */
export async function showFolderStatus(
  { engine, status }: { readonly engine: EngineClient; readonly status: StatusBar },
  folder: string,
  model?: ComparedChoice,
): Promise<FolderStatus> {
  const state = await folderStatus(engine, folder, model);
  status.show(state);
  return state;
}

/** As `showFolderStatus`, without showing it. */
export function folderStatus(
  engine: Pick<EngineClient, "request">,
  folder: string,
  model?: ComparedChoice,
): Promise<FolderStatus> {
  return engine.request("folder/status", { folder, ...indexSettings(), ...askedOf(model) });
}
