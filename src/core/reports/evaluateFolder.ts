import { basename, resolve } from "node:path";
import {
  count,
  DATASET_TITLES,
  type EvaluatedModel,
  type EvaluationReport,
  equalMixAmong,
  evaluatedName,
  figureNote,
  hasFigure,
  type ModelState,
} from "../../shared/index.ts";
import { differencesOf, type RankingFigures } from "../evaluation/index.ts";
import { FolderIndex } from "../folder/index.ts";
import { findImages } from "../images/index.ts";
import type { EmbedderPool } from "../runtime/index.ts";
import { readBoxes } from "./boxes.ts";
import { copiesAmong, NO_COPIES, onePerPicture } from "./copies.ts";
import { EvaluationError } from "./errors.ts";
import { evaluateIndex } from "./evaluateIndex.ts";
import { type GroundTruth, readTruth } from "./groundTruth.ts";
import { stateOf } from "./modelState.ts";
import type { Basis, EvaluateOptions } from "./options.ts";
import { type Roles, rolesOf } from "./protocol.ts";

/** What the report of one model is made from. */
interface Entry {
  readonly model: EvaluatedModel;
  readonly figures: RankingFigures | null;
  /** Paths of its queries. */
  readonly queries: readonly string[];
  /** How many more have nothing to find. */
  readonly lone: number;
  /** Images to find among, of those that have an embedding, and their classes. */
  readonly gallery: number;
  readonly classes: number;
}

/**
 * Evaluates what models find in a folder, each in the state that the folder is searched with, and as it is where that is
 * another one. What a model has not embedded yet is embedded; the first model's index only where it is empty.
 * @param models files, the one that the folder is searched with first
 * @param pool where they are loaded
 * @throws EvaluationError where there are no labels, or not those that the protocol needs; the signal's reason
 */
export async function evaluateFolder(
  folder: string,
  models: readonly string[],
  pool: EmbedderPool,
  options: EvaluateOptions = {},
): Promise<EvaluationReport> {
  const warnings: string[] = [];
  const entries: Entry[] = [];
  let basis: Basis | undefined;
  for (const [i, file] of models.entries()) {
    const evaluate = async (adapt: boolean, searched: boolean): Promise<ModelState> => {
      const { location, warn } = options;
      const index = await FolderIndex.open(folder, pool, file, {
        location,
        adapt,
        form: options.form,
        ...(warn === undefined ? {} : { warn }),
      });
      try {
        await bringUp(index, searched && i === 0, options);
        basis ??= await basisOf(index, options, warnings);
        const state = stateOf(index.manifest);
        const known = (await index.status()).model.fingerprint;
        if (entries.some(({ model }) => model.fingerprint === known)) return state;
        entries.push(await evaluateIndex(index, state, basis, options, (message) => warnings.push(message)));
        return state;
      } finally {
        await index.close();
      }
    };
    const state = await evaluate(options.adapt ?? true, true);
    if (state === "adapted" && !options.searchedOnly) await evaluate(false, false);
  }
  return reportOf(resolve(folder), basis!, entries, warnings, options);
}

async function bringUp(index: FolderIndex, leave: boolean, options: EvaluateOptions): Promise<void> {
  const { indexed, model } = await index.status();
  // What is searched is evaluated as it is; only where there is nothing yet it is made.
  if (leave && indexed > 0) return;
  await index.update({
    filter: options.filter,
    signal: options.signal,
    onProgress: ({ done, total }) => options.onProgress?.({ step: "embedding", model: model.name, done, total }),
  });
}

async function basisOf(index: FolderIndex, options: EvaluateOptions, warnings: string[]): Promise<Basis> {
  const source = index.source();
  const paths = [...(await source.paths())].sort();
  const truth = await withBoxes(await readTruth(index.folder, paths, options), index, paths, options);
  const roles = chosenRoles(truth, options);
  warnings.push(...truth.warnings, ...(await behind(index.folder, paths, options)));
  const copies = options.copies === false ? NO_COPIES : await copiesAmong(index, roles, truth, options);
  const apart = onePerPicture(roles, truth, copies);
  if (apart === undefined) return { truth, roles, paths, copies };
  warnings.push(apart.warning);
  return { truth, roles: apart.roles, paths, copies: { ...copies, groupOf: new Map() } };
}

/** Where the labels allow no roles, what was left out of them may be why. */
function chosenRoles(truth: GroundTruth, { protocol }: EvaluateOptions): Roles {
  try {
    return rolesOf(truth, protocol);
  } catch (error) {
    if (!(error instanceof EvaluationError)) throw error;
    throw new EvaluationError([error.message, ...truth.warnings].join(" "));
  }
}

async function withBoxes(
  truth: GroundTruth,
  index: FolderIndex,
  paths: readonly string[],
  { boxes: file, cropped, signal }: EvaluateOptions,
): Promise<GroundTruth> {
  if (file === undefined) {
    if (cropped && truth.boxes.size === 0) {
      throw new EvaluationError(
        "There are no boxes to crop images to. Give a file with --boxes, or a data set that has them.",
      );
    }
    return truth;
  }
  const { boxes, warnings } = await readBoxes(file, paths, index.folder, truth.labels, index.source(), signal);
  const instead =
    truth.boxes.size === 0 ? [] : [`The boxes are those of ${basename(file)}, not those of the data set.`];
  return { ...truth, boxes, warnings: [...truth.warnings, ...warnings, ...instead] };
}

/** Where an index is behind its folder, its figures are of what it holds. */
async function behind(
  folder: string,
  paths: readonly string[],
  { signal, filter }: Pick<EvaluateOptions, "signal" | "filter">,
): Promise<string[]> {
  const { images } = await findImages(folder, { signal, filter });
  const [known, there] = [new Set(paths), new Set(images.map(({ path }) => path))];
  const added = images.filter(({ path }) => !known.has(path)).length;
  const gone = paths.filter((path) => !there.has(path)).length;
  if (added + gone === 0) return [];
  return [
    `The index is not as the folder: ${count(added, "image")} not in it (new, damaged or left out by a filter), ${gone} of it gone. ` +
      "The figures are of what is indexed.",
  ];
}

function reportOf(
  folder: string,
  { truth, roles, copies }: Basis,
  entries: readonly Entry[],
  warnings: readonly string[],
  {
    dataset = null,
    cropped = false,
    boxes,
  }: Pick<EvaluateOptions, "cropped" | "boxes"> & { readonly dataset?: EvaluationReport["dataset"] | undefined },
): EvaluationReport {
  const first = entries[0]!;
  const { gallery, classes } = first;
  const basis = { queries: first.queries.length, classes };
  return {
    folder,
    protocol: roles.protocol,
    protocolNote: roles.note,
    dataset,
    cropped,
    boxes:
      truth.boxes.size === 0
        ? null
        : { from: boxes === undefined ? DATASET_TITLES[dataset!] : basename(boxes), images: truth.boxes.size },
    queries: first.queries.length,
    excluded: first.lone,
    gallery,
    classes,
    note: figureNote(basis),
    warnings,
    copies: copies.told,
    contradictions: copies.contradictions,
    models: entries.map(({ model }) => model),
    modelDifferences: hasFigure(basis) ? entries.slice(1).flatMap((other) => against(first, other)) : [],
  };
}

/** Of all branches that count the same, where both answered the same queries: weights belong to one model's index. */
function against(first: Entry, other: Entry): EvaluationReport["modelDifferences"] {
  if (first.figures === null || other.figures === null) return [];
  if (first.queries.length !== other.queries.length || first.queries.some((path, i) => path !== other.queries[i]))
    return [];
  const [a, b] = [evaluatedName(first.model), evaluatedName(other.model)];
  const mixOf = ({ model }: Entry) => equalMixAmong(Object.keys(model.descriptors));
  return differencesOf(first.figures, mixOf(first), other.figures, mixOf(other), { a, b });
}
