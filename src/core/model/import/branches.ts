import type { BranchSpec } from "../buildModel.ts";
import { parseDescriptors } from "../descriptors/index.ts";
import { ModelError } from "../errors.ts";
import type { Inspection } from "./inspect.ts";
import type { FeatureMapInfo, VectorInfo } from "./values.ts";

/** What a Vector branch beside a feature map takes: a value of its own, or one of the map's tokens. */
export type OwnVector = VectorInfo | { readonly token: number; readonly dim: number };

interface Asked {
  readonly branches?: readonly BranchSpec[] | undefined;
  readonly vector?: string | undefined;
  /** A text tower, whose words are to share the vector's space. */
  readonly text?: unknown;
}

interface Branches {
  readonly branches: readonly BranchSpec[];
  readonly vector: OwnVector | undefined;
}

/**
 * The branches of an import.
 * @throws ModelError where a vector is to be pooled, or a map has no vector beside it
 */
export function branchesFor(inspection: Inspection, asked: Asked): Branches {
  const { chosen: taken, file } = inspection;
  const wanted = asked.branches;
  if (!("channels" in taken)) {
    if (wanted?.some(({ kind }) => kind !== "Vector")) {
      const why = inspection.notes.length === 0 ? "" : ` (${inspection.notes.join("; ")})`;
      throw new ModelError(
        `Descriptors pool a feature map, and "${taken.tensor}" of ${file} is a vector${why}. Leave the descriptors out: it ` +
          `becomes the one branch; or name a feature map with --map${choices(inspection)} (--list shows all).`,
      );
    }
    return { branches: [{ kind: "Vector" }], vector: undefined };
  }
  const withWords = asked.text !== undefined;
  const branches = (wanted ?? parseDescriptors(withWords ? "SMG+V" : "SMG")).map((branch): BranchSpec => {
    if (branch.kind === "Vector") return { ...branch, tap: 1 };
    return { ...branch, tap: 0 };
  });
  if (branches.every(({ kind }) => kind !== "Vector")) {
    if (!withWords) return { branches, vector: undefined };
    throw new ModelError(
      `Words share the space of the network's own vector, and the descriptors leave it out. Add V for ${file}, such as SMG+V.`,
    );
  }
  if (branches.every(({ kind }) => kind === "Vector")) {
    throw new ModelError(
      `Only V is asked of ${file}, and "${taken.tensor}" is a feature map. Name the vector with --map instead.`,
    );
  }
  const vector = vectorBeside(inspection, taken, asked.vector);
  if (withWords && "token" in vector) {
    throw new ModelError(
      `${file} gives tokens only, and words share the space of its pooled output. Export the tower for images with its ` +
        "projection (image_embeds or pooler_output), or name the vector with --vector.",
    );
  }
  return { branches, vector };
}

/** Of tokens those that could be laid out would have been taken. */
function choices({ maps }: Inspection): string {
  const named = maps.filter(({ layout }) => layout !== "tokens").slice(0, 3);
  return named.length === 0 ? "" : `: ${named.map(({ tensor }) => tensor).join(", ")}`;
}

/** What a pooled output is called, the one that words can share first, and what an output of classes is. */
const SHARED = /^image_(embed|feature)/i;
const POOLED = /pool|embed|feature/i;
const CLASSES = /logit|prob|class|score|softmax|label/i;

function vectorBeside(inspection: Inspection, map: FeatureMapInfo, name: string | undefined): OwnVector {
  const { file, vectors, outputs } = inspection;
  if (name !== undefined) {
    const found = vectors.find(({ tensor }) => tensor === name);
    if (found !== undefined) return found;
    throw new ModelError(`${file} has no vector "${name}". List what it has with --list.`);
  }
  const own = vectors.filter(({ tensor }) => outputs.includes(tensor));
  const pooled =
    own.find(({ tensor }) => SHARED.test(tensor)) ??
    own.find(({ tensor }) => POOLED.test(tensor) && !CLASSES.test(tensor));
  if (pooled !== undefined) return pooled;
  // What stands before the patches begins with the class token.
  if (map.layout === "tokens" && map.first > 0) return { token: 0, dim: map.channels };
  const other = own.find(({ tensor, op }) => !CLASSES.test(tensor) && !/Softmax$/.test(op));
  if (other !== undefined) return other;
  throw new ModelError(
    `${file} has neither a class token nor an output with one vector per image. Leave V out, or name a vector with --vector.`,
  );
}
