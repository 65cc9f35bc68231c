import { Worker } from "node:worker_threads";

/** How a process ends itself when it takes more memory than it may: a signal that nothing else sends. */
export const TOO_MUCH_MEMORY = "SIGUSR2";

/** Runs in a thread of its own, which gets this text with `bytes` in front: the main thread may be busy for long. */
const WATCH = `
  setInterval(() => {
    if (process.memoryUsage.rss() <= bytes) return;
    try { process.kill(process.pid, "${TOO_MUCH_MEMORY}"); } catch { process.kill(process.pid, "SIGKILL"); }
  }, 20);`;

/** Ends this process where it takes more than so many bytes. */
export function limitMemory(bytes: number): void {
  new Worker(`const bytes = ${bytes};${WATCH}`, { eval: true }).unref();
}
