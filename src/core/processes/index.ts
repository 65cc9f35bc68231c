/** Processes beside this one, which end when it does. */
export { endWithParent } from "./lifeline.ts";
export { limitMemory, TOO_MUCH_MEMORY } from "./limitMemory.ts";
export { startModule } from "./startModule.ts";
export { startServer } from "./startServer.ts";
