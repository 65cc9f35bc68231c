/** Where the parts of a vision transformer stand in a file, in the names of the library that wrote it. */
export interface VitNames {
  readonly family: "dinov2" | "dinov3" | "vit" | "clip" | "siglip";
  /** The convolution that cuts the patches. */
  readonly patch: string;
  /** Tokens before the patches, in their order; `[D]` or `[1, n, D]`. */
  readonly tokens: readonly string[];
  readonly positions: string | undefined;
  /** Norm before the first block. */
  readonly before: string | undefined;
  readonly block: (i: number) => BlockNames;
  /** Norm behind the last block, of all tokens. */
  readonly norm: string | undefined;
  /** CLIP's norm of the class token, and the projection of both towers. */
  readonly pooledNorm: string | undefined;
  readonly projection: string | undefined;
  /** SigLIP's pooling by attention. */
  readonly pool: PoolNames | undefined;
  /** How positions are brought to another size: by the same library, so that they are the same. */
  readonly resizing: "plain" | "antialias";
  /** Tensors that say nothing of an image's embedding. */
  readonly ignored: RegExp;
}

export interface BlockNames {
  readonly norm1: string;
  readonly norm2: string;
  /** One matrix for all three, or one each; without `.weight`. */
  readonly qkv: string | readonly [string, string, string];
  readonly out: string;
  readonly scale1: string;
  readonly scale2: string;
  readonly up: string;
  readonly down: string;
}

export interface PoolNames {
  readonly probe: string;
  /** Matrices of query, key and value: one `in_proj_weight`, or `q` and `kv`. */
  readonly joint: boolean;
  readonly prefix: string;
  readonly norm: string;
  readonly up: string;
  readonly down: string;
}

/** What a whole model puts before the names of its part for images. */
const PREFIXES = [
  "",
  "model.",
  "vit.",
  "deit.",
  "dinov2.",
  "dinov2_with_registers.",
  "dinov3_vit.",
  "backbone.",
  "visual.trunk.",
  "visual.",
];

/** The names of a file, by its tensors; undefined where it is no vision transformer that is known. */
export function vitNames(names: readonly string[]): VitNames | undefined {
  const has = new Set(names);
  for (const prefix of PREFIXES) {
    for (const family of FAMILIES) {
      const found = family(prefix, (name) => has.has(prefix + name));
      if (found !== undefined) return found;
    }
  }
  return undefined;
}

type Has = (name: string) => boolean;
type Family = (prefix: string, has: Has) => VitNames | undefined;

const NONE = { before: undefined, pooledNorm: undefined, projection: undefined, pool: undefined } as const;

/** transformers: ViT, DeiT, DINOv2 (with registers). */
const transformersVit: Family = (p, has) => {
  if (!has("embeddings.patch_embeddings.projection.weight")) return undefined;
  const dino = has("encoder.layer.0.norm1.weight");
  const layer = (i: number) => `${p}encoder.layer.${i}.`;
  const optional = (...names: string[]) => names.filter(has).map((name) => p + name);
  return {
    ...NONE,
    family: dino ? "dinov2" : "vit",
    patch: `${p}embeddings.patch_embeddings.projection`,
    tokens: optional("embeddings.cls_token", "embeddings.distillation_token", "embeddings.register_tokens"),
    positions: `${p}embeddings.position_embeddings`,
    block: (i) => ({
      norm1: layer(i) + (dino ? "norm1" : "layernorm_before"),
      norm2: layer(i) + (dino ? "norm2" : "layernorm_after"),
      qkv: ["query", "key", "value"].map((name) => `${layer(i)}attention.attention.${name}`) as [
        string,
        string,
        string,
      ],
      out: `${layer(i)}attention.output.dense`,
      scale1: `${layer(i)}layer_scale1.lambda1`,
      scale2: `${layer(i)}layer_scale2.lambda1`,
      up: layer(i) + (dino ? "mlp.fc1" : "intermediate.dense"),
      down: layer(i) + (dino ? "mlp.fc2" : "output.dense"),
    }),
    norm: `${p}layernorm`,
    resizing: "plain",
    ignored: /(mask_token|^pooler\..*|^(\w+\.)?pooler\.dense\..*|^classifier\..*|^(cls|distillation)_classifier\..*)$/,
  };
};

/** transformers: DINOv3. */
const transformersDinov3: Family = (p, has) => {
  const inner = has("model.layer.0.attention.q_proj.weight") ? "model." : "";
  if (!has("embeddings.patch_embeddings.weight") || !has(`${inner}layer.0.attention.q_proj.weight`)) return undefined;
  const layer = (i: number) => `${p}${inner}layer.${i}.`;
  return {
    ...NONE,
    family: "dinov3",
    patch: `${p}embeddings.patch_embeddings`,
    tokens: ["embeddings.cls_token", "embeddings.register_tokens"].filter(has).map((name) => p + name),
    positions: undefined,
    block: (i) => ({
      norm1: `${layer(i)}norm1`,
      norm2: `${layer(i)}norm2`,
      qkv: ["q", "k", "v"].map((name) => `${layer(i)}attention.${name}_proj`) as [string, string, string],
      out: `${layer(i)}attention.o_proj`,
      scale1: `${layer(i)}layer_scale1.lambda1`,
      scale2: `${layer(i)}layer_scale2.lambda1`,
      up: `${layer(i)}mlp.up_proj`,
      down: `${layer(i)}mlp.down_proj`,
    }),
    norm: `${p}norm`,
    resizing: "plain",
    ignored: /(mask_token|inv_freq|periods)$/,
  };
};

/** transformers: the towers for images of CLIP (and MLCD's files in that form) and SigLIP. */
const transformersClip: Family = (p, has) => {
  const v = "vision_model.";
  if (!has(`${v}embeddings.patch_embedding.weight`)) return undefined;
  const siglip = !has(`${v}embeddings.class_embedding`);
  const layer = (i: number) => `${p}${v}encoder.layers.${i}.`;
  const pool = {
    probe: `${p}${v}head.probe`,
    joint: true,
    prefix: `${p}${v}head.attention`,
    norm: `${p}${v}head.layernorm`,
    up: `${p}${v}head.mlp.fc1`,
    down: `${p}${v}head.mlp.fc2`,
  };
  return {
    family: siglip ? "siglip" : "clip",
    patch: `${p}${v}embeddings.patch_embedding`,
    tokens: siglip ? [] : [`${p}${v}embeddings.class_embedding`],
    positions: `${p}${v}embeddings.position_embedding.weight`,
    before: siglip ? undefined : `${p}${v}pre_layrnorm`,
    block: (i) => ({
      norm1: `${layer(i)}layer_norm1`,
      norm2: `${layer(i)}layer_norm2`,
      qkv: ["q", "k", "v"].map((name) => `${layer(i)}self_attn.${name}_proj`) as [string, string, string],
      out: `${layer(i)}self_attn.out_proj`,
      scale1: `${layer(i)}none`,
      scale2: `${layer(i)}none`,
      up: `${layer(i)}mlp.fc1`,
      down: `${layer(i)}mlp.fc2`,
    }),
    norm: siglip ? `${p}${v}post_layernorm` : undefined,
    pooledNorm: siglip ? undefined : `${p}${v}post_layernorm`,
    projection: has("visual_projection.weight") ? `${p}visual_projection` : undefined,
    pool: siglip && has(`${v}head.probe`) ? pool : undefined,
    resizing: "plain",
    ignored: /(position_ids$|^text_model\.|^text_projection\.|^logit_(scale|bias)$)/,
  };
};

/** timm: ViT, DINOv2, DINOv3, and the towers for images of CLIP and SigLIP. */
const timm: Family = (p, has) => {
  if (!has("patch_embed.proj.weight") || !has("blocks.0.attn.qkv.weight")) return undefined;
  const dinov3 = has("blocks.0.gamma_1") && !has("pos_embed");
  const layer = (i: number) => `${p}blocks.${i}.`;
  const pool = {
    probe: `${p}attn_pool.latent`,
    joint: false,
    prefix: `${p}attn_pool`,
    norm: `${p}attn_pool.norm`,
    up: `${p}attn_pool.mlp.fc1`,
    down: `${p}attn_pool.mlp.fc2`,
  };
  const siglip = has("attn_pool.latent");
  return {
    ...NONE,
    family: dinov3
      ? "dinov3"
      : siglip
        ? "siglip"
        : has("norm_pre.weight")
          ? "clip"
          : has("blocks.0.ls1.gamma")
            ? "dinov2"
            : "vit",
    patch: `${p}patch_embed.proj`,
    tokens: ["cls_token", "dist_token", "reg_token"].filter(has).map((name) => p + name),
    positions: has("pos_embed") ? `${p}pos_embed` : undefined,
    before: has("norm_pre.weight") ? `${p}norm_pre` : undefined,
    block: (i) => ({
      norm1: `${layer(i)}norm1`,
      norm2: `${layer(i)}norm2`,
      qkv: `${layer(i)}attn.qkv`,
      out: `${layer(i)}attn.proj`,
      scale1: layer(i) + (dinov3 ? "gamma_1" : "ls1.gamma"),
      scale2: layer(i) + (dinov3 ? "gamma_2" : "ls2.gamma"),
      up: `${layer(i)}mlp.fc1`,
      down: `${layer(i)}mlp.fc2`,
    }),
    norm: has("norm.weight") ? `${p}norm` : undefined,
    pool: siglip ? pool : undefined,
    resizing: "antialias",
    ignored:
      /((^|\.)head(_dist)?\.(weight|bias|proj\.weight|proj\.bias)|fc_norm\.(weight|bias)|rope\.periods|mask_token|relative_position_index|logit_(scale|bias)|text\..*)$/,
  };
};

const FAMILIES: readonly Family[] = [transformersVit, transformersDinov3, transformersClip, timm];
