import { type BoxesAnswer, type BoxesRequest, readBoxRows } from "./boxes/index.ts";
import { writeLabels } from "./labelFile.ts";
import { ImageNames } from "./match/imageNames.ts";
import {
  type ColumnsAnswer,
  type ColumnsRequest,
  type FileSummary,
  readColumns,
  summariseColumns,
} from "./readColumns.ts";

/** Images of a folder, by which tables are known that name them without their endings. */
export interface KnownImages {
  readonly paths: readonly string[];
  readonly folder: string;
}

/** What is asked of tables; answered in a worker thread, since other people's files take their time. */
export interface TableTasks {
  boxes: { params: BoxesRequest; result: BoxesAnswer };
  columns: { params: ColumnsRequest; result: ColumnsAnswer };
  summaries: {
    params: { readonly files: readonly string[]; readonly images?: KnownImages };
    result: readonly FileSummary[];
  };
  write: {
    params: { readonly file: string; readonly paths: readonly string[]; readonly label: string };
    result: number;
  };
}
export type TableTask = keyof TableTasks;

const TASKS: { readonly [K in TableTask]: (params: TableTasks[K]["params"]) => Promise<TableTasks[K]["result"]> } = {
  boxes: readBoxRows,
  columns: readColumns,
  async summaries({ files, images }) {
    const summaries: FileSummary[] = [];
    for (const file of files) {
      const names = images === undefined ? undefined : new ImageNames(images.paths, images.folder, file);
      summaries.push(await summariseColumns(file, names));
    }
    return summaries;
  },
  write: ({ file, paths, label }) => writeLabels(file, paths, label),
};

export function runTask<K extends TableTask>(
  kind: K,
  params: TableTasks[K]["params"],
): Promise<TableTasks[K]["result"]> {
  return TASKS[kind](params);
}
