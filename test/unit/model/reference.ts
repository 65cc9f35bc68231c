/** Descriptors, attention and head by their definitions, in float64 and with plain loops. */

/** One image's feature map: `map[c][y][x]`. */
export type FeatureMap = readonly (readonly (readonly number[])[])[];

const sum = (values: readonly number[]): number => values.reduce((total, x) => total + x, 0);
const mean = (values: readonly number[]): number => sum(values) / values.length;
const norm = (values: readonly number[]): number => Math.sqrt(sum(values.map((x) => x * x)));
const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));
const positive = (map: FeatureMap): FeatureMap => map.map((rows) => rows.map((row) => row.map((x) => Math.max(x, 0))));

export function unit(values: readonly number[]): number[] {
  const length = norm(values);
  return length === 0 ? [...values] : values.map((x) => x / length);
}

export const spoc = (map: FeatureMap): number[] => map.map((channel) => mean(channel.flat()));

export const mac = (map: FeatureMap): number[] => map.map((channel) => Math.max(...channel.flat()));

export function gem(map: FeatureMap, p: readonly number[]): number[] {
  return positive(map).map((channel, c) => mean(channel.flat().map((x) => x ** p[c]!)) ** (1 / p[c]!));
}

export function wgem(map: FeatureMap, p: readonly number[], weights: readonly number[], bias: number): number[] {
  const positions = map[0]!.flat().map((_, i) => sigmoid(bias + sum(map.map((ch, c) => weights[c]! * ch.flat()[i]!))));
  const total = sum(positions);
  return positive(map).map(
    (ch, c) => sum(ch.flat().map((x, i) => (positions[i]! / total) * x ** p[c]!)) ** (1 / p[c]!),
  );
}

/** A pooling of values of both signs: of each channel above its minimum, and the minimum added again. */
export function shifted(map: FeatureMap, pool: (map: FeatureMap) => number[]): number[] {
  const least = map.map((channel) => Math.min(...channel.flat()));
  return pool(map.map((rows, c) => rows.map((row) => row.map((x) => x - least[c]!)))).map((x, c) => x + least[c]!);
}

export function crow(map: FeatureMap): number[] {
  const channels = positive(map).map((channel) => channel.flat());
  const s = channels[0]!.map((_, i) => sum(channels.map((channel) => channel[i]!)));
  const length = norm(s);
  const shares = channels.map((channel) => channel.filter((x) => x > 0).length / channel.length);
  return channels.map((channel, c) => {
    const pooled = sum(channel.map((x, i) => x * Math.sqrt(length === 0 ? 0 : s[i]! / length)));
    return shares[c] === 0 ? 0 : pooled * Math.log((sum(shares) + channels.length * 1e-6) / (shares[c]! + 1e-6));
  });
}

/** A square of a feature map: top, left, side. */
export type Region = readonly [number, number, number];

export function rmac(map: FeatureMap, regions: readonly Region[]): number[] {
  const total = map.map(() => 0);
  for (const [top, left, side] of regions) {
    const maxima = map.map((ch) =>
      Math.max(...ch.slice(top, top + side).flatMap((row) => row.slice(left, left + side))),
    );
    for (const [c, x] of unit(maxima).entries()) total[c]! += x;
  }
  return total;
}

export interface Mlp {
  readonly reduce: { readonly weights: ArrayLike<number>; readonly bias: ArrayLike<number> };
  readonly expand: { readonly weights: ArrayLike<number>; readonly bias: ArrayLike<number> };
}

/** `[C]` times `[C, d]`, plus `[d]`. */
export function fc(values: readonly number[], weights: ArrayLike<number>, bias: ArrayLike<number>): number[] {
  const d = bias.length;
  return Array.from({ length: d }, (_, j) => bias[j]! + sum(values.map((x, c) => x * weights[c * d + j]!)));
}

function mlp(values: readonly number[], { reduce, expand }: Mlp): number[] {
  const hidden = fc(values, reduce.weights, reduce.bias).map((x) => Math.max(x, 0));
  return fc(hidden, expand.weights, expand.bias);
}

const scaled = (map: FeatureMap, factor: (c: number, y: number, x: number) => number): FeatureMap =>
  map.map((rows, c) => rows.map((row, y) => row.map((value, x) => value * factor(c, y, x))));

export function squeezeExcitation(map: FeatureMap, weights: Mlp): FeatureMap {
  const gates = mlp(spoc(map), weights).map(sigmoid);
  return scaled(map, (c) => gates[c]!);
}

/** @param kernel `[2, 7, 7]` */
export function cbam(map: FeatureMap, weights: Mlp, kernel: ArrayLike<number>, bias: number): FeatureMap {
  const fromMax = mlp(mac(map), weights);
  const gates = mlp(spoc(map), weights).map((x, c) => sigmoid(x + fromMax[c]!));
  const byChannel = scaled(map, (c) => gates[c]!);
  const at = (y: number, x: number): number[] => byChannel.map((channel) => channel[y]?.[x] ?? 0);
  return scaled(byChannel, (_, y, x) => {
    let logit = bias;
    for (let v = 0; v < 7; v++)
      for (let u = 0; u < 7; u++) {
        const values = at(y + v - 3, x + u - 3);
        logit += kernel[v * 7 + u]! * mean(values) + kernel[49 + v * 7 + u]! * Math.max(...values);
      }
    return sigmoid(logit);
  });
}
