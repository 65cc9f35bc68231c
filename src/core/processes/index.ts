/** Processes beside this one, which end when it does. */
export { endWithParent } from "./lifeline.ts";
export { startServer } from "./startServer.ts";
