export { ProjectionError } from "./errors.ts";
export { project } from "./project.ts";
export {
  checkParameters,
  type LayoutUpdate,
  type Projection,
  type ProjectionMap,
  type ProjectionProgress,
  type ProjectOptions,
} from "./projection.ts";
export { openProjectionCache } from "./projectionCache.ts";
export { measuredRows, qualityNeighbours } from "./quality.ts";
export { layoutFormat, writeLayout } from "./writeLayout.ts";
