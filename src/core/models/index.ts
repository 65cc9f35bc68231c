export { ModelShelf } from "./modelShelf.ts";
