import { basename } from "node:path";
import * as v from "valibot";
import * as vscode from "vscode";
import type { SavedQuery } from "../../shared/index.ts";
import { askLine, tell } from "../messages.ts";
import { SavedQuerySchema } from "./pageMessages.ts";
import { wordsTitle } from "./query.ts";

const KEY = "lookalike.queries";
const Schema = v.record(v.string(), SavedQuerySchema);

/** Queries under names of the user's, kept with the workspace. */
export class SavedQueries {
  readonly #memento: vscode.Memento;

  constructor(memento: vscode.Memento) {
    this.#memento = memento;
  }

  /** By name; what cannot be read is left out. */
  all(): Readonly<Record<string, SavedQuery>> {
    const parsed = v.safeParse(Schema, this.#memento.get(KEY, {}));
    return parsed.success ? parsed.output : {};
  }

  /** Asks for a name and keeps the query under it. @returns the name; undefined where the user gave none */
  async save(query: SavedQuery, proposal: string): Promise<string | undefined> {
    const t = vscode.l10n.t;
    const name = await askLine({
      ignoreFocusOut: true,
      title: t("Save query as"),
      value: proposal,
      validateInput: (text) => (text.trim() === "" ? t("A query needs a name.") : undefined),
    });
    if (name === undefined) return undefined;
    await this.#memento.update(KEY, { ...this.all(), [name.trim()]: query });
    return name.trim();
  }

  /** Lets the user choose a query, or delete some. @returns undefined where none was chosen */
  async pick(): Promise<SavedQuery | undefined> {
    const t = vscode.l10n.t;
    if (Object.keys(this.all()).length === 0) {
      void tell(t("Lookalike: no query is saved yet. Save one with the bookmark button of the similar panel."));
      return undefined;
    }
    const remove: vscode.QuickInputButton = { iconPath: new vscode.ThemeIcon("trash"), tooltip: t("Delete") };
    const picker = vscode.window.createQuickPick<vscode.QuickPickItem & { query: SavedQuery }>();
    const show = () => {
      picker.items = Object.entries(this.all()).map(([label, query]) => ({
        label,
        description: query.across ? t("All folders") : basename(query.folder),
        detail: [
          ...query.examples.map(({ image, sign }) => `${sign < 0 ? "−" : ""}${basename(image)}`),
          ...(query.texts ?? []).map((text) => wordsTitle([text])),
        ].join(", "),
        buttons: [remove],
        query,
      }));
    };
    show();
    picker.title = t("Saved queries");
    picker.placeholder = t("Query to open");
    return new Promise((resolve) => {
      picker.onDidTriggerItemButton(async ({ item }) => {
        const { [item.label]: _, ...kept } = this.all();
        await this.#memento.update(KEY, kept);
        show();
      });
      picker.onDidAccept(() => {
        resolve(picker.selectedItems[0]?.query);
        picker.hide();
      });
      picker.onDidHide(() => {
        resolve(undefined);
        picker.dispose();
      });
      picker.show();
    });
  }
}
