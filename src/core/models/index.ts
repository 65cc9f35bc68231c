export { installFromHub } from "./hubModel.ts";
export { installImported } from "./importedModel.ts";
export { ModelShelf } from "./modelShelf.ts";
