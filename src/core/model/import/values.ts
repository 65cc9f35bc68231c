import type { Grid } from "./grids.ts";

/** A feature map of a foreign network, `[channels, height, width]` per image. */
export interface FeatureMapInfo {
  readonly tensor: string;
  /** The operator that makes it. */
  readonly op: string;
  readonly layout: Grid["layout"];
  readonly channels: number;
  readonly height: number;
  readonly width: number;
  readonly type: "float32" | "float16";
  /** Of tokens: how many belong to no position (class, distillation, registers). */
  readonly others: number;
  /** Of tokens: which of them is the first position. */
  readonly first: number;
  /** Share of the values' squares that lies below zero; undefined where it was not looked at. */
  readonly negative?: number;
}

/** A value of a foreign network with one vector per image. */
export interface VectorInfo {
  readonly tensor: string;
  readonly op: string;
  readonly dim: number;
  readonly type: "float32" | "float16";
}

/** A value that may be a feature map, but whose operators do not tell where its positions lie. */
export interface Spatial {
  readonly tensor: string;
  readonly op: string;
  readonly type: "float32" | "float16";
  readonly dims: readonly number[];
  /** Ways to see it as a map, the likeliest first; none where its size fits no grid. */
  readonly grids: readonly Grid[];
  /** An output of the network, or on the main line of its blocks. */
  readonly main: boolean;
}

/** What is in a network, from the last value to the first. */
export interface Values {
  readonly maps: readonly FeatureMapInfo[];
  readonly spatial: readonly Spatial[];
  /** The network's own outputs first. */
  readonly vectors: readonly VectorInfo[];
}
