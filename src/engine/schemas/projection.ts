import * as v from "valibot";
import type {
  ColumnChoice,
  LabelImagesParams,
  ProjectedModel,
  ProjectionColumnParams,
  ProjectionExportParams,
  ProjectionNeighboursParams,
  ProjectionParameters,
  ProjectionRequests,
  ProjectionRunParams,
  ProjectionTablesParams,
} from "../../shared/index.ts";
import {
  absolutePath,
  finite,
  folderEntries,
  listOf,
  maybe,
  name,
  objectOf,
  relativePath,
  run,
  text,
  whole,
} from "./parts.ts";
import { listLength, tableColumn } from "./query.ts";
import type { Schemas } from "./schemas.ts";

const parameters = objectOf<ProjectionParameters>({
  neighbours: whole(2, 200),
  minDist: finite(0, 0.99),
  seed: whole(0, 2 ** 32 - 1),
  sample: v.nullable(whole(1, Number.MAX_SAFE_INTEGER)),
  under: relativePath,
  models: maybe(
    v.pipe(
      listOf(objectOf<ProjectedModel>({ label: name, model: name, adapt: maybe(v.boolean()) }), 2),
      v.minLength(2),
    ),
  ),
});

const column: v.GenericSchema<unknown, ColumnChoice> = v.variant("kind", [
  v.object({ kind: v.literal("pixels") }),
  v.object({ kind: v.literal("modified") }),
  v.object({ kind: v.literal("moved"), one: name, other: name, k: listLength }),
  v.object({ kind: v.literal("agreement"), labels: v.nullable(tableColumn), k: listLength }),
  v.object({ kind: v.literal("table"), file: absolutePath, column: text(4096) }),
]);

export const PROJECTION_SCHEMAS: Schemas<ProjectionRequests> = {
  "projection/run": objectOf<ProjectionRunParams>({ ...folderEntries, run, parameters }),
  "projection/neighbours": objectOf<ProjectionNeighboursParams>({
    ...folderEntries,
    parameters,
    path: relativePath,
    k: listLength,
  }),
  "projection/column": objectOf<ProjectionColumnParams>({ ...folderEntries, parameters, column }),
  "projection/tables": objectOf<ProjectionTablesParams>({
    ...folderEntries,
    under: relativePath,
    files: listOf(absolutePath, 10_000),
    beside: v.boolean(),
  }),
  "projection/export": objectOf<ProjectionExportParams>({
    ...folderEntries,
    parameters,
    file: absolutePath,
    paths: v.nullable(listOf(relativePath)),
    guardFormulas: v.boolean(),
  }),
  "labels/write": objectOf<LabelImagesParams>({
    file: absolutePath,
    paths: listOf(relativePath),
    label: text(100_000),
  }),
};
