import type { ModelSummary } from "./model.ts";

/** What a projection (the 2-D layouts of an index) is made with. The same parameters and vectors give the same layouts. */
export interface ProjectionParameters {
  /** UMAP's n_neighbors: the size of the neighbourhood that a map tries to keep, the image itself counted; 2..200. */
  readonly neighbours: number;
  /** UMAP's min_dist: how close two alike points may lie in the map, 0..0.99. */
  readonly minDist: number;
  /** Of every random draw; 0..2^32 - 1. */
  readonly seed: number;
  /** So many images only, drawn by a hash of their paths; null takes all. */
  readonly sample: number | null;
  /** Only images under this folder, relative to the indexed one, with `/`; empty takes all. */
  readonly under: string;
  /**
   * Two models whose combined embeddings are laid out beside each other, as descriptors are; where absent, the descriptors of
   * the model in use.
   */
  readonly models?: readonly ProjectedModel[];
}

/** A model of maps that compare two, as `ComparedChoice` has it. */
export interface ProjectedModel {
  /** Under which its map is shown. */
  readonly label: string;
  /** Under which it is installed. */
  readonly model: string;
  /** Whether it is adapted to the folder; as the settings say where absent. */
  readonly adapt?: boolean;
}

export const DEFAULT_PROJECTION: ProjectionParameters = {
  neighbours: 15,
  minDist: 0.1,
  seed: 1,
  sample: null,
  under: "",
};

/** How far a map can be believed. Each is null where the map has too few points for it to mean anything. */
export interface MapQuality {
  /**
   * 0..1, 1 is best: lowered by images that are near in the map although they are far in the descriptor space (Venna &
   * Kaski, "Neighborhood preservation in nonlinear projection methods", 2001).
   */
  readonly trustworthiness: number | null;
  /** 0..1: mean share of an image's nearest images in the descriptor space that are among its nearest in the map. */
  readonly neighbourPreservation: number | null;
  /**
   * 0..1: what is left between this map and the combined one after the best rotation, reflection and scaling, as a share
   * of the spread (Procrustes); 0 is the same picture. null for combined itself.
   */
  readonly alignmentResidual: number | null;
}

/** What a projection run did; also the JSON of `lookalike project`. */
export interface ProjectionSummary {
  /** Points in each map. */
  readonly images: number;
  /** Images left out because a branch of their embedding is zero or not finite. */
  readonly excluded: number;
  /** By branch name and `combined`. */
  readonly maps: Readonly<Record<string, MapQuality>>;
  /** How the qualities were measured: over `k` neighbours of `images` images, against all others. */
  readonly measured: { readonly k: number; readonly images: number };
  readonly parameters: ProjectionParameters;
  /** Of an earlier run: `all` where nothing had changed, `part` where images were added to its layouts, else `none`. */
  readonly reused: "all" | "part" | "none";
  readonly seconds: number;
  readonly model: ModelSummary;
}
