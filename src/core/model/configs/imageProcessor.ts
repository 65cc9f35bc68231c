import type { ResizeKernel, ResizeRule } from "../../../shared/index.ts";
import type { Triple } from "./figures.ts";
import { isObject, type Json, pixels, scaled, type TrainedWith, triple } from "./trained.ts";

/** Pillow's numbers of its kernels, which `resample` holds. Box and Hamming are 4 and 5. */
const KERNELS: readonly (ResizeKernel | undefined)[] = ["nearest", "lanczos", "bilinear", "bicubic"];

/** Processors whose `size`, given as one number, is the shorter side; for the others it is both. */
const SHORTEST = /^(CLIP|ChineseCLIP|ConvNext|Levit|Bit|PoolFormer|MobileNetV[12]|MobileViT|Pvt|LlavaNext|VideoMAE)/;

/** ConvNeXt's rule: below this size the picture is made larger by 1 / crop_pct and cut, from it on it is squashed. */
const CONVNEXT_SQUASHED_FROM = 384;

/**
 * Reads a `preprocessor_config.json` of transformers.
 * @returns undefined where it is none
 */
export function readImageProcessor(json: Json): TrainedWith | undefined {
  // Newer repositories have one file for all processors.
  const inner = json["image_processor"];
  const config = isObject(inner) ? inner : json;
  const known = ["image_mean", "size", "crop_size", "do_resize", "do_normalize", "image_processor_type"];
  if (!known.some((key) => key in config)) return undefined;
  const notes: string[] = [];
  const type = String(config["image_processor_type"] ?? config["feature_extractor_type"] ?? "");
  const kernel = kernelOf(config, notes);
  const preprocessing = figures(config, type);
  const how = config["do_resize"] === false ? undefined : resizing(config, type, notes);
  if (config["do_resize"] === false) notes.push("it does not resize; the picture is squashed to the input's size");
  return {
    ...how,
    ...(kernel === undefined ? {} : { kernel }),
    ...(preprocessing === undefined ? {} : { preprocessing }),
    notes,
  };
}

function kernelOf({ resample }: Json, notes: string[]): ResizeKernel | undefined {
  if (resample === undefined || resample === null) return undefined;
  const kernel = typeof resample === "number" ? KERNELS[resample] : undefined;
  if (kernel === undefined) notes.push(`its resample ${String(resample)} is done as bicubic`);
  return kernel ?? "bicubic";
}

/** (pixel * rescale_factor - mean) / std, in pixels of 0..255. */
function figures(config: Json, type: string): TrainedWith["preprocessing"] {
  const rescaled = config["do_rescale"] !== false;
  const factor = config["rescale_factor"];
  const unit = !rescaled ? 1 : typeof factor === "number" && factor > 0 ? 1 / factor : 255;
  const order = config["do_flip_channel_order"] === true ? "bgr" : "rgb";
  const normalised = config["do_normalize"] !== false;
  const [mean, std] = [triple(config["image_mean"]), triple(config["image_std"])];
  // A file that says "do not normalise" has said enough; one without figures has not.
  if (!normalised) return scaled([0, 0, 0], [1, 1, 1], unit, order);
  if (mean === undefined || std === undefined) return undefined;
  // EfficientNet's processor normalises by the square where the classifier is included.
  const squared = /^EfficientNet/.test(type) && config["include_top"] === true;
  const spread: Triple = squared ? [std[0] ** 2, std[1] ** 2, std[2] ** 2] : std;
  return scaled(mean, spread, unit, order);
}

interface Size {
  readonly width?: number;
  readonly height?: number;
  readonly shortest?: number;
  readonly longest?: number;
}

function sizeOf(value: unknown, type: string, cropped: boolean): Size {
  const side = pixels(value);
  if (side !== undefined) {
    const shortest = SHORTEST.test(type) || (type === "" && cropped);
    return shortest ? { shortest: side } : { width: side, height: side };
  }
  if (Array.isArray(value)) return definite({ height: pixels(value[0]), width: pixels(value[1] ?? value[0]) });
  if (!isObject(value)) return {};
  return definite({
    width: pixels(value["width"]),
    height: pixels(value["height"]),
    shortest: pixels(value["shortest_edge"]),
    longest: pixels(value["longest_edge"]),
  });
}

function definite(size: { readonly [K in keyof Size]: number | undefined }): Size {
  return Object.fromEntries(Object.entries(size).filter(([, value]) => value !== undefined));
}

/** What becomes of a picture's size. */
function resizing(config: Json, type: string, notes: string[]): Pick<TrainedWith, "width" | "height" | "resize"> {
  const cropped = config["do_center_crop"] !== false && (config["do_center_crop"] === true || "crop_size" in config);
  const size = sizeOf(config["size"], type, cropped);
  const crop = cropped ? cropOf(config["crop_size"]) : undefined;
  const pct = config["crop_pct"];
  const share = typeof pct === "number" && pct > 0 && pct <= 1 ? pct : undefined;
  if (/^ConvNext/.test(type) && size.shortest !== undefined) return convNext(size.shortest, share ?? 224 / 256);
  if (size.shortest !== undefined && size.longest === undefined) {
    const side = share === undefined ? size.shortest : Math.floor(size.shortest / share);
    const input = crop ?? square(size.shortest);
    if (crop === undefined && share === undefined) {
      notes.push("it takes pictures of any aspect ratio; their centre is cut out");
    }
    return { ...input, resize: { fit: "shortest", side, halves: "down" } };
  }
  if (size.width !== undefined && size.height !== undefined) {
    const scaled =
      share === undefined ? size : { width: Math.floor(size.width / share), height: Math.floor(size.height / share) };
    const input = crop ?? { width: size.width, height: size.height };
    if (scaled.width === input.width && scaled.height === input.height) return { ...input, resize: "squash" };
    return { ...input, resize: { fit: "squash", width: scaled.width!, height: scaled.height!, halves: "down" } };
  }
  const longest = size.longest ?? size.shortest;
  if (longest !== undefined) {
    const padded = padOf(config) ?? square(longest);
    return { ...padded, resize: { fit: "longest", fill: [0, 0, 0], place: "corner" } };
  }
  return crop === undefined ? {} : { ...crop, resize: { fit: "shortest", side: crop.height, halves: "down" } };
}

function convNext(side: number, share: number): Pick<TrainedWith, "width" | "height" | "resize"> {
  const resize: ResizeRule =
    side >= CONVNEXT_SQUASHED_FROM ? "squash" : { fit: "shortest", side: Math.floor(side / share), halves: "down" };
  return { ...square(side), resize };
}

function square(side: number): { width: number; height: number } {
  return { width: side, height: side };
}

function cropOf(value: unknown): { width: number; height: number } | undefined {
  const { width, height, shortest } = sizeOf(value, "", false);
  if (width !== undefined && height !== undefined) return { width, height };
  return shortest === undefined ? undefined : square(shortest);
}

function padOf(config: Json): { width: number; height: number } | undefined {
  return config["do_pad"] === true ? cropOf(config["pad_size"]) : undefined;
}
