import { count, type EvaluationProtocol, TRAINING_DEFAULTS } from "../../shared/index.ts";
import { splitImages } from "../training/index.ts";
import type { Part } from "./datasets/index.ts";
import { EvaluationError } from "./errors.ts";
import type { GroundTruth } from "./groundTruth.ts";

/** Who asks and who may be found. */
export interface Roles {
  readonly protocol: EvaluationProtocol;
  /** In words. */
  readonly note: string;
  readonly queries: ReadonlySet<string>;
  readonly gallery: ReadonlySet<string>;
  /** Of Recall@K. */
  readonly ks: readonly number[];
}

const USUAL_KS = [1, 2, 4, 8];

/**
 * Chooses queries and gallery.
 * @param asked the protocol; that of the data set where absent, else `all`
 * @throws EvaluationError where the labels do not allow it
 */
export function rolesOf({ labels, parts, official }: GroundTruth, asked: EvaluationProtocol | undefined): Roles {
  const protocol = asked ?? official?.protocol ?? "all";
  const ks = official?.ks ?? USUAL_KS;
  const inPart = (...wanted: readonly Part[]) =>
    new Set([...labels.keys()].filter((path) => wanted.includes(parts.get(path)!)));
  switch (protocol) {
    case "all": {
      const all = new Set(labels.keys());
      return { protocol, note: "every labelled image queries all others", queries: all, gallery: all, ks };
    }
    case "query-gallery": {
      const [queries, gallery] = [inPart("query"), inPart("gallery")];
      if (queries.size > 0 && gallery.size > 0) {
        return {
          protocol,
          note: official?.note ?? "images of the split query search those of the split gallery",
          queries,
          gallery,
          ks,
        };
      }
      const [tests, trains] = [inPart("test", "validation"), inPart("train")];
      if (tests.size > 0 && trains.size > 0) {
        const note =
          "images of the test (and validation) search those of the training: a catalogue's own check, not unseen classes";
        return { protocol, note, queries: tests, gallery: trains, ks };
      }
      throw new EvaluationError(
        "The protocol query-gallery needs a split: a labels file with a column split that says query and gallery (or train and test), " +
          "or folders of these names above the classes.",
      );
    }
    case "by-class": {
      const tests = inPart("test", "query", "gallery");
      // A split without a test has its held-out classes in the validation.
      const held = parts.size === 0 ? heldOut(labels) : tests.size > 0 ? tests : inPart("validation");
      if (held.size === 0) {
        throw new EvaluationError(
          parts.size > 0
            ? "The split has no test images: all classes are in the training alone, and a figure on them would say nothing of new ones."
            : "No class can be held out: it takes two classes with two images each.",
        );
      }
      const note =
        official !== undefined
          ? official.note
          : parts.size > 0
            ? "test images of the given split query each other"
            : `images of ${count(classesOf(held, labels), "class")} held out by a hash of their names (those that a training with ` +
              `seed ${TRAINING_DEFAULTS.seed} holds out) query each other`;
      return { protocol, note, queries: held, gallery: held, ks };
    }
  }
}

/** The classes that a training holds out by default. */
function heldOut(labels: ReadonlyMap<string, string>): Set<string> {
  const images = [...labels].map(([path, label]) => ({ path, label, size: 0, split: null }));
  return new Set(splitImages(images, TRAINING_DEFAULTS).test.map(({ path }) => path));
}

function classesOf(paths: ReadonlySet<string>, labels: ReadonlyMap<string, string>): number {
  return new Set([...paths].map((path) => labels.get(path))).size;
}
