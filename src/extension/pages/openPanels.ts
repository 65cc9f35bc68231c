import type * as vscode from "vscode";

/** What an owner of panels needs of each. */
interface OpenPanel {
  readonly webviewPanel: vscode.WebviewPanel;
  dispose(): void;
}

/** The open panels of an owner; a panel that is closed ends and is forgotten. */
export class OpenPanels<Panel extends OpenPanel> {
  readonly #closed: () => void;
  #all: readonly Panel[] = [];

  /** @param closed one of them is gone */
  constructor(closed: () => void = () => {}) {
    this.#closed = closed;
  }

  /** The one that was looked at last is the last. */
  get all(): readonly Panel[] {
    return this.#all;
  }

  get current(): Panel | undefined {
    return this.#all.at(-1);
  }

  add(panel: Panel): void {
    const { webviewPanel } = panel;
    this.#all = [...this.#all, panel];
    webviewPanel.onDidDispose(() => {
      panel.dispose();
      this.#all = this.#all.filter((each) => each !== panel);
      this.#closed();
    });
    webviewPanel.onDidChangeViewState(() => {
      if (webviewPanel.active) this.#all = [...this.#all.filter((each) => each !== panel), panel];
    });
  }

  /** Closes those that there are, for an owner of one panel. */
  close(): void {
    for (const { webviewPanel } of this.#all) webviewPanel.dispose();
  }

  dispose(): void {
    this.close();
  }
}
