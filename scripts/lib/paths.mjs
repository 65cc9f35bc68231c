/** Places of the project. Plain JavaScript: the bootstrap uses it before anything is installed. */
import { resolve } from "node:path";

export const ROOT = resolve(import.meta.dirname, "..", "..");
/** Version of code-server that the tests and `npm start` use; it is VS Code 1.139 with a server of its own. */
export const CODE_SERVER_VERSION = "4.139.1";
export const CODE_SERVER_FOLDER = resolve(ROOT, ".tools", `code-server-${CODE_SERVER_VERSION}`);
export const CODE_SERVER = resolve(CODE_SERVER_FOLDER, "node_modules", "code-server");
