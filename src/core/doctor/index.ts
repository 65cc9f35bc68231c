export { checkSetup } from "./checkSetup.ts";
