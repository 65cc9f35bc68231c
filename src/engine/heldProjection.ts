import type { FolderParams, ProjectionParameters } from "../shared/index.ts";
import type { Folders } from "./folders.ts";

type Core = Awaited<ReturnType<Folders["core"]>>;
export type Projection = Awaited<ReturnType<Core["projectFolder"]>>["projection"];
export type ProjectionAsked = FolderParams & { readonly parameters: ProjectionParameters };

/** The latest projection of this process: what is asked of its points needs no reading. */
export class HeldProjection {
  readonly #folders: Folders;
  readonly #warn: (message: string) => void;
  #held: { readonly key: string; readonly projection: Promise<Projection> } | undefined;

  constructor(folders: Folders, warn: (message: string) => void) {
    this.#folders = folders;
    this.#warn = warn;
  }

  async put(params: ProjectionAsked, projection: Projection): Promise<void> {
    this.#hold(await this.#keyOf(params), Promise.resolve(projection));
  }

  /** The projection of a folder. Not held any more, since the engine was started again or another folder was looked at, it
   * is read from what was kept. */
  async get(params: ProjectionAsked): Promise<Projection> {
    const key = await this.#keyOf(params);
    return this.#held?.key === key ? this.#held.projection : this.#hold(key, this.#read(params));
  }

  async #read(params: ProjectionAsked): Promise<Projection> {
    const core = await this.#folders.core();
    const { source, keep } = await this.source(params);
    return (await core.projectFolder(source, params.parameters, { warn: this.#warn, keep })).projection;
  }

  /** What is laid out: an index, or those of two models; maps of two are not kept, since either may change. */
  async source(
    params: ProjectionAsked,
  ): Promise<{ readonly source: ReturnType<Core["comparedSource"]>; readonly keep: boolean }> {
    const { models } = params.parameters;
    if (models === undefined) return { source: (await this.#folders.get(params)).source(), keep: true };
    const { comparedSource } = await this.#folders.core();
    const [one, other] = await Promise.all(
      models.map(async ({ label, ...form }) => ({
        label,
        source: (await this.#folders.get({ ...params, ...form })).source(),
      })),
    );
    return { source: comparedSource(one!, other!), keep: false };
  }

  #hold(key: string, projection: Promise<Projection>): Promise<Projection> {
    const next = { key, projection };
    this.#held = next;
    // A failure is not kept: the next request tries again.
    projection.catch(() => {
      if (this.#held === next) this.#held = undefined;
    });
    return projection;
  }

  /** What a projection depends on, but for the index itself. */
  async #keyOf(params: ProjectionAsked): Promise<string> {
    const { folder, location, adapt, form, parameters } = params;
    return JSON.stringify([folder, location, adapt, form, await this.#folders.modelFile(params), parameters]);
  }
}
