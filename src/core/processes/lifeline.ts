/**
 * A process that ends with the one that started it, even while native code holds its main thread. The parent keeps one end of a
 * pipe; a worker thread of the child holds the other one and ends the process where the pipe does, however the parent ended.
 */
import { Worker } from "node:worker_threads";
import { LIFELINE } from "../../shared/index.ts";

/** Runs in a thread of its own, which gets this text; `fd` is put in front. */
const WATCH = `
  const pipe = new (require("node:net").Socket)({ fd, readable: true, writable: false });
  const end = () => process.kill(process.pid, "SIGKILL");
  pipe.on("end", end).on("error", end).on("close", end).resume();
`;

/** Watches the pipe that whoever started this process gave it; without one, nothing. */
export function endWithParent(): void {
  const fd = process.env[LIFELINE.variable];
  // Not for children of this process, which have other descriptors.
  delete process.env[LIFELINE.variable];
  if (fd === undefined || !/^\d+$/.test(fd)) return;
  new Worker(`const fd = ${fd};${WATCH}`, { eval: true }).unref();
}

/** The same for a process whose whole program is a text (\`node -e\`). @param fd the descriptor of its pipe */
export function watchText(fd: number): string {
  const text = JSON.stringify(`const fd = ${fd};${WATCH}`);
  return `new (require("node:worker_threads").Worker)(${text}, { eval: true }).unref();`;
}
