export { ExactSearch, nameResult, type SearchResult } from "./exactSearch.ts";
export { Gallery, normalise } from "./gallery.ts";
