import type { ProjectionParameters, ProjectionSummary } from "../../shared/index.ts";
import { loadVectors } from "../neighbours/index.ts";
import {
  checkParameters,
  measuredRows,
  openProjectionCache,
  type Projection,
  ProjectionError,
  type ProjectOptions,
  project,
  qualityNeighbours,
} from "../projection/index.ts";
import type { EmbeddingSource } from "../search/index.ts";

export interface ProjectFolderOptions extends Omit<ProjectOptions, "previous"> {
  /** Told of the images, by row, before the first layout. */
  readonly onImages?: ((paths: readonly string[]) => void) | undefined;
  /** Told of what needs no answer but belongs in a log. */
  readonly warn?: ((message: string) => void) | undefined;
  /** Whether maps are kept beside the index, and those that were are used; by default they are. */
  readonly keep?: boolean | undefined;
}

/**
 * The projection of an index: as it was kept where nothing changed, with added images placed into it where few did, else
 * made anew; the result is kept beside the index. Maps that an earlier run made stay in it.
 * @throws ProjectionError; the signal's reason
 */
export async function projectFolder(
  source: EmbeddingSource,
  parameters: ProjectionParameters,
  { warn = () => {}, onImages = () => {}, keep = true, ...options }: ProjectFolderOptions = {},
): Promise<{ readonly projection: Projection; readonly summary: ProjectionSummary }> {
  const start = performance.now();
  checkParameters(parameters);
  options.onProgress?.({ phase: "reading", done: 0 });
  const vectors = await loadVectors(source, parameters, { signal: options.signal });
  if (vectors.paths.length === 0 && vectors.excluded.length === 0 && parameters.under !== "") {
    throw new ProjectionError(`No indexed image lies under ${parameters.under}. Choose another folder.`);
  }
  onImages(vectors.paths);
  const cache = keep ? openProjectionCache(source.place, warn) : undefined;
  try {
    const previous = cache?.get(parameters);
    const descriptors = options.descriptors && [...options.descriptors, ...(previous?.maps.keys() ?? [])];
    const { projection, reused } = await project(vectors, parameters, { ...options, descriptors, previous });
    if (projection.maps.size !== previous?.maps.size || reused !== "all") cache?.put(projection);
    const seconds = (performance.now() - start) / 1000;
    return { projection, summary: summarise(source, projection, reused, seconds) };
  } finally {
    cache?.close();
  }
}

function summarise(
  { model }: EmbeddingSource,
  { parameters, paths, excluded, maps }: Projection,
  reused: ProjectionSummary["reused"],
  seconds: number,
): ProjectionSummary {
  return {
    images: paths.length,
    excluded: excluded.length,
    maps: Object.fromEntries([...maps].map(([descriptor, { quality }]) => [descriptor, quality])),
    measured: { k: qualityNeighbours(paths.length), images: measuredRows(paths.length, parameters.seed).length },
    parameters,
    reused,
    seconds,
    model,
  };
}
