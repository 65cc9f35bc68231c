export { checkBox, checkQuery } from "./checkQuery.ts";
export { combineExamples, type EmbeddedExample } from "./combineExamples.ts";
export { QueryError } from "./errors.ts";
export { ExactSearch, nameResult, type SearchResult } from "./exactSearch.ts";
export { Gallery, normalise } from "./gallery.ts";
