import { ModelError } from "../errors.ts";

export type Triple = readonly [number, number, number];

/** What a network wants to be fed: (pixel - mean) / std with pixels of 0..255, per channel in the network's order. */
export interface Preprocessing {
  /** Name of the preset, or `custom`. */
  readonly name: string;
  readonly mean: Triple;
  readonly std: Triple;
  readonly order: "rgb" | "bgr";
}

export const PREPROCESSING_NAMES = ["imagenet", "0..1", "-1..1", "0..255"] as const;
export type PreprocessingName = (typeof PREPROCESSING_NAMES)[number];

const all = (x: number): Triple => [x, x, x];
const PRESETS: Readonly<Record<PreprocessingName, { mean: Triple; std: Triple }>> = {
  // torchvision's figures for 0..1, R G B.
  imagenet: { mean: [123.675, 116.28, 103.53], std: [58.395, 57.12, 57.375] },
  "0..1": { mean: all(0), std: all(255) },
  "-1..1": { mean: all(127.5), std: all(127.5) },
  "0..255": { mean: all(0), std: all(1) },
};

export function preprocessing(name: PreprocessingName, order: "rgb" | "bgr" = "rgb"): Preprocessing {
  return inOrder({ name, ...PRESETS[name], order: "rgb" }, order);
}

/** The same values for the same colours, with the channels in another order. */
export function inOrder(given: Preprocessing, order: "rgb" | "bgr"): Preprocessing {
  if (given.order === order) return given;
  const reversed = ([a, b, c]: Triple): Triple => [c, b, a];
  return { ...given, mean: reversed(given.mean), std: reversed(given.std), order };
}

/**
 * Preprocessing by figures, per channel in the network's order. They are of pixels in 0..1, as torchvision writes them;
 * where any of them is above 2, of pixels in 0..255.
 * @throws ModelError where a figure is not finite, or a std is not above 0
 */
export function customPreprocessing(mean: Triple, std: Triple, order: "rgb" | "bgr" = "rgb"): Preprocessing {
  if (![...mean, ...std].every(Number.isFinite) || !std.every((x) => x > 0)) {
    throw new ModelError("Mean and std of the preprocessing are three numbers each, and each std is above 0.");
  }
  const unit = Math.max(...mean.map(Math.abs), ...std) > 2 ? 1 : 255;
  const scale = ([a, b, c]: Triple): Triple => [a * unit, b * unit, c * unit];
  return { name: "custom", mean: scale(mean), std: scale(std), order };
}

/** Figures of a preset under its name. */
export function byPresetName(given: Preprocessing): Preprocessing {
  const same = (a: Triple, b: Triple) => a.every((x, i) => Math.abs(x - b[i]!) < 0.01);
  const rgb = inOrder(given, "rgb");
  const name = PREPROCESSING_NAMES.find(
    (each) => same(PRESETS[each].mean, rgb.mean) && same(PRESETS[each].std, rgb.std),
  );
  return name === undefined ? given : preprocessing(name, given.order);
}
