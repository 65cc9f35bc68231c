import {
  type DescriptorKind,
  type ModelManifest,
  TRAINING_DEFAULTS,
  type TrainingOptions,
} from "../../../shared/index.ts";
import {
  buildDefaultWith,
  compactModel,
  DEFAULT_MODEL_NAME,
  parseDescriptors,
  readManifest,
  selectBranches,
} from "../../model/index.ts";
import { TrainingError } from "../data/trainingError.ts";

/**
 * The model that a training starts from: with the descriptors, their exponent and the attention that are asked for. The
 * built-in one is built anew where it differs; of another one, branches are chosen and put in order.
 * @returns the file's bytes; those that were given where nothing differs
 * @throws ModelError, TrainingError where the model cannot have them
 */
export function startModel(options: TrainingOptions, bytes: Uint8Array, file: string): Uint8Array {
  const manifest = readManifest(bytes, file);
  const { descriptors, p, attention } = options;
  const has = manifest.descriptors.map(({ kind }) => kind);
  const wanted = descriptors === null ? has : parseDescriptors(descriptors).map(({ kind }) => kind);
  const sameKinds = wanted.join() === has.join();
  const sameP =
    p === TRAINING_DEFAULTS.p || manifest.descriptors.every((branch) => !powered(branch.kind) || branch.p === p);
  const sameAttention = attention === null || manifest.descriptors.every((branch) => branch.attention === attention);
  if (sameKinds && sameP && sameAttention) return bytes;
  if (isBuiltIn(manifest)) {
    const model = buildDefaultWith(
      wanted.map((kind) => ({ kind, ...(powered(kind) ? { p } : {}), ...(attention === null ? {} : { attention }) })),
    );
    return compactModel(model, file);
  }
  if (sameP && sameAttention) return selectBranches(bytes, file, wanted);
  throw new TrainingError(
    `The model ${manifest.name} has another ${sameP ? "attention" : "exponent p"} than was asked for. Build one with it (lookalike model build), then train that one.`,
  );
}

function powered(kind: DescriptorKind): boolean {
  return kind === "GeM" || kind === "wGeM";
}

/** As it comes with the product: nothing that was learned or chosen would be lost by building it anew. */
function isBuiltIn({ name, training, precision }: ModelManifest): boolean {
  return name === DEFAULT_MODEL_NAME && training === null && precision !== "int8";
}
