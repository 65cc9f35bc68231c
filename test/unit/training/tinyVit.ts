import { vit } from "../../../src/core/model/backbones/vit/index.ts";
import { buildModel, parseDescriptors } from "../../../src/core/model/index.ts";
import { encodeSafetensors, type FloatTensor, Safetensors } from "../../../src/core/model/safetensors.ts";
import { randomNumbers } from "./reference.ts";

/** Values of a token; two heads of 64. */
export const VIT_DIM = 128;
export const VIT_DEPTH = 3;
export const VIT_SIDE = 16;

/** A vision transformer of three blocks with random weights, in the names of timm: it trains in moments. */
export function tinyVit(descriptors = "SG"): Uint8Array {
  const random = randomNumbers(21);
  const tensor = (shape: readonly number[], scale: number, middle = 0): FloatTensor => {
    const count = shape.reduce((product, n) => product * n, 1);
    return { shape, values: Float32Array.from({ length: count }, () => middle + scale * random()) };
  };
  const tensors = new Map<string, FloatTensor>();
  const linear = (at: string, outputs: number, inputs: number) => {
    tensors.set(`${at}.weight`, tensor([outputs, inputs], Math.sqrt(3 / inputs)));
    tensors.set(`${at}.bias`, tensor([outputs], 0.1));
  };
  const norm = (at: string) => {
    tensors.set(`${at}.weight`, tensor([VIT_DIM], 0.2, 1));
    tensors.set(`${at}.bias`, tensor([VIT_DIM], 0.1));
  };
  tensors.set("patch_embed.proj.weight", tensor([VIT_DIM, 3, 4, 4], 0.2));
  tensors.set("patch_embed.proj.bias", tensor([VIT_DIM], 0.1));
  tensors.set("cls_token", tensor([1, 1, VIT_DIM], 0.3));
  tensors.set("pos_embed", tensor([1, 1 + (VIT_SIDE / 4) ** 2, VIT_DIM], 0.3));
  for (let i = 0; i < VIT_DEPTH; i++) {
    norm(`blocks.${i}.norm1`);
    linear(`blocks.${i}.attn.qkv`, 3 * VIT_DIM, VIT_DIM);
    linear(`blocks.${i}.attn.proj`, VIT_DIM, VIT_DIM);
    norm(`blocks.${i}.norm2`);
    linear(`blocks.${i}.mlp.fc1`, 2 * VIT_DIM, VIT_DIM);
    linear(`blocks.${i}.mlp.fc2`, VIT_DIM, 2 * VIT_DIM);
  }
  norm("norm");
  const taps = descriptors.includes("V") ? ["tokens", "vector"] : ["tokens"];
  const backbone = vit(new Safetensors(encodeSafetensors(tensors), "tiny"), "tiny.safetensors", { taps });
  const branches = parseDescriptors(descriptors).map(({ kind }) => ({ kind, tap: kind === "Vector" ? 1 : 0 }));
  return buildModel({ name: "tiny", backbone, branches });
}
