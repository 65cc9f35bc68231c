import { count, listed, MIN_ADAPTED, type TrainingData, type TrainingOptions } from "../../../shared/index.ts";
import { duplicatesAcross } from "./duplicates.ts";
import { readLabelledImages } from "./labelledImages.ts";
import { byLabel, type Split, splitImages } from "./split.ts";

export interface TrainingSet extends Split {
  readonly data: TrainingData;
  /** Paths of test images whose file is also a training image, byte by byte. */
  readonly identical: readonly string[];
}

/** Test queries above this number cost time and tell nothing more. */
const ENOUGH_TESTS = 10_000;
/** With fewer training images a full training found less than a head; docs/training.md has the measurements. */
const ENOUGH_FOR_FULL = 1_000;

/**
 * Reads what a training would be made of, and says what is wrong with it.
 * @throws TrainingError where the folder or the labels file cannot be read; the signal's reason where that aborts
 */
export async function readTrainingSet(options: TrainingOptions, signal?: AbortSignal): Promise<TrainingSet> {
  const { folder, labels, labelColumn } = options;
  const from = labels === null ? null : { file: labels, column: labelColumn ?? undefined };
  const { images, warnings } = await readLabelledImages(folder, from, signal);
  const { train, test } = splitImages(images, options);
  const classes = byLabel(images);
  const [trainClasses, testClasses] = [byLabel(train), byLabel(test)];
  const singletons = [...classes.values()].filter((members) => members.length === 1).length;
  const pairs = (split: ReadonlyMap<string, readonly unknown[]>) =>
    [...split.values()].filter((members) => members.length > 1).length;

  const told = [...warnings];
  if (singletons > 0 && singletons < classes.size) {
    told.push(`${count(singletons, "class")} of a single image: trained on, but not tested.`);
  }
  const shared = options.split === "class" ? [...testClasses.keys()].filter((label) => trainClasses.has(label)) : [];
  if (shared.length > 0) {
    told.push(`Classes with images in the training and in the test, so not all of the test is new: ${listed(shared)}.`);
  }
  if (test.length > ENOUGH_TESTS) {
    told.push(`${test.length} test images: every evaluation will take long. A smaller test share is enough.`);
  }
  if (options.mode === "full" && train.length > 0 && train.length < ENOUGH_FOR_FULL) {
    told.push(
      `${count(train.length, "image")} to train on: with fewer than ${ENOUGH_FOR_FULL} a full training has found less than a head, which also takes far less time. Where the validation sees no gain, the model stays as at the start.`,
    );
  }
  const given = images.some((image) => image.split !== null);
  const problem = problemOf(options, given, {
    images: images.length,
    classes: classes.size,
    pairs: pairs(classes),
    trainImages: train.length,
    trainClasses: trainClasses.size,
    trainPairs: pairs(trainClasses),
    testPairs: pairs(testClasses),
  });
  const identical = problem === null ? await duplicatesAcross(folder, { train, test }, signal) : [];
  if (identical.length > 0) told.push(`Test images that are also training images, file by file: ${listed(identical)}.`);
  return {
    train,
    test,
    identical,
    data: {
      classes: classes.size,
      images: images.length,
      singletons,
      trainClasses: trainClasses.size,
      trainImages: train.length,
      testClasses: testClasses.size,
      testImages: test.length,
      warnings: told,
      problem,
      seconds: null,
    },
  };
}

interface Counts {
  readonly images: number;
  readonly classes: number;
  /** Classes of at least two images, in all and on each side of the split. */
  readonly pairs: number;
  readonly trainImages: number;
  readonly trainClasses: number;
  readonly trainPairs: number;
  readonly testPairs: number;
}

/** @param given whether the table or the folders say what is held out */
function problemOf(
  { folder, labels, mode, split, testShare }: TrainingOptions,
  given: boolean,
  n: Counts,
): string | null {
  const where = labels === null ? folder : labels;
  if (n.images === 0) {
    return labels === null
      ? `There are no images in the folders of ${folder}. Put the images of each class in a folder of its own, or give a labels file.`
      : `No row of ${labels} matches an image of ${folder}. Paths in it are relative to that folder.`;
  }
  if (n.classes === 1) {
    return `All images of ${where} are of one class. A training needs at least two, to learn what tells them apart.`;
  }
  if (n.pairs === 0) {
    return `Every class of ${where} has a single image. A training needs classes of at least two, to learn what they share.`;
  }
  if (split === "class" && !given && n.pairs < 4 && mode !== "whiten") {
    return `${count(n.pairs, "class")} of two images or more in ${where}: holding out whole classes takes four, two to train on and two to test. Hold out images of every class instead: choose the split by image (--split image).`;
  }
  if (n.testPairs === 0) {
    return `The split leaves no class with two images for the test (test share ${testShare}). Add classes or images, or choose another share or split.`;
  }
  if (mode === "whiten") {
    return n.trainImages >= MIN_ADAPTED
      ? null
      : `${count(n.trainImages, "training image")}: adapting a model takes at least ${MIN_ADAPTED}.`;
  }
  if (n.trainClasses < 2 || n.trainPairs === 0) {
    return `The split leaves ${count(n.trainClasses, "class")} to train on, ${n.trainPairs} of them with two images. It takes two classes, one of them with two images: add classes, or choose a smaller test share.`;
  }
  return null;
}
