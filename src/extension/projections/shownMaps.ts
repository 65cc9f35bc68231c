import { basename, join } from "node:path";
import * as vscode from "vscode";
import {
  type ProjectionParameters,
  type ProjectionsRequests,
  TABLE_EXTENSIONS,
  type TableColumn,
  type TableSummary,
} from "../../shared/index.ts";
import type { EngineClient } from "../engine/engineClient.ts";
import { openBeside } from "../pages/openBeside.ts";
import { indexSettings } from "../settings.ts";
import type { ProjectionsSession } from "./projectionsSession.ts";

/** The maps of a panel, for what is done with them: files that are read and written, images that are opened. */
export class ShownMaps {
  readonly #engine: EngineClient;
  readonly #panel: vscode.WebviewPanel;
  readonly #session: () => ProjectionsSession;
  /** Tables that the user chose, and all that were offered to the page: no other file is read for it. */
  #chosen: readonly string[] = [];
  readonly #offered = new Set<string>();

  constructor(engine: EngineClient, panel: vscode.WebviewPanel, session: () => ProjectionsSession) {
    this.#engine = engine;
    this.#panel = panel;
    this.#session = session;
  }

  get folder(): string {
    return this.#session().folder;
  }

  get #about(): { folder: string; parameters: ProjectionParameters } & ReturnType<typeof indexSettings> {
    return { folder: this.folder, parameters: this.#session().parameters, ...indexSettings() };
  }

  /** Absolute path of an image of the maps. @throws for anything else */
  image(path: string): string {
    const image = this.#session().resolve(path);
    if (image === undefined) throw new Error(`${path} is in none of the maps.`);
    return image;
  }

  async open(image: vscode.Uri): Promise<void> {
    await openBeside(this.#panel, image, { preview: false });
  }

  async tables(): Promise<readonly TableSummary[]> {
    const { under } = this.#session().parameters;
    const { folder, ...settings } = this.#about;
    const files = this.#chosen;
    return this.#offer(await this.#engine.request("projection/tables", { folder, under, files, ...settings }));
  }

  /** Lets the user choose a table. @throws where the file is none */
  async chooseTable(): Promise<TableSummary | null> {
    const picked = await vscode.window.showOpenDialog({
      title: vscode.l10n.t("Table with a column of paths"),
      defaultUri: vscode.Uri.file(this.folder),
      filters: { [vscode.l10n.t("Tables")]: [...TABLE_EXTENSIONS] },
    });
    const file = picked?.[0]?.fsPath;
    if (file === undefined) return null;
    const before = this.#chosen;
    this.#chosen = [...new Set([...before, file])];
    const table = (await this.tables()).find((each) => each.file === file);
    if (table === undefined || table.problem !== null) {
      this.#chosen = before;
      throw new Error(table?.problem ?? vscode.l10n.t("{0} cannot be read.", file));
    }
    return table;
  }

  /** @throws for a column of a file that was not offered */
  async column(
    column: ProjectionsRequests["column"]["params"]["column"],
  ): Promise<ProjectionsRequests["column"]["result"]> {
    if (column.kind === "table") this.#checkOffered(column);
    if (column.kind === "agreement" && column.labels !== null) this.#checkOffered(column.labels);
    return this.#session().column(column);
  }

  async writeLabels(file: string, paths: readonly string[], label: string): Promise<{ readonly rows: number }> {
    return this.#engine.request("labels/write", { file, paths, label });
  }

  /** Writes coordinates; the ending of the file chooses the format. */
  async writeLayout(target: vscode.Uri, paths: readonly string[] | null): Promise<void> {
    const { images } = await this.#engine.request("projection/export", { ...this.#about, file: target.fsPath, paths });
    this.#said(vscode.l10n.t("Coordinates of {0} images written to {1}.", images, basename(target.fsPath)));
  }

  async saveLayout(format: ProjectionsRequests["saveLayout"]["params"]["format"]): Promise<void> {
    const target = await this.#askPlace(format);
    if (target !== undefined) await this.writeLayout(target, null);
  }

  async savePicture({ format, bytes }: ProjectionsRequests["savePicture"]["params"]): Promise<void> {
    const target = await this.#askPlace(format);
    if (target === undefined) return;
    await vscode.workspace.fs.writeFile(target, bytes);
    this.#said(vscode.l10n.t("Picture written to {0}.", basename(target.fsPath)));
  }

  async #askPlace(format: string): Promise<vscode.Uri | undefined> {
    return vscode.window.showSaveDialog({
      title: vscode.l10n.t("Export the maps"),
      defaultUri: vscode.Uri.file(join(this.folder, `projections.${format}`)),
      filters: { [format.toUpperCase()]: [format] },
    });
  }

  #said(text: string): void {
    void vscode.window.showInformationMessage(text);
  }

  #offer(tables: readonly TableSummary[]): readonly TableSummary[] {
    for (const { file } of tables) this.#offered.add(file);
    return tables;
  }

  #checkOffered({ file }: TableColumn): void {
    if (!this.#offered.has(file)) throw new Error(`${file} is not one of the tables of these maps.`);
  }
}
