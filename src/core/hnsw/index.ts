export { type GraphShape, loadUsearch, NativeIndex, type Usearch } from "./nativeIndex.ts";
