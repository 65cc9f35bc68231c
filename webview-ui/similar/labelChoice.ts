import type { ReactiveController, ReactiveControllerHost } from "lit";
import type { ShownLabels, TableColumn } from "../../src/shared/index.ts";
import { likelyColumn } from "../labelSource.ts";
import { reasonOf } from "../rpc.ts";
import type { ActionsPage } from "./actionsPage.ts";

/** Where the labels of the lists come from, as the host tells and the user chooses. */
export class LabelChoice implements ReactiveController {
  readonly #host: ReactiveControllerHost;
  readonly #page: ActionsPage;
  #shown: ShownLabels = { tables: [], byPath: [], facets: null, problem: null };
  #search: string | null = null;

  constructor(host: ReactiveControllerHost, page: ActionsPage) {
    this.#host = host;
    this.#page = page;
    host.addController(this);
  }

  hostConnected(): void {}

  get shown(): ShownLabels {
    return this.#shown;
  }

  /** What is looked for among the labels; null while they are not shown. */
  get search(): string | null {
    return this.#search;
  }

  readonly show = (labels: ShownLabels): void => {
    this.#shown = labels;
    this.#host.requestUpdate();
  };

  readonly look = (text: string | null): void => {
    this.#search = text;
    this.#host.requestUpdate();
  };

  /** Labels come from somewhere else: those of the filter mean nothing there. Who chooses a table wants to see its labels. */
  readonly take = (labels: TableColumn | null): void => {
    const { labels: _, ...filter } = this.#page.query().filter;
    this.#page.change({ labels, filter }, 0);
    const options = this.#page.options();
    if (labels !== null && !options.labels) this.#page.keep({ options: { ...options, labels: true } });
  };

  readonly chooseTable = async (): Promise<void> => {
    try {
      const table = await this.#page.ask("chooseTable", {});
      const column = table === null ? undefined : likelyColumn(table);
      if (column !== undefined) this.take(column);
    } catch (error) {
      this.show({ ...this.#shown, problem: reasonOf(error) });
    }
  };
}
