export { setDatabasePassword } from "./passwords.ts";
export { postgresPlace } from "./postgresPlace.ts";
