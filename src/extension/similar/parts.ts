import type * as vscode from "vscode";
import type { EngineClient } from "../engine/engineClient.ts";
import type { ImageTables } from "../imageTables.ts";
import type { IndexRuns } from "../indexRuns.ts";
import type { StatusBar } from "../statusBar.ts";
import type { PastedImages } from "./pastedImages.ts";
import type { SavedQueries } from "./savedQueries.ts";

/** What the similar panels work with. */
export interface SimilarParts {
  readonly context: vscode.ExtensionContext;
  readonly log: vscode.LogOutputChannel;
  readonly engine: EngineClient;
  readonly runs: IndexRuns;
  readonly status: StatusBar;
  readonly pasted: PastedImages;
  readonly queries: SavedQueries;
  readonly tables: ImageTables;
}
