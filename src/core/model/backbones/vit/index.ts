import type { Tap } from "../../../../shared/index.ts";
import { resizedInput } from "../../../images/index.ts";
import { type Json, readConfigs, type TrainedWith } from "../../configs/index.ts";
import { ModelError } from "../../errors.ts";
import type { Safetensors } from "../../safetensors.ts";
import { readWeightsOrigin } from "../../weightsOrigin.ts";
import type { BackboneSource } from "../backbone.ts";
import { type VitNames, vitNames } from "./names.ts";
import { type GridSize, resizePositions, rotaryPositions } from "./positions.ts";
import { VitTensors } from "./tensors.ts";
import { type Activation, type VitShape, VitWriter } from "./writeVit.ts";

/** What can be pooled: the patches' tokens, and what the network gives for the whole picture, for a Vector. */
export const VIT_TAPS = ["tokens", "vector"] as const;

export interface VitOptions {
  readonly taps?: readonly string[];
  /** Side of the input in pixels; what the files beside the weights say, or what their positions fit, where absent. */
  readonly inputSize?: number;
}

type Family = VitNames["family"];

/** As the libraries have them where no `config.json` says otherwise. */
const EPSILON: Readonly<Record<Family, number>> = { dinov2: 1e-6, dinov3: 1e-5, vit: 1e-6, clip: 1e-5, siglip: 1e-6 };
const IMAGENET = { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] };
const HALF = { mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] };
const CLIP = { mean: [0.48145466, 0.4578275, 0.40821073], std: [0.26862954, 0.26130258, 0.27577711] };
const FIGURES: Readonly<Record<Family, typeof HALF>> = {
  dinov2: IMAGENET,
  dinov3: IMAGENET,
  vit: HALF,
  clip: CLIP,
  siglip: HALF,
};

/** Values of a head where nothing says how many heads there are: nearly all transformers have it. */
const HEAD_SIZE = 64;
const ROPE_BASE = 100;

/** Whether a file holds a vision transformer of the kinds that can be written. */
export function isVit(weights: Safetensors): boolean {
  return vitNames(weights.names) !== undefined;
}

/**
 * The vision transformer of a safetensors file in the names of transformers or timm: ViT, DeiT, DINOv2 with and without
 * registers, DINOv3, the towers for images of CLIP and SigLIP. What its tensors do not say (heads, activation, sizes, how
 * pictures are fed) is read from the files beside it. Positions of another size are interpolated.
 * @throws ModelError where the file cannot be used, or for a tap that does not exist
 */
export function vit(
  weights: Safetensors,
  file: string,
  { taps = ["tokens"], inputSize }: VitOptions = {},
): BackboneSource {
  const names = vitNames(weights.names);
  if (names === undefined) throw new ModelError(`${file} holds no vision transformer that is known here.`);
  const unknown = taps.find((tap) => !VIT_TAPS.some((known) => known === tap));
  if (unknown !== undefined) {
    throw new ModelError(`A vision transformer has no tap ${unknown}; its taps are ${VIT_TAPS.join(", ")}.`);
  }
  const tensors = new VitTensors(weights, file);
  const { trained, network } = readConfigs(file);
  const shape = shapeOf(names, tensors, file, { network, trained, inputSize });
  const { dim, grid, patch } = shape;
  const size = { width: grid.width * patch.width, height: grid.height * patch.height };
  const name = nameOf(names, shape);
  const origin = readWeightsOrigin(file, weights.sha256);
  const licence = origin.licence === "unknown" ? (trained.licence ?? origin.licence) : origin.licence;
  if (taps.includes("vector") && names.pool === undefined && shape.before.length === 0) {
    throw new ModelError(`${file} has neither a class token nor a pooling of its own. Leave V out.`);
  }
  const tapOf = (tap: string): Tap => {
    if (tap === "tokens") return { name: tap, channels: dim, ...grid };
    const channels = names.projection === undefined ? dim : tensors.shape(`${names.projection}.weight`)[0]!;
    return { name: tap, channels, height: 1, width: 1 };
  };
  return {
    backbone: { name, lastDownsampling: "kept", taps: taps.map(tapOf) },
    weights: { ...origin, licence },
    inputSize: size.width,
    inputHeight: size.height,
    resizing: resizingOf(trained, size),
    signed: true,
    addTo(graph, pixels) {
      const { mean, std } = trained.preprocessing ?? scaledFigures(names.family);
      const perChannel = (values: readonly number[]) => graph.floats(Float32Array.from(values), [1, 3, 1, 1]);
      const centred = graph.op("Sub", [pixels, perChannel(mean)]);
      const writer = new VitWriter(graph, tensors, names, shape);
      const tokens = writer.tokens(graph.op("Div", [centred, perChannel(std)]));
      const outputs = taps.map((tap) => (tap === "tokens" ? writer.map(tokens) : writer.vector(tokens)));
      tensors.refuseOthers(new RegExp(`${names.ignored.source}|${UNPOOLED}`));
      return outputs;
    },
  };
}

/** What belongs to the vector alone, where it is not asked for. */
const UNPOOLED =
  "(vision_model\\.(head\\..*|post_layernorm\\.(weight|bias))|visual_projection\\.weight|attn_pool\\..*|embeddings\\.position_embeddings|pos_embed)$";

function scaledFigures(family: Family): { mean: readonly number[]; std: readonly number[] } {
  const { mean, std } = FIGURES[family];
  return { mean: mean.map((x) => x * 255), std: std.map((x) => x * 255) };
}

function resizingOf(
  trained: TrainedWith,
  { width, height }: { width: number; height: number },
): BackboneSource["resizing"] {
  const { resize, kernel } = resizedInput(
    {
      width: trained.width ?? width,
      height: trained.height ?? height,
      resize: trained.resize ?? "squash",
      kernel: trained.kernel ?? "bicubic",
      background: [255, 255, 255],
    },
    width,
    height,
  );
  return { resize, ...(kernel === undefined ? {} : { kernel }) };
}

interface Said {
  readonly network: Json;
  readonly trained: TrainedWith;
  readonly inputSize: number | undefined;
}

function shapeOf(names: VitNames, tensors: VitTensors, file: string, said: Said): VitShape {
  const [dim = 0, channels, height = 0, width = 0] = tensors.shape(`${names.patch}.weight`);
  if (channels !== 3 || height < 2 || width < 2) {
    throw new ModelError(`The patches of ${file} are no convolution over colour images. Take other weights.`);
  }
  let depth = 0;
  while (tensors.has(`${names.block(depth).norm1}.weight`)) depth++;
  const heads = countOf(said.network["num_attention_heads"]) ?? Math.max(1, Math.round(dim / HEAD_SIZE));
  if (dim % heads !== 0 || (names.family === "dinov3" && (dim / heads) % 4 !== 0)) {
    throw new ModelError(
      `${file} has ${dim} channels, which ${heads} heads do not divide. Keep its config.json beside it.`,
    );
  }
  const tokens = names.tokens.map((name) => tensors.get(name));
  const others = tokens.reduce((sum, { values }) => sum + values.length / dim, 0);
  const learned = names.positions === undefined ? undefined : tensors.get(names.positions);
  const learnedCount = learned === undefined ? 0 : learned.values.length / dim;
  // Positions are of the patches alone, of the class token and the patches, or of all.
  const before = [0, 1, others].find((count) => count <= others && Number.isInteger(Math.sqrt(learnedCount - count)));
  if (learned !== undefined && before === undefined) {
    throw new ModelError(
      `The ${learnedCount} positions of ${file} are no square of patches. Export it as ONNX and import that.`,
    );
  }
  const side = Math.sqrt(learnedCount - (before ?? 0));
  const patch = { height, width };
  const grid = gridOf(said, patch, side, file);
  const added = Float32Array.from(tokens.flatMap(({ values }) => [...values]));
  for (let i = 0; i < (before ?? 0) * dim; i++) added[i]! += learned!.values[i]!;
  const own = learned?.values.subarray((before ?? 0) * dim);
  const from = { height: side, width: side };
  return {
    dim,
    depth,
    heads,
    epsilon: positive(said.network["layer_norm_eps"]) ?? EPSILON[names.family],
    activation: activationOf(names.family, said.network),
    patch,
    grid,
    before: added,
    positions: own === undefined ? undefined : resizePositions(own, from, grid, dim, names.resizing === "antialias"),
    rotary:
      names.family === "dinov3"
        ? rotaryPositions(grid, dim / heads, positive(said.network["rope_theta"]) ?? ROPE_BASE)
        : undefined,
  };
}

function gridOf({ inputSize, trained }: Said, patch: GridSize, side: number, file: string): GridSize {
  const [height, width] =
    inputSize === undefined
      ? [trained.height ?? (side || 16) * patch.height, trained.width ?? (side || 16) * patch.width]
      : [inputSize, inputSize];
  const grid = { height: Math.floor(height / patch.height), width: Math.floor(width / patch.width) };
  if (grid.height > 1 && grid.width > 1) return grid;
  throw new ModelError(`${file} has patches of ${patch.width} pixels, of which an input of ${width} has too few.`);
}

function activationOf(family: Family, network: Json): Activation {
  const said = String(network["hidden_act"] ?? "");
  if (said === "quick_gelu") return "quick_gelu";
  if (said === "gelu_pytorch_tanh" || said === "gelu_new") return "gelu_tanh";
  if (said === "gelu") return "gelu";
  const architecture = String(network["architecture"] ?? "");
  if (architecture !== "") {
    if (/quickgelu/.test(architecture)) return "quick_gelu";
    return /so400m|siglip2/.test(architecture) ? "gelu_tanh" : "gelu";
  }
  return family === "clip" ? "quick_gelu" : family === "siglip" ? "gelu_tanh" : "gelu";
}

function countOf(value: unknown): number | undefined {
  return typeof value === "number" && Number.isInteger(value) && value > 0 ? value : undefined;
}

function positive(value: unknown): number | undefined {
  return typeof value === "number" && Number.isFinite(value) && value > 0 ? value : undefined;
}

const LETTERS = new Map([
  [192, "ti"],
  [384, "s"],
  [768, "b"],
  [1024, "l"],
  [1152, "so"],
  [1280, "h"],
  [1536, "g"],
]);

/** Such as `dinov2-s14`. */
function nameOf({ family }: VitNames, { dim, patch }: VitShape): string {
  return `${family}-${LETTERS.get(dim) ?? `${dim}x`}${patch.width}`;
}
