export { installFromHub } from "./hubModel.ts";
export { ModelShelf } from "./modelShelf.ts";
