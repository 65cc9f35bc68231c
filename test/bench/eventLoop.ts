/** How long a process is held up that has an engine index for it, as the extension host does. */
import { fork } from "node:child_process";
import { join, resolve } from "node:path";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { setTimeout as sleep } from "node:timers/promises";
import { createMessageConnection, IPCMessageReader, IPCMessageWriter } from "vscode-jsonrpc/node";
import { call, type EngineRequests } from "../../src/shared/index.ts";

/** Milliseconds. */
interface Delay {
  readonly p99: number;
  readonly max: number;
}

export async function measureDelay(
  folder: string,
  model: string,
  place: string,
): Promise<{ readonly idle: Delay; readonly busy: Delay }> {
  const env = { ...process.env, XDG_DATA_HOME: join(place, "data") };
  const engine = fork(resolve(import.meta.dirname, "../../src/engine/main.ts"), [model], {
    serialization: "advanced",
    execArgv: [],
    env,
  });
  const connection = createMessageConnection(new IPCMessageReader(engine), new IPCMessageWriter(engine));
  try {
    connection.onNotification("folder/changed", () => {});
    connection.listen();
    const params = { folder, location: join(place, "delay"), device: "cpu", adapt: false } as const;
    const ask = <M extends keyof EngineRequests>(method: M, asked: EngineRequests[M]["params"]) =>
      call<EngineRequests, M, never>(connection, method, asked);
    await ask("folder/status", params);
    const idle = await during(() => sleep(5_000));
    const busy = await during(() => ask("folder/index", params));
    return { idle, busy };
  } finally {
    connection.dispose();
    engine.kill("SIGKILL");
  }
}

async function during(work: () => Promise<unknown>): Promise<Delay> {
  const histogram = monitorEventLoopDelay({ resolution: 5 });
  histogram.enable();
  await work();
  histogram.disable();
  return { p99: histogram.percentile(99) / 1e6, max: histogram.max / 1e6 };
}
