import { vit } from "../../src/core/model/backbones/vit/index.ts";
import { buildModel } from "../../src/core/model/index.ts";
import { encodeSafetensors, type FloatTensor, Safetensors } from "../../src/core/model/safetensors.ts";

const SHAPES = {
  "vit-s/14": { dim: 384, patch: 14 },
  "vit-b/16": { dim: 768, patch: 16 },
} as const;
const DEPTH = 12;
const SIDE = 224;

/** A vision transformer with random weights, SPoC, MAC and GeM on its tokens, for its speed only. */
export function randomVit(name: keyof typeof SHAPES): Uint8Array {
  const { dim, patch } = SHAPES[name];
  let state = 7;
  const random = (shape: readonly number[], scale: number): FloatTensor => {
    const values = new Float32Array(shape.reduce((product, n) => product * n, 1));
    for (let i = 0; i < values.length; i++) {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      values[i] = (state / 2 ** 31 - 1) * scale;
    }
    return { shape, values };
  };
  const tensors = new Map<string, FloatTensor>();
  const linear = (at: string, outputs: number, inputs: number) => {
    tensors.set(`${at}.weight`, random([outputs, inputs], inputs ** -0.5));
    tensors.set(`${at}.bias`, random([outputs], 0.1));
  };
  const norm = (at: string) => {
    tensors.set(`${at}.weight`, { shape: [dim], values: new Float32Array(dim).fill(1) });
    tensors.set(`${at}.bias`, random([dim], 0.1));
  };
  tensors.set("patch_embed.proj.weight", random([dim, 3, patch, patch], 0.02));
  tensors.set("patch_embed.proj.bias", random([dim], 0.1));
  tensors.set("cls_token", random([1, 1, dim], 0.1));
  tensors.set("pos_embed", random([1, 1 + (SIDE / patch) ** 2, dim], 0.1));
  for (let i = 0; i < DEPTH; i++) {
    norm(`blocks.${i}.norm1`);
    linear(`blocks.${i}.attn.qkv`, 3 * dim, dim);
    linear(`blocks.${i}.attn.proj`, dim, dim);
    norm(`blocks.${i}.norm2`);
    linear(`blocks.${i}.mlp.fc1`, 4 * dim, dim);
    linear(`blocks.${i}.mlp.fc2`, dim, 4 * dim);
  }
  norm("norm");
  const backbone = vit(new Safetensors(encodeSafetensors(tensors), name), name);
  return buildModel({ name, backbone, branches: [{ kind: "SPoC" }, { kind: "MAC" }, { kind: "GeM" }] });
}
