import { join } from "node:path";
import { EvaluationError } from "../errors.ts";
import { halvesNote, lastTrainClass } from "./classHalves.ts";
import { boxOfCorners, type DatasetLists, type DatasetReader, type ListedImage, type PixelBox } from "./dataset.ts";
import { hasFile, readWhole } from "./listFile.ts";
import { MatFileError, type MatRecord, type MatValue, readMatFile } from "./matFile.ts";

const LAST_TRAIN_CLASS = 98;
/** All images in one file, with paths below the data set's folder. */
const ALL = "cars_annos.mat";
/** A file for the images of each folder; that of the test is distributed with and without its classes. */
const PARTS = [
  { folder: "cars_train", files: ["devkit/cars_train_annos.mat", "cars_train_annos.mat"] },
  {
    folder: "cars_test",
    files: [
      "cars_test_annos_withlabels.mat",
      "devkit/cars_test_annos_withlabels.mat",
      "devkit/cars_test_annos.mat",
      "cars_test_annos.mat",
    ],
  },
] as const;
const NAMES = ["devkit/cars_meta.mat", "cars_meta.mat"];

interface Annotation {
  readonly path: string;
  readonly number: number;
  readonly box: PixelBox | undefined;
}

/**
 * CARS196: `cars_annos.mat` with `car_ims`, or `cars_train`, `cars_test` and the devkit (Krause et al., "3D Object
 * Representations for Fine-Grained Categorization", 2013). The split of metric learning is by class, over all images.
 */
export const cars: DatasetReader = {
  title: "CARS196",
  signs: [ALL, ...PARTS.flatMap(({ files }) => files)],
  async read(root): Promise<DatasetLists> {
    const warnings: string[] = [];
    const names: string[] = [];
    const annotations: Annotation[] = [];
    if (await hasFile(root, ALL)) {
      const file = await variables(root, ALL);
      names.push(...texts(file.get("class_names")));
      annotations.push(...annotationsIn(root, ALL, file, (record) => text(record["relative_im_path"])));
    } else {
      const meta = await firstOf(root, NAMES);
      if (meta !== undefined) names.push(...texts((await variables(root, meta)).get("class_names")));
      for (const { folder, files } of PARTS) {
        const file = await firstOf(root, files);
        if (file === undefined) {
          warnings.push(`${files[0]} is not there: the images of ${folder} are left out.`);
          continue;
        }
        annotations.push(
          ...annotationsIn(root, file, await variables(root, file), (record) => `${folder}/${text(record["fname"])}`),
        );
      }
    }
    const known = annotations.filter(({ number }) => number > 0);
    if (known.length < annotations.length) {
      warnings.push(
        `Images without a class in the annotations, left out: ${annotations.length - known.length}. ` +
          "Put cars_test_annos_withlabels.mat beside the folders.",
      );
    }
    const split = lastTrainClass(
      known.map(({ number }) => number),
      LAST_TRAIN_CLASS,
    );
    const images = known.map(
      ({ path, number, box }): ListedImage => ({
        path,
        label: names[number - 1] ?? String(number),
        part: number > split.last ? "test" : "train",
        ...(box === undefined ? {} : { box }),
      }),
    );
    return { images, protocol: "by-class", note: halvesNote("CARS196", split), ks: [1, 2, 4, 8], warnings };
  },
};

async function variables(root: string, file: string): Promise<Map<string, MatValue>> {
  try {
    return readMatFile(await readWhole(root, file));
  } catch (error) {
    if (!(error instanceof MatFileError)) throw error;
    throw new EvaluationError(`${join(root, file)} cannot be read: ${error.message}.`, { cause: error });
  }
}

function annotationsIn(
  root: string,
  file: string,
  content: ReadonlyMap<string, MatValue>,
  pathOf: (record: MatRecord) => string,
): Annotation[] {
  const records = content.get("annotations");
  if (!Array.isArray(records) || !records.every((each) => typeof each === "object" && !Array.isArray(each))) {
    throw new EvaluationError(`${join(root, file)} has no struct "annotations". Is it that of CARS196?`);
  }
  return (records as readonly MatRecord[]).map((record) => ({
    path: pathOf(record),
    number: numberOf(record["class"]) ?? 0,
    box: boxOf(record),
  }));
}

/** Corners in pixels, from 1. */
function boxOf(record: MatRecord): PixelBox | undefined {
  const [x1, y1, x2, y2] = ["bbox_x1", "bbox_y1", "bbox_x2", "bbox_y2"].map((field) => numberOf(record[field]));
  if (x1 === undefined || y1 === undefined || x2 === undefined || y2 === undefined) return undefined;
  return x2 >= x1 && y2 >= y1 ? boxOfCorners(x1, y1, x2, y2) : undefined;
}

function numberOf(value: MatValue | undefined): number | undefined {
  const first = Array.isArray(value) ? value[0] : undefined;
  return typeof first === "number" ? first : undefined;
}

function text(value: MatValue | undefined): string {
  return typeof value === "string" ? value : "";
}

function texts(value: MatValue | undefined): string[] {
  return Array.isArray(value) ? value.map((each) => (typeof each === "string" ? each : "")) : [];
}

async function firstOf(root: string, files: readonly string[]): Promise<string | undefined> {
  for (const file of files) if (await hasFile(root, file)) return file;
  return undefined;
}
