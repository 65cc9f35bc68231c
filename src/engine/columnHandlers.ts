import { join } from "node:path";
import type { CancellationToken } from "vscode-jsonrpc/node";
import {
  COMBINED,
  type ColumnChoice,
  type FolderParams,
  folderLabel,
  folderRule,
  type Handlers,
  type ProjectionColumnParams,
  type ProjectionColumnResult,
  type ProjectionRequests,
} from "../shared/index.ts";
import { cancellable } from "./cancellable.ts";
import type { Folders } from "./folders.ts";
import type { HeldProjection, Projection } from "./heldProjection.ts";

type ColumnRequests = Pick<
  ProjectionRequests,
  "projection/column" | "projection/tables" | "projection/export" | "labels/write"
>;

/** What the engine answers about the values of images: to colour maps by, and to write down. */
export function columnHandlers(folders: Folders, held: HeldProjection): Handlers<ColumnRequests, CancellationToken> {
  return {
    "projection/column": (params, token) =>
      cancellable(token, "Reading the values was cancelled.", async (signal) => {
        const projection = await held.get(params);
        return columnOf(folders, params, projection, params.column, signal);
      }),

    "projection/tables": (params, token) =>
      cancellable(token, "Looking for tables was cancelled.", async (signal) => {
        const { folder, under, files, beside } = params;
        const { findTables, summariseTables } = await folders.core();
        const images = async () => ({ paths: await (await folders.get(params)).source().paths(), folder });
        const chosen = await summariseTables(files, { images, signal });
        // Nobody asked for the tables of a folder without trust.
        const found = beside ? await findTables([folder, join(folder, under)], { images, signal }) : [];
        return [...chosen, ...found.filter(({ file }) => !files.includes(file))];
      }),

    "projection/export": async (params) => {
      const core = await folders.core();
      core.layoutFormat(params.file);
      const projection = await held.get(params);
      const rows = params.paths === null ? [...projection.paths.keys()] : rowsOf(projection, params.paths);
      await core.writeLayout(projection, [...projection.maps.keys()], params.file, rows, params.guardFormulas);
      return { images: rows.length };
    },

    "labels/write": async ({ file, paths, label }) => ({
      rows: await (await folders.core()).writeLabelFile(file, paths, label),
    }),
  };
}

async function columnOf(
  folders: Folders,
  params: ProjectionColumnParams,
  projection: Projection,
  choice: ColumnChoice,
  signal: AbortSignal,
): Promise<ProjectionColumnResult> {
  const core = await folders.core();
  const { paths } = projection;
  const number = (
    unit: "date" | "share" | "pixels",
    values: Float64Array,
    byMap: Record<string, Float64Array> | null = null,
  ) => ({ column: { kind: "number", unit, values, byMap } as const, notes: null });
  switch (choice.kind) {
    case "pixels":
    case "modified": {
      const facts = await (await folders.get(params)).facts(paths, signal);
      return choice.kind === "pixels" ? number("pixels", facts.pixels) : number("date", facts.modified);
    }
    case "moved":
      return number("share", Float64Array.from(core.moved(projection, choice.one, choice.other, choice.k)));
    case "table":
      return core.readImageColumn(choice.file, choice.column, paths, params.folder, signal);
    case "agreement": {
      const { labels, notes } =
        choice.labels === null
          ? { labels: core.categories(await foldersOf(folders, params, paths)), notes: null }
          : await core.readImageLabels(choice.labels.file, choice.labels.column, paths, params.folder, signal);
      const byMap = Object.fromEntries(
        [...projection.tables.keys()].map((name) => [
          name,
          core.labelAgreement(projection, name, labels.codes, choice.k),
        ]),
      );
      return { ...number("share", byMap[COMBINED]!, byMap), notes };
    }
  }
}

/** The folder of each image, as a label; "/" is the indexed one. */
async function foldersOf(folders: Folders, params: FolderParams, paths: readonly string[]): Promise<string[]> {
  // A map may show a part of the images, but what is a split is seen in all of them.
  const rule = folderRule(await (await folders.get(params)).source().paths());
  return paths.map((path) => folderLabel(path, rule) || "/");
}

function rowsOf({ paths }: Projection, wanted: readonly string[]): number[] {
  const rows = new Map(paths.map((path, row) => [path, row]));
  return wanted.flatMap((path) => rows.get(path) ?? []);
}
