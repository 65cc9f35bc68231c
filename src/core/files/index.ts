export { openForAppend } from "./appendFile.ts";
export { FileError, partOf, proveWritable, type Write, writeAtomically, writeFileAtomically } from "./atomicFile.ts";
export { dataFolder, isPrivate, makeFolder } from "./folders.ts";
export { isDiskFull } from "./fullDisk.ts";
export { isBusy, type LockOptions, lock } from "./lock.ts";
export { isMissing, readFailure } from "./readFailure.ts";
export { openRegularFile, readRegularFile, readRegularFileSync } from "./regularFile.ts";
export { makeScratch, sweepParts, sweepScratch } from "./scratch.ts";
