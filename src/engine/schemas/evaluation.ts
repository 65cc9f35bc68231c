import * as v from "valibot";
import { DATASETS, EVALUATION_PROTOCOLS, type EvaluateParams, type EvaluationRequests } from "../../shared/index.ts";
import { absolutePath, fileFilter, folderEntries, listOf, maybe, name, objectOf, run } from "./parts.ts";
import { tableColumn } from "./query.ts";
import type { Schemas } from "./schemas.ts";

export const EVALUATION_SCHEMAS: Schemas<EvaluationRequests> = {
  "folder/evaluate": objectOf<EvaluateParams>({
    ...folderEntries,
    run,
    models: listOf(name, 100),
    labels: v.nullable(tableColumn),
    protocol: v.nullable(v.picklist(EVALUATION_PROTOCOLS)),
    dataset: v.nullable(v.picklist(DATASETS)),
    boxes: v.nullable(absolutePath),
    searchedOnly: v.boolean(),
    filter: maybe(fileFilter),
  }),
  "evaluation/html": objectOf<EvaluationRequests["evaluation/html"]["params"]>({ run }),
};
