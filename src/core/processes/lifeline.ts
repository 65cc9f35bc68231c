/**
 * A process that ends with the one that started it, even while native code holds its main thread. The parent keeps one end of a
 * pipe; a worker thread of the child holds the other one and ends the process where the pipe does, however the parent ended.
 */
import { Worker } from "node:worker_threads";
import { LIFELINE } from "../../shared/index.ts";

/** Runs in a thread of its own, which gets this text; `fd` and `grace` are put in front. */
const WATCH = `
  const pipe = new (require("node:net").Socket)({ fd, readable: true, writable: false });
  let ended = false;
  const kill = () => process.kill(process.pid, "SIGKILL");
  const end = () => {
    if (ended) return;
    ended = true;
    if (grace === 0) return kill();
    require("node:worker_threads").parentPort.postMessage("ended");
    setTimeout(kill, grace);
  };
  pipe.on("end", end).on("error", end).on("close", end).resume();
`;

/**
 * Watches the pipe that whoever started this process gave it; without one, nothing.
 * @param onEnd called first where the main thread is free, and the process then has `grace` milliseconds to end by itself
 */
export function endWithParent(onEnd?: () => void, grace = 0): void {
  const fd = process.env[LIFELINE.variable];
  // Not for children of this process, which have other descriptors.
  delete process.env[LIFELINE.variable];
  if (fd === undefined || !/^\d+$/.test(fd)) return;
  const watch = new Worker(`const [fd, grace] = [${fd}, ${grace}];${WATCH}`, { eval: true });
  if (onEnd !== undefined) watch.once("message", onEnd);
  watch.unref();
}

/** The same for a process whose whole program is a text (\`node -e\`). @param fd the descriptor of its pipe */
export function watchText(fd: number): string {
  const text = JSON.stringify(`const [fd, grace] = [${fd}, 0];${WATCH}`);
  return `new (require("node:worker_threads").Worker)(${text}, { eval: true }).unref();`;
}
