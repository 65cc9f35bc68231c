import { COMBINED, type MapQuality, type ProjectionParameters } from "../../shared/index.ts";
import type { VectorSet } from "../neighbours/index.ts";
import { NeighbourSearch, type Rows } from "../neighbours/index.ts";
import { ProjectionError } from "./errors.ts";
import { findNeighbours } from "./findNeighbours.ts";
import { firstView } from "./firstView.ts";
import { makeMaps } from "./makeMaps.ts";
import { align } from "./procrustes.ts";
import { checkParameters, type Projection, type ProjectionMap, type ProjectOptions } from "./projection.ts";
import { measuredRows, measureMaps } from "./quality.ts";
import { planReuse, type Reuse } from "./reuse.ts";

export interface ProjectOutcome {
  readonly projection: Projection;
  readonly reused: Reuse["kind"];
}

/**
 * Makes the maps of a set of embeddings: the PCA view at once, the neighbours per branch and combined, the UMAP of
 * combined, then those of the branches, each from the combined layout and turned onto it. The same vectors, parameters
 * and earlier projection give the same bits on the same machine, whichever maps are asked for.
 * @throws ProjectionError for parameters out of range or a descriptor that the model does not have; the signal's reason
 */
export async function project(
  vectors: VectorSet,
  parameters: ProjectionParameters,
  options: ProjectOptions = {},
): Promise<ProjectOutcome> {
  checkParameters(parameters);
  const columns = [...vectors.descriptors, COMBINED];
  const wanted = wantedColumns(columns, options.descriptors);
  const reuse = planReuse(vectors, options.previous);
  const known = reuse.kind === "all" ? reuse.previous.maps : new Map<string, ProjectionMap>();
  const { onLayout = () => {}, onProgress = () => {}, signal, exactUpTo } = options;
  for (const [descriptor, { points }] of known)
    onLayout({ descriptor, method: "umap", done: 1, points: points.slice() });
  const missing = wanted.filter((column) => !known.has(column));
  if (reuse.kind === "all" && missing.length === 0)
    return { projection: refreshed(reuse.previous, vectors), reused: "all" };

  const rows: Rows = { count: vectors.paths.length, dims: vectors.dims, matrices: vectors.matrices };
  const first = reuse.kind === "none" ? await firstView(rows, columns, missing, parameters.seed, options) : undefined;
  // Released in between: the memory that onnxruntime holds on to is as much as the layouts take.
  const tables = await withSearch(vectors, (search) =>
    findNeighbours(search, vectors, columns, parameters, reuse, { signal, onProgress, exactUpTo }),
  );
  const points = await makeMaps({ vectors, tables, parameters, reuse, first, missing, signal, onLayout, onProgress });
  const asked = measuredRows(rows.count, parameters.seed);
  const made = columns.map((column) => points.get(column) ?? null);
  const onMeasured = (done: number) => onProgress({ phase: "quality", done: done / asked.length });
  const measured = await withSearch(vectors, (search) =>
    measureMaps(search, rows, made, asked, { signal, onProgress: onMeasured }),
  );
  const combined = known.get(COMBINED)?.points ?? points.get(COMBINED)!;
  const maps = new Map<string, ProjectionMap>();
  for (const [c, column] of columns.entries()) {
    const own = made[c];
    if (own == null) {
      if (known.has(column)) maps.set(column, known.get(column)!);
      continue;
    }
    const alignmentResidual = column === COMBINED ? null : align(own, combined).residual;
    const quality: MapQuality = { ...measured[c]!, alignmentResidual };
    maps.set(column, { points: own, quality });
  }
  const changes = reuse.kind === "part" ? reuse.changes : reuse.kind === "all" ? reuse.previous.changes : 0;
  const { paths, signatures, excluded } = vectors;
  const projection = { parameters, paths, signatures, excluded, tables, maps, changes };
  return { projection, reused: reuse.kind };
}

async function withSearch<T>({ dims }: VectorSet, work: (search: NeighbourSearch) => Promise<T>): Promise<T> {
  const search = await NeighbourSearch.create(dims.length);
  try {
    return await work(search);
  } finally {
    await search.release();
  }
}

/** In the model's order; combined is always among them, since the others are aligned on it. */
function wantedColumns(columns: readonly string[], asked: readonly string[] | undefined): string[] {
  for (const name of asked ?? []) {
    if (columns.includes(name)) continue;
    throw new ProjectionError(`The model has no descriptor "${name}". It has ${columns.join(", ")}.`);
  }
  return columns.filter((column) => asked === undefined || asked.includes(column) || column === COMBINED);
}

/** Who is left out is read anew each time; everything else is as it was. */
function refreshed(previous: Projection, { excluded }: VectorSet): Projection {
  return { ...previous, excluded };
}
