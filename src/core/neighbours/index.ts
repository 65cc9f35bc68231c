export { labelAgreement, moved, type Neighbour, neighboursOf } from "./compare.ts";
export { gather, NeighbourSearch, type NeighbourTable, type Rows, type SearchOptions } from "./neighbourSearch.ts";
export { neighboursOfAll } from "./neighboursOfAll.ts";
export { mix, Random } from "./random.ts";
export { updateNeighbours } from "./updateNeighbours.ts";
export { loadVectors, type VectorSet } from "./vectors.ts";
