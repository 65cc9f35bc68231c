import { isAbsolute, join, relative } from "node:path";
import type { ColumnNotes, LabelFacets, Some, TableColumn, TableSummary } from "../../shared/index.ts";

/** The tables of each folder, by its absolute path. */
export type TablesOf = ReadonlyMap<string, readonly TableSummary[]>;

/**
 * Where the labels of a folder come from when several are searched: a table in the same place of it, under the same name and
 * with the same column. A table in another folder says nothing of this one: the same path would be another image there. One
 * from elsewhere is for all.
 * @returns undefined where the folder's images have no labels
 */
export function labelsIn(folder: string, chosen: TableColumn, tables: TablesOf): TableColumn | undefined {
  const home = homeOf(chosen.file, tables);
  if (home === undefined || home === folder) return chosen;
  const file = join(folder, relative(home, chosen.file));
  const own = tables.get(folder)?.find((table) => table.file === file);
  return own?.columns.includes(chosen.column) ? { file, column: chosen.column } : undefined;
}

/** What a user can choose among: of tables in the same place of several folders the first, since it stands for all. */
export function offeredTables(tables: TablesOf): TableSummary[] {
  const offered = new Map<string, TableSummary>();
  for (const table of [...tables.values()].flat()) {
    const home = homeOf(table.file, tables);
    const place = home === undefined ? table.file : relative(home, table.file);
    if (!offered.has(place)) offered.set(place, table);
  }
  return [...offered.values()];
}

function homeOf(file: string, tables: TablesOf): string | undefined {
  const above = [...tables.keys()].filter((folder) => {
    const way = relative(folder, file);
    return !way.startsWith("..") && !isAbsolute(way);
  });
  return above.sort((a, b) => b.length - a.length)[0];
}

/** Of a folder without labels. @param all counts of the same images by anything */
export function withoutLabels(all: LabelFacets): LabelFacets {
  const labelled = all.labels.reduce((sum, { images }) => sum + images, all.others.images);
  return {
    labels: [],
    others: { labels: 0, images: 0 },
    unlabelled: all.unlabelled + labelled,
    notes: null,
    split: [],
  };
}

/**
 * The labels of several folders, counted together.
 * @param all at least one
 * @param oneTable whether all of them come from the same file: its rows about one folder are unknown to the others
 */
export function joinFacets(all: readonly LabelFacets[], oneTable = false): LabelFacets {
  if (all.length === 1) return all[0]!;
  const counts = new Map<string, number>();
  for (const { labels } of all) {
    for (const { label, images } of labels) counts.set(label, (counts.get(label) ?? 0) + images);
  }
  const sum = (pick: (facets: LabelFacets) => number) => all.reduce((total, each) => total + pick(each), 0);
  const notes = all.flatMap((each) => each.notes ?? []);
  return {
    labels: [...counts]
      .map(([label, images]) => ({ label, images }))
      .sort((a, b) => b.images - a.images || (a.label < b.label ? -1 : 1)),
    others: { labels: sum(({ others }) => others.labels), images: sum(({ others }) => others.images) },
    unlabelled: sum(({ unlabelled }) => unlabelled),
    notes: notes.length === 0 ? null : notes.reduce((a, b) => joinNotes(a, b, oneTable)),
    split: [...new Set(all.flatMap(({ split }) => split))].sort(),
  };
}

function joinNotes(a: ColumnNotes, b: ColumnNotes, oneTable: boolean): ColumnNotes {
  return {
    images: a.images + b.images,
    matched: a.matched + b.matched,
    unknown: oneTable ? { count: 0, first: [] } : joined(a.unknown, b.unknown),
    ambiguous: oneTable ? { count: 0, first: [] } : joined(a.ambiguous, b.ambiguous),
    assumed: {
      letters: a.assumed.letters + b.assumed.letters,
      name: a.assumed.name + b.assumed.name,
      stem: a.assumed.stem + b.assumed.stem,
      end: a.assumed.end + b.assumed.end,
    },
    repeated: a.repeated + b.repeated,
    contradictory: joined(a.contradictory, b.contradictory),
    oddLines: oneTable ? a.oddLines : joined(a.oddLines, b.oddLines),
    windows1252: a.windows1252 || b.windows1252,
    taken: {
      column: a.taken.column ?? b.taken.column,
      images: a.taken.images ?? b.taken.images,
      firstOf: [...new Set([...a.taken.firstOf, ...b.taken.firstOf])],
    },
  };
}

function joined<T>(a: Some<T>, b: Some<T>): Some<T> {
  const named = Math.max(a.first.length, b.first.length);
  return { count: a.count + b.count, first: [...a.first, ...b.first].slice(0, named) };
}
