import type { ResizeKernel, ResizeRule } from "../../../shared/index.ts";
import type { Preprocessing, Triple } from "./figures.ts";

/** How a network was fed while it was trained, as far as a file beside it says. Sizes are of the network's input. */
export interface TrainedWith {
  readonly width?: number;
  readonly height?: number;
  readonly resize?: ResizeRule;
  readonly kernel?: ResizeKernel;
  readonly preprocessing?: Preprocessing;
  readonly licence?: string;
  /** What of the file is not followed, for people. */
  readonly notes: readonly string[];
}

export type Json = Readonly<Record<string, unknown>>;

export function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A whole number of pixels. */
export function pixels(value: unknown): number | undefined {
  return typeof value === "number" && Number.isInteger(value) && value >= 8 && value <= 4096 ? value : undefined;
}

/** Three finite numbers, or one for all. */
export function triple(value: unknown): Triple | undefined {
  const all = Array.isArray(value) ? (value as unknown[]) : [value, value, value];
  const [a, b, c] = all.length === 1 ? [all[0], all[0], all[0]] : all;
  const given = [a, b, c];
  if (all.length > 3 || !given.every((x): x is number => typeof x === "number" && Number.isFinite(x))) return undefined;
  return given as unknown as Triple;
}

/** Mean and std of pixels in 0..1, as nearly all files write them. */
export function ofUnit(mean: unknown, std: unknown): Preprocessing | undefined {
  const [m, s] = [triple(mean), triple(std)];
  return m === undefined || s === undefined ? undefined : scaled(m, s, 255, "rgb");
}

/** @param unit what a pixel of 255 is in the units of mean and std, turned round: 255 for 0..1 */
export function scaled(mean: Triple, std: Triple, unit: number, order: "rgb" | "bgr"): Preprocessing | undefined {
  if (!std.every((x) => x > 0)) return undefined;
  const times = ([a, b, c]: Triple): Triple => [a * unit, b * unit, c * unit];
  return { name: "as trained", mean: times(mean), std: times(std), order };
}

const INTERPOLATIONS: Readonly<Record<string, ResizeKernel>> = {
  nearest: "nearest",
  bilinear: "bilinear",
  bicubic: "bicubic",
  lanczos: "lanczos",
  lanczos3: "lanczos",
};

/** A kernel by its name, as timm and OpenCLIP write it. `random` is a training's: bicubic is what it is tested with. */
export function kernelByName(value: unknown): ResizeKernel | undefined {
  if (value === "random") return "bicubic";
  return typeof value === "string" ? INTERPOLATIONS[value.toLowerCase()] : undefined;
}
