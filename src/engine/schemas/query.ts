import * as v from "valibot";
import {
  type AcrossParams,
  type Box,
  type ContentParams,
  type CopiesParams,
  type DuplicatesParams,
  type ExplainParams,
  type FirstLookParams,
  type LabelSourceParams,
  type LabelsOfParams,
  type LabelsParams,
  type Mark,
  type MarksParams,
  type PairsParams,
  type PutAwayParams,
  type QueryExample,
  type QueryRequests,
  type QueryText,
  type ResultFilter,
  type SimilarParams,
  type TableColumn,
  WEIGHT_CHOICES,
  type WeightsParams,
} from "../../shared/index.ts";
import {
  absolutePath,
  fileFilter,
  finite,
  folderEntries,
  listOf,
  maybe,
  objectOf,
  relativePath,
  run,
  text,
  whole,
} from "./parts.ts";
import type { Schemas } from "./schemas.ts";

export const tableColumn = objectOf<TableColumn>({ file: absolutePath, column: text(4096) });

/** Length of a list. */
export const listLength = whole(1, 1_000_000);

/** What of a box does not go together is told where it is cut out. */
const box = objectOf<Box>({ x: finite(0, 1), y: finite(0, 1), width: finite(0, 1), height: finite(0, 1) });

const sign = v.picklist([1, -1]);
const weight = maybe(finite(0, 1e6));
/** That there are examples or words is told where the query is checked. */
const examples = listOf(objectOf<QueryExample>({ image: absolutePath, sign, box: maybe(box), weight }), 1000);
const texts = listOf(objectOf<QueryText>({ text: text(10_000), sign, weight }), 100);
const prompts = listOf(text(1000), 100);
const weights = v.record(text(300), finite(0, 1e6));
const only = objectOf<ResultFilter>({
  folder: maybe(relativePath),
  minScore: maybe(v.union([finite(-1, 1), v.literal("auto")])),
  labels: maybe(listOf(text(100_000), 100_000)),
  kinds: maybe(v.literal(true)),
});
const asked = {
  examples,
  texts: maybe(texts),
  prompts: maybe(prompts),
  weights: maybe(weights),
  only: maybe(only),
  k: listLength,
};

const { folder: _, ...place } = folderEntries;

export const QUERY_SCHEMAS: Schemas<QueryRequests> = {
  "image/similar": objectOf<SimilarParams>({ ...folderEntries, ...asked, labels: maybe(v.nullable(tableColumn)) }),
  "image/firstLook": objectOf<FirstLookParams>({
    ...folderEntries,
    ...asked,
    labels: maybe(v.nullable(tableColumn)),
    filter: maybe(fileFilter),
  }),
  "image/explain": objectOf<ExplainParams>({
    ...folderEntries,
    query: absolutePath,
    box: maybe(box),
    result: absolutePath,
  }),
  "folder/kinds": objectOf<LabelSourceParams>({ ...folderEntries, from: v.nullable(tableColumn) }),
  "folder/mark": objectOf<MarksParams>({
    ...folderEntries,
    marks: listOf(objectOf<Mark>({ query: relativePath, image: relativePath, belongs: v.boolean() }), 1000),
  }),
  "folder/pairs": objectOf<PairsParams>({ ...folderEntries, image: absolutePath }),
  "folder/weights": objectOf<WeightsParams>({
    ...folderEntries,
    choice: v.picklist(WEIGHT_CHOICES),
    labels: v.nullable(tableColumn),
  }),
  "folder/duplicates": objectOf<DuplicatesParams>({
    ...folderEntries,
    run: maybe(run),
    threshold: maybe(finite(0, 1)),
  }),
  "folder/labels": objectOf<LabelsParams>({
    ...folderEntries,
    run: maybe(run),
    k: maybe(listLength),
    labels: maybe(absolutePath),
    column: maybe(text(4096)),
  }),
  "image/similarAcross": objectOf<AcrossParams>({
    ...place,
    ...asked,
    folders: v.pipe(listOf(absolutePath, 1000), v.minLength(1)),
    names: maybe(v.record(text(16_384), text(16_384))),
    labels: maybe(v.record(text(16_384), tableColumn)),
  }),
  "image/withContent": objectOf<ContentParams>({
    ...folderEntries,
    hash: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)),
  }),
  "image/copies": objectOf<CopiesParams>({ images: listOf(absolutePath) }),
  "folder/putAway": objectOf<PutAwayParams>({ folder: absolutePath, paths: listOf(relativePath) }),
  "folder/takeBack": objectOf<Pick<PutAwayParams, "folder">>({ folder: absolutePath }),
  "labels/of": objectOf<LabelsOfParams>({
    ...folderEntries,
    from: v.nullable(tableColumn),
    paths: listOf(relativePath),
  }),
  "labels/facets": objectOf<LabelSourceParams>({ ...folderEntries, from: v.nullable(tableColumn) }),
};
