import type { TrainingPageState } from "../../shared/index.ts";
import type { ShownState } from "../pages/shownState.ts";
import type { TrainingHost } from "./trainingHost.ts";

/** Installs the model that a run made, where it is not yet. @returns its name; undefined where there is none */
export async function installMade(
  state: ShownState<TrainingPageState>,
  host: Pick<TrainingHost, "install">,
): Promise<string | undefined> {
  const { result, name } = state.now.run ?? {};
  if (result == null || name === undefined) return undefined;
  const installed = state.now.installed ?? (await host.install(result.model, name));
  state.set({ installed });
  return installed;
}

/** Uses the model that a run made for a folder, and indexes the folder with it. @param root absolute path */
export async function useMade(
  state: ShownState<TrainingPageState>,
  host: Pick<TrainingHost, "install" | "select" | "index" | "texts">,
  root: string,
): Promise<void> {
  const installed = await installMade(state, host);
  if (installed === undefined) return;
  await host.select(installed, root);
  state.set({ used: true, indexing: null, notice: null });
  try {
    await host.index(root, (done) => state.set({ indexing: done }));
    state.say("info", host.texts.used(installed), []);
  } finally {
    const { indexing: _, ...without } = state.now;
    state.become(without);
  }
}
