export { FileError, type Write, writeAtomically } from "./atomicFile.ts";
