import type { ResizeRule } from "../../../shared/index.ts";
import { isObject, type Json, kernelByName, ofUnit, pixels, type TrainedWith } from "./trained.ts";

/** OpenAI's figures, which OpenCLIP takes where a file has none. */
const MEAN = [0.48145466, 0.4578275, 0.40821073];
const STD = [0.26862954, 0.26130258, 0.27577711];

/**
 * Reads `open_clip_config.json`, or a `preprocess_cfg.json` as exports of its towers have it.
 * @returns undefined where it is neither
 */
export function readOpenClip(json: Json): TrainedWith | undefined {
  const [inner, model] = [json["preprocess_cfg"], json["model_cfg"]];
  const config = isObject(inner) ? inner : json;
  if (!isObject(model) && !("mean" in config && ("interpolation" in config || "resize_mode" in config)))
    return undefined;
  const vision = isObject(model) && isObject(model["vision_cfg"]) ? model["vision_cfg"] : {};
  const preprocessing = ofUnit(config["mean"] ?? MEAN, config["std"] ?? STD);
  const kernel = kernelByName(config["interpolation"]) ?? "bicubic";
  const common = { kernel, ...(preprocessing === undefined ? {} : { preprocessing }), notes: [] };
  const size = config["size"] ?? vision["image_size"];
  const [height, width] = Array.isArray(size)
    ? [pixels(size[0]), pixels(size[1] ?? size[0])]
    : [pixels(size), pixels(size)];
  if (width === undefined || height === undefined) return common;
  return { width, height, resize: rule(config["resize_mode"], Math.min(width, height), fillOf(config)), ...common };
}

function fillOf({ fill_color: fill }: Json): readonly [number, number, number] {
  const value = typeof fill === "number" && fill >= 0 && fill <= 255 ? Math.round(fill) : 0;
  return [value, value, value];
}

function rule(mode: unknown, side: number, fill: readonly [number, number, number]): ResizeRule {
  if (mode === "squash") return "squash";
  if (mode === "longest") return { fit: "longest", fill, place: "centre" };
  return { fit: "shortest", side, halves: "even" };
}
