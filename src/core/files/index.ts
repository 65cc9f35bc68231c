export { FileError, type Write, writeAtomically, writeFileAtomically } from "./atomicFile.ts";
