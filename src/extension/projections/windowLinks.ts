import { isAbsolute, relative, sep } from "node:path";
import * as vscode from "vscode";
import type { ProjectionsHighlight } from "../../shared/index.ts";
import { visibleImage } from "../activeImage.ts";
import type { ShownQuery, SimilarPanels } from "../similar/similarPanels.ts";

/**
 * What the rest of the window shows, for the maps: the image in an editor, and the query of the similar panel with its
 * results. VS Code tells nothing of what is selected in the Explorer, only of what is opened.
 */
export class WindowLinks implements vscode.Disposable {
  readonly #changed = new vscode.EventEmitter<void>();
  readonly onChange = this.#changed.event;
  readonly #disposables: readonly vscode.Disposable[];
  #shown: ShownQuery | undefined;

  constructor(similar: SimilarPanels) {
    const changed = () => this.#changed.fire();
    this.#disposables = [
      this.#changed,
      vscode.window.tabGroups.onDidChangeTabs(changed),
      vscode.window.tabGroups.onDidChangeTabGroups(changed),
      similar.onShown((shown) => {
        this.#shown = shown;
        changed();
      }),
    ];
  }

  /** @param folder absolute path of the folder whose maps are shown */
  highlight(folder: string): ProjectionsHighlight {
    const image = visibleImage();
    const shown = this.#shown?.folder === folder ? this.#shown : undefined;
    return {
      active: image?.scheme === "file" ? inside(folder, image.fsPath) : null,
      query: shown?.image == null ? null : inside(folder, shown.image),
      results: shown?.results ?? [],
    };
  }

  dispose(): void {
    for (const disposable of this.#disposables) disposable.dispose();
  }
}

function inside(folder: string, file: string): string | null {
  const path = relative(folder, file);
  return path === "" || path.startsWith("..") || isAbsolute(path) ? null : path.split(sep).join("/");
}
