import type { ReactiveController, ReactiveControllerHost } from "lit";
import type { SimilarState } from "../../src/shared/index.ts";
import { reasonOf } from "../rpc.ts";

/** Which images are the same picture, as the host tells. */
export class CopyGroups implements ReactiveController {
  readonly #host: ReactiveControllerHost;
  readonly #request: () => Promise<readonly (readonly string[])[]>;
  /** What was asked about last. */
  #about: unknown;
  /** Number of the group by path. */
  groups: ReadonlyMap<string, number> = new Map();
  /** Why it cannot be told, for the user; null where it can. */
  problem: string | null = null;

  constructor(host: ReactiveControllerHost, request: () => Promise<readonly (readonly string[])[]>) {
    this.#host = host;
    this.#request = request;
    host.addController(this);
  }

  hostConnected(): void {}

  /**
   * Asks where something new is shown: once for a folder as it is indexed, of several folders once for each answer, since only
   * what is in the lists is compared there. The groups before stay meanwhile.
   * @param folder absolute path
   */
  async follow({ across, folder: { indexed }, result }: SimilarState, folder: string): Promise<void> {
    if (result === null) return;
    const about = across === null ? `${folder} ${indexed}` : result;
    if (about === this.#about) return;
    this.#about = about;
    try {
      const groups = await this.#request();
      if (about !== this.#about) return;
      this.problem = null;
      this.groups = new Map(groups.flatMap((paths, i) => paths.map((path) => [path, i] as const)));
    } catch (error) {
      // Every card is there then, and the page says why.
      if (about !== this.#about) return;
      this.forget();
      this.problem = reasonOf(error);
      this.#about = about;
    }
    this.#host.requestUpdate();
  }

  /** Another folder is shown, or the user tries again. */
  forget(): void {
    this.#about = undefined;
    this.groups = new Map();
    this.problem = null;
  }
}
