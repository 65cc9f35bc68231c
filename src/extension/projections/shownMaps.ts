import { basename, join } from "node:path";
import * as vscode from "vscode";
import type { ColumnChoice, ProjectionParameters, ProjectionsRequests, TableSummary } from "../../shared/index.ts";
import type { EngineClient } from "../engine/engineClient.ts";
import type { ImageTables } from "../imageTables.ts";
import { tell } from "../messages.ts";
import { openBeside } from "../pages/openBeside.ts";
import { guardsFormulas, indexSettings } from "../settings.ts";
import { writeWhole } from "../writeWhole.ts";
import type { ProjectionsSession } from "./projectionsSession.ts";

/** The maps of a panel, for what is done with them: files that are read and written, images that are opened. */
export class ShownMaps {
  readonly #engine: EngineClient;
  readonly #panel: vscode.WebviewPanel;
  readonly #session: () => ProjectionsSession;
  readonly #tables: ImageTables;

  constructor(
    engine: EngineClient,
    tables: ImageTables,
    panel: vscode.WebviewPanel,
    session: () => ProjectionsSession,
  ) {
    this.#engine = engine;
    this.#tables = tables;
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

  tables(): Promise<readonly TableSummary[]> {
    return this.#tables.of(this.folder, this.#session().parameters.under);
  }

  /** Lets the user choose a table. @throws where the file is none */
  chooseTable(): Promise<TableSummary | null> {
    return this.#tables.choose(this.folder, this.#session().parameters.under);
  }

  /** @throws for a column of a file that was not offered */
  async column(column: ColumnChoice): Promise<ProjectionsRequests["column"]["result"]> {
    await this.#tables.checkColour(this.folder, column);
    return this.#session().column(column);
  }

  /** What the folder's maps are coloured by from now on. @throws as `column` */
  async keepColour(choice: ColumnChoice | null): Promise<void> {
    await this.#tables.checkColour(this.folder, choice);
    await this.#tables.keepColour(this.folder, choice);
  }

  async writeLabels(file: string, paths: readonly string[], label: string): Promise<{ readonly rows: number }> {
    return this.#engine.request("labels/write", { file, paths, label });
  }

  /** Writes coordinates; the ending of the file chooses the format. */
  async writeLayout(target: vscode.Uri, paths: readonly string[] | null): Promise<void> {
    const about = { ...this.#about, file: target.fsPath, paths, guardFormulas: guardsFormulas() };
    const { images } = await this.#engine.request("projection/export", about);
    this.#said(vscode.l10n.t("Coordinates of {0} images written to {1}.", images, basename(target.fsPath)));
  }

  async saveLayout(format: ProjectionsRequests["saveLayout"]["params"]["format"]): Promise<void> {
    const target = await this.#askPlace(format);
    if (target !== undefined) await this.writeLayout(target, null);
  }

  async savePicture({ format, bytes }: ProjectionsRequests["savePicture"]["params"]): Promise<void> {
    const target = await this.#askPlace(format);
    if (target === undefined) return;
    await writeWhole(target, bytes);
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
    void tell(text);
  }
}
