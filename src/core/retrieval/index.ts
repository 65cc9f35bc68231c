export { ExactSearch, nameResult, type SearchResult } from "./exactSearch.ts";
export { Gallery } from "./gallery.ts";
