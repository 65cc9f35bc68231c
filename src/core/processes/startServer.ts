import { type ChildProcess, spawn } from "node:child_process";
import { createRequire } from "node:module";
import { LIFELINE } from "../../shared/index.ts";
import { watchText } from "./lifeline.ts";
import { startedChild } from "./startModule.ts";

/**
 * Starts a process that answers messages with a native module, and ends with this one.
 * @param serve runs in the other process, which gets its text: it may use nothing but its parameters
 * @param module name of the package that it is given
 * @throws ProcessError where the system starts no process
 */
export function startServer<Module>(
  serve: (module: Module, self: NodeJS.Process) => void,
  module: string,
  serialization: "json" | "advanced" = "json",
): ChildProcess {
  const path = createRequire(import.meta.url).resolve(module);
  const program = `${watchText(LIFELINE.descriptor)}(${serve})(require(${JSON.stringify(path)}), process)`;
  const child = spawn(process.execPath, ["-e", program], {
    stdio: ["ignore", "ignore", "ignore", "ipc", "pipe"],
    serialization,
    // Inside VS Code the executable is Electron.
    env: { ...process.env, ELECTRON_RUN_AS_NODE: "1" },
  });
  return startedChild(child);
}
