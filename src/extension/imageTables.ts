import * as v from "valibot";
import type { ColumnChoice, TableColumn, TableSummary } from "../shared/index.ts";
import { columnChoice, labelSource } from "./pages/tableMessages.ts";

/** In VS Code's memory of the workspace. */
const KEY = "lookalike.tables";

const Remembered = v.record(
  v.string(),
  v.object({
    chosen: v.optional(v.array(v.string()), []),
    labels: v.optional(labelSource, null),
    boxes: v.optional(v.nullable(v.string()), null),
    colour: v.optional(v.nullable(columnChoice), null),
  }),
);
type RememberedFolder = v.InferOutput<typeof Remembered>[string];

const NOTHING: RememberedFolder = { chosen: [], labels: null, boxes: null, colour: null };

/** As VS Code gives it. */
interface Memento {
  get(key: string): unknown;
  update(key: string, value: unknown): PromiseLike<void>;
}

export interface TablesHost {
  /** Tables beside the images of a folder, or of a part of it, and those files, which come first. */
  tables(folder: string, under: string, files: readonly string[]): Promise<readonly TableSummary[]>;
  /** Lets the user choose a file. */
  ask(folder: string): Promise<string | undefined>;
  /** The same for a file with boxes of objects. */
  askBoxes(folder: string): Promise<string | undefined>;
  texts: {
    unreadable(file: string): string;
    notOffered(file: string): string;
  };
}

/**
 * The tables of this window's folders: those beside the images, and those that a user chose by hand, which the workspace
 * remembers, as it does what labels and colours were made of. Pages may name no other file.
 */
export class ImageTables {
  readonly #host: TablesHost;
  readonly #memento: Memento;
  /** By folder, as they were last found. */
  readonly #known = new Map<string, readonly TableSummary[]>();
  readonly #offered = new Set<string>();

  constructor(host: TablesHost, memento: Memento) {
    this.#host = host;
    this.#memento = memento;
  }

  /** Looks for the tables of a folder. @param under part of it, relative with `/`, whose tables are looked for as well */
  async of(folder: string, under = ""): Promise<readonly TableSummary[]> {
    const tables = await this.#host.tables(folder, under, this.#remembered(folder).chosen);
    for (const { file } of tables) this.#offered.add(file);
    this.#known.set(folder, tables);
    return tables;
  }

  /** Those that were found before, else as `of`. */
  async known(folder: string): Promise<readonly TableSummary[]> {
    return this.#known.get(folder) ?? this.of(folder);
  }

  /** Lets the user choose a table, and remembers it for the folder; null where none was. @throws where the file is none */
  async choose(folder: string, under = ""): Promise<TableSummary | null> {
    const file = await this.#host.ask(folder);
    if (file === undefined) return null;
    const before = this.#remembered(folder);
    await this.#remember(folder, { chosen: [...new Set([...before.chosen, file])] });
    const table = (await this.of(folder, under)).find((each) => each.file === file);
    if (table !== undefined && table.problem === null) return table;
    await this.#remember(folder, { chosen: before.chosen });
    throw new Error(table?.problem ?? this.#host.texts.unreadable(file));
  }

  /** @throws where a file is neither beside the images of one of the folders nor was chosen for it */
  async check(folders: readonly string[], file: string): Promise<void> {
    for (const folder of folders) {
      if (this.#offered.has(file)) return;
      const { chosen, labels, colour } = this.#remembered(folder);
      // What was used before is told of by whoever reads it, where it is gone by now.
      if ([...chosen, labels?.file, ...filesOf(colour)].includes(file)) return;
      await this.of(folder);
    }
    if (!this.#offered.has(file)) throw new Error(this.#host.texts.notOffered(file));
  }

  /** @throws as `check`, for whatever tables a choice names */
  async checkColour(folder: string, choice: ColumnChoice | null): Promise<void> {
    for (const file of filesOf(choice)) await this.check([folder], file);
  }

  /** What labels of the folder were last taken from; null is the name of a folder. */
  labels(folder: string): TableColumn | null {
    return this.#remembered(folder).labels;
  }

  async keepLabels(folder: string, labels: TableColumn | null): Promise<void> {
    await this.#remember(folder, { labels });
  }

  /** Lets the user choose a file with boxes of objects, and remembers it for the folder; null where none was. */
  async chooseBoxes(folder: string): Promise<string | null> {
    const file = await this.#host.askBoxes(folder);
    if (file === undefined) return null;
    await this.keepBoxes(folder, file);
    return file;
  }

  /** Where boxes of objects in the folder's images were last taken from. */
  boxes(folder: string): string | null {
    return this.#remembered(folder).boxes;
  }

  async keepBoxes(folder: string, boxes: string | null): Promise<void> {
    await this.#remember(folder, { boxes });
  }

  /** @throws where it is another file than the one that was chosen for the folder */
  checkBoxes(folder: string, file: string | null): void {
    if (file !== null && file !== this.boxes(folder)) throw new Error(this.#host.texts.notOffered(file));
  }

  /** What the maps of the folder were last coloured by; null is the folder. */
  colour(folder: string): ColumnChoice | null {
    return this.#remembered(folder).colour;
  }

  async keepColour(folder: string, colour: ColumnChoice | null): Promise<void> {
    await this.#remember(folder, { colour });
  }

  #all(): Readonly<Record<string, RememberedFolder>> {
    const parsed = v.safeParse(Remembered, this.#memento.get(KEY) ?? {});
    return parsed.success ? parsed.output : {};
  }

  #remembered(folder: string): RememberedFolder {
    return this.#all()[folder] ?? NOTHING;
  }

  async #remember(folder: string, change: Partial<RememberedFolder>): Promise<void> {
    await this.#memento.update(KEY, { ...this.#all(), [folder]: { ...this.#remembered(folder), ...change } });
  }
}

function filesOf(choice: ColumnChoice | null): string[] {
  if (choice?.kind === "table") return [choice.file];
  return choice?.kind === "agreement" && choice.labels !== null ? [choice.labels.file] : [];
}
