export { labelAgreement, moved, type Neighbour, neighboursOf } from "./compare.ts";
export { ProjectionError } from "./errors.ts";
export { neighboursOfAll } from "./findNeighbours.ts";
export { gather, NeighbourSearch, type NeighbourTable, type Rows } from "./neighbourSearch.ts";
export { type ProjectOptions, project } from "./project.ts";
export { type ProjectFolderOptions, projectFolder } from "./projectFolder.ts";
export type { LayoutUpdate, Projection, ProjectionMap, ProjectionProgress } from "./projection.ts";
export { loadVectors, type VectorSet } from "./vectors.ts";
export { layoutFormat, writeLayout } from "./writeLayout.ts";
