import { promises as fs } from "node:fs";
import * as v from "valibot";
import * as vscode from "vscode";
import { messageText, type TorchPlace } from "../../shared/index.ts";
import type { EngineClient } from "../engine/engineClient.ts";
import { requireTrust } from "../failures.ts";
import { SETTINGS } from "../ids.ts";
import { tell } from "../messages.ts";
import { trainingPython } from "../settings.ts";
import { makeEnvironment, pythonOf } from "./torchEnvironment.ts";

/** No Python with torch was found; the text says what can be done. */
export class NoTorchError extends Error {
  override readonly name = "NoTorchError";
}

/** What is read of the Python extension's face (`@vscode/python-extension`); it may be missing, older or newer. */
const ActivePathSchema = v.object({ path: v.string() });
const ResolvedSchema = v.object({ executable: v.object({ uri: v.optional(v.object({ fsPath: v.string() })) }) });

type Item = vscode.QuickPickItem & { readonly does: "create" | "choose" | "clear" };

/** The Python that takes the steps of a training with torch. It is found or chosen; nothing is installed unasked. */
export class TorchPython {
  readonly #engine: EngineClient;
  readonly #log: vscode.LogOutputChannel;
  /** Absolute path of the environment that is made here, where there is one. */
  readonly ownFolder: string;

  constructor(engine: EngineClient, log: vscode.LogOutputChannel, storage: vscode.Uri) {
    this.#engine = engine;
    this.#log = log;
    this.ownFolder = vscode.Uri.joinPath(storage, "torch").fsPath;
  }

  /**
   * The interpreter: the setting's alone where it names one; else the Python extension's, that of the environment made here,
   * or the first of the usual ones that can import torch.
   * @throws NoTorchError where none can
   */
  async find(): Promise<TorchPlace> {
    requireTrust();
    const chosen = trainingPython();
    const given = chosen === "" ? await this.#candidates() : [chosen];
    const reasons: string[] = [];
    for (const candidates of chosen === "" && given.length > 0 ? [given, []] : [given]) {
      const found = await this.#engine.request("training/torch", { candidates });
      if ("python" in found) {
        this.#log.info(`Training with torch ${found.version} of ${found.python}, ${found.gpus} CUDA devices`);
        return found;
      }
      reasons.push(...found);
    }
    throw new NoTorchError(
      vscode.l10n.t(
        "No Python with torch was found ({0}). Set one up, or choose the built-in engine under More choices.",
        reasons.join("; "),
      ),
    );
  }

  /** Lets the user choose an interpreter, or have an environment made. */
  async setUp(): Promise<void> {
    requireTrust();
    const t = vscode.l10n.t;
    const items: Item[] = [
      {
        label: `$(folder-opened) ${t("Choose an interpreter...")}`,
        detail: t("A Python that can import torch"),
        does: "choose",
      },
      {
        label: `$(add) ${t("Create an environment...")}`,
        detail: t("Downloads torch (up to some GB) into a folder of Lookalike: {0}", this.ownFolder),
        does: "create",
      },
      ...(trainingPython() === ""
        ? []
        : [{ label: `$(discard) ${t("Look for one by itself")}`, detail: trainingPython(), does: "clear" } as const]),
    ];
    const picked = await vscode.window.showQuickPick(items, { title: t("Python with torch, for training") });
    if (picked?.does === "choose") await this.#choose();
    else if (picked?.does === "create") await this.#create();
    else if (picked?.does === "clear") await this.#remember(undefined);
  }

  async #choose(): Promise<void> {
    const [file] = (await vscode.window.showOpenDialog({ title: vscode.l10n.t("A Python interpreter") })) ?? [];
    if (file === undefined) return;
    const found = await this.#engine.request("training/torch", { candidates: [file.fsPath] });
    if (!("python" in found)) throw new NoTorchError(vscode.l10n.t("It cannot be used: {0}.", found.join("; ")));
    await this.#remember(found.python);
    this.#tell(found);
  }

  /** Whoever chose this was told what is downloaded, and where to. */
  async #create(): Promise<void> {
    const t = vscode.l10n.t;
    const options = { location: vscode.ProgressLocation.Notification, title: t("Setting up torch"), cancellable: true };
    await vscode.window.withProgress(options, (progress, token) =>
      makeEnvironment(this.ownFolder, token, (line) => {
        this.#log.info(line);
        progress.report({ message: messageText(line.slice(0, 80)) });
      }),
    );
    const found = await this.#engine.request("training/torch", { candidates: [pythonOf(this.ownFolder)] });
    if (!("python" in found))
      throw new NoTorchError(t("The environment was made, but cannot be used: {0}.", found.join("; ")));
    await this.#remember(undefined);
    this.#tell(found);
  }

  #tell({ python, version, gpus }: TorchPlace): void {
    void tell(vscode.l10n.t("Trainings can use torch {0} of {1} ({2} CUDA devices).", version, python, gpus));
  }

  async #remember(python: string | undefined): Promise<void> {
    const settings = vscode.workspace.getConfiguration(SETTINGS.section);
    await settings.update(SETTINGS.trainingPython, python, vscode.ConfigurationTarget.Global);
  }

  async #candidates(): Promise<string[]> {
    const own = pythonOf(this.ownFolder);
    const there = await fs.access(own).then(
      () => true,
      () => false,
    );
    const active = await this.#ofPythonExtension().catch((error: unknown) => {
      this.#log.debug(`The Python extension tells no interpreter: ${String(error)}`);
      return undefined;
    });
    return [...(active === undefined ? [] : [active]), ...(there ? [own] : [])];
  }

  /** The interpreter that is chosen in the Python extension, where it is installed. */
  async #ofPythonExtension(): Promise<string | undefined> {
    const extension = vscode.extensions.getExtension<unknown>("ms-python.python");
    if (extension === undefined) return undefined;
    const face = (await extension.activate()) as { readonly environments?: unknown } | undefined;
    const { environments } = face ?? {};
    if (typeof environments !== "object" || environments === null) return undefined;
    const call = async (name: string, ...args: readonly unknown[]): Promise<unknown> => {
      const method: unknown = Reflect.get(environments, name);
      return typeof method === "function" ? await Reflect.apply(method, environments, args) : undefined;
    };
    const active = v.safeParse(ActivePathSchema, await call("getActiveEnvironmentPath"));
    if (!active.success) return undefined;
    const resolved = v.safeParse(ResolvedSchema, await call("resolveEnvironment", active.output));
    return (resolved.success ? resolved.output.executable.uri?.fsPath : undefined) ?? active.output.path;
  }
}
