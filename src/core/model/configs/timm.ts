import type { ResizeRule } from "../../../shared/index.ts";
import { isObject, type Json, kernelByName, ofUnit, pixels, type TrainedWith } from "./trained.ts";

/** What timm takes where a network's file does not say. */
const DEFAULT_CROP_PCT = 0.875;

/**
 * Reads timm's `config.json`: `pretrained_cfg`, or the same fields at the top in older files.
 * @returns undefined where it is none
 */
export function readTimm(json: Json): TrainedWith | undefined {
  const inner = json["pretrained_cfg"];
  const config = isObject(inner) ? inner : json;
  const size = config["input_size"];
  const preprocessing = ofUnit(config["mean"], config["std"]);
  if (!Array.isArray(size) || size.length !== 3 || preprocessing === undefined) return undefined;
  const [height, width] = [pixels(size[1]), pixels(size[2])];
  const kernel = kernelByName(config["interpolation"]) ?? "bicubic";
  const licence = config["license"];
  const common = { kernel, preprocessing, notes: [], ...(typeof licence === "string" ? { licence } : {}) };
  if (width === undefined || height === undefined) return common;
  const pct = config["crop_pct"];
  const share = typeof pct === "number" && pct > 0 && pct <= 1 ? pct : DEFAULT_CROP_PCT;
  return { width, height, resize: rule(config["crop_mode"], width, height, share), ...common };
}

/** timm's transforms_factory: `center` (the default), `squash`, or `border`. */
function rule(mode: unknown, width: number, height: number, share: number): ResizeRule {
  const scaled = { width: Math.floor(width / share), height: Math.floor(height / share) };
  if (mode === "squash") {
    return share === 1 ? "squash" : { fit: "squash", ...scaled, halves: "even" };
  }
  if (mode === "border") return { fit: "longest", fill: [0, 0, 0], place: "centre" };
  return { fit: "shortest", side: Math.min(scaled.width, scaled.height), halves: "even" };
}
