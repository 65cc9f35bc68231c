import type { SavedTraining, TrainingPageState } from "../../shared/index.ts";
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
  host: Pick<TrainingHost, "install" | "chosen" | "select" | "index" | "texts">,
  root: string,
): Promise<void> {
  const installed = await installMade(state, host);
  if (installed === undefined) return;
  const usedBefore = await host.chosen(root);
  await host.select(installed, root);
  state.set({ used: true, usedBefore: usedBefore === installed ? null : usedBefore });
  await index(state, host, root);
  state.say("info", host.texts.used(installed), []);
}

/** What was used before a reload of the window; where another model was chosen meanwhile, there is nothing to take back. */
export async function useKept(
  state: ShownState<TrainingPageState>,
  host: Pick<TrainingHost, "chosen">,
  root: string,
  { installed, usedBefore }: NonNullable<SavedTraining["made"]>,
): Promise<void> {
  if ((await host.chosen(root)) === installed) state.set({ installed, used: true, usedBefore });
}

/** Uses the model of before again; the one that was made stays installed. */
export async function useBefore(
  state: ShownState<TrainingPageState>,
  host: Pick<TrainingHost, "select" | "index" | "texts">,
  root: string,
): Promise<void> {
  const { usedBefore } = state.now;
  if (usedBefore === null) return;
  await host.select(usedBefore, root);
  state.set({ used: false, usedBefore: null });
  await index(state, host, root);
  state.say("info", host.texts.usedAgain(usedBefore), []);
}

/** Brings the index up to date with the model that is used now, and shows how far it is. */
async function index(
  state: ShownState<TrainingPageState>,
  host: Pick<TrainingHost, "index">,
  root: string,
): Promise<void> {
  state.set({ indexing: null, notice: null });
  try {
    await host.index(root, (done) => state.set({ indexing: done }));
  } finally {
    const { indexing: _, ...without } = state.now;
    state.become(without);
  }
}
