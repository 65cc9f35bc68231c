/** Starts a child whose main thread is busy for ever, tells its process id, and waits to be killed. Argument: `server` or `engine`. */
import { fork } from "node:child_process";
import { join } from "node:path";
import { startServer } from "../../../src/core/processes/index.ts";
import { LIFELINE } from "../../../src/shared/index.ts";

/** Its text runs in the child. */
function serve(_: unknown, self: NodeJS.Process): void {
  self.on("message", () => {
    self.send?.("busy");
    setTimeout(() => {
      for (;;);
    }, 50);
  });
}

function startEngine() {
  const main = join(import.meta.dirname, "../../../src/engine/main.ts");
  // As the extension starts it, but that it stops listening to anybody.
  const busy = "process.on('message', () => { process.send('busy'); setTimeout(() => { for (;;); }, 50); });";
  return fork(main, [], {
    serialization: "advanced",
    execArgv: ["--import", `data:text/javascript,${encodeURIComponent(busy)}`],
    stdio: ["ignore", "ignore", "ignore", "ipc", "pipe"],
    env: { ...process.env, [LIFELINE.variable]: String(LIFELINE.descriptor) },
  });
}

const child = process.argv[2] === "engine" ? startEngine() : startServer(serve, "semver");
child.once("message", () => process.send?.({ pid: child.pid }));
child.send({ begin: true });
setInterval(() => {}, 1000);
