import type { PageQuery } from "../../src/shared/index.ts";
import { retryThumbnails } from "../thumbnail.ts";
import type { ActionsPage } from "./actionsPage.ts";
import type { ListActions } from "./cardKeys.ts";
import type { CopyGroups } from "./copyGroups.ts";
import { exportAs } from "./exportAs.ts";
import type { FilterActions } from "./filters.ts";
import type { HeaderActions } from "./header.ts";
import type { LabelChoice } from "./labelChoice.ts";
import { startMarking } from "./markSession.ts";
import type { WhyActions } from "./why.ts";

/** Time in which a second click makes a double click. Milliseconds. */
const DOUBLE_CLICK = 250;
/** After the last change of a drag the engine is asked. Milliseconds. */
const AFTER_DRAG = 150;

export function cardActions(page: ActionsPage): ListActions {
  let opening: number | undefined;
  return {
    // Under several models there is no one explanation.
    select: (path) => {
      const { comparison, examples } = page.state();
      // Of words alone there is no picture to explain a score by.
      if (comparison !== null || examples.length === 0) return void page.ask("open", { path, mode: "preview" });
      window.clearTimeout(opening);
      // The strip takes room, and must not do so between the clicks of a double click.
      opening = window.setTimeout(() => page.keep({ selected: path }), page.selected() === null ? DOUBLE_CLICK : 0);
    },
    walk: (path) => {
      if (page.selected() !== null) page.keep({ selected: path });
    },
    open: (path, mode) => {
      window.clearTimeout(opening);
      void page.ask("open", { path, mode });
    },
    add: (path, sign) => {
      const { examples } = page.query();
      if (examples.some((example) => example.path === path)) return;
      page.change({ examples: [...examples, { path, sign, box: null }] }, 0);
    },
  };
}

export function headerActions(page: ActionsPage): HeaderActions {
  const changeExample = (index: number, change: Partial<PageQuery["examples"][number]>, delay: number) => {
    const examples = page.query().examples.map((example, i) => (i === index ? { ...example, ...change } : example));
    page.change({ examples }, delay);
  };
  return {
    act(action) {
      // A password is asked for first.
      void Promise.resolve(page.ask("action", { action })).then(() => {
        if (action === "retry" || action === "enterPassword") retryThumbnails();
      });
    },
    loaded: (querySize) => page.show({ querySize }),
    open: (path) => void page.ask("open", { path, mode: "preview" }),
    box: (box) => changeExample(page.looked(), { box }, AFTER_DRAG),
    scope: (across) => page.change({ across }, 0),
    weights: (weights) => page.change({ weights }, AFTER_DRAG),
    mark: () => startMarking(page),
    suggest: (choice) => void page.ask("suggest", { choice }),
    look: (looked) => page.show({ looked }),
    turn: (index) => changeExample(index, { sign: page.query().examples[index]?.sign === 1 ? -1 : 1 }, 0),
    weigh: (index, weight) => changeExample(index, { weight }, 0),
    remove: (index) => page.change({ examples: page.query().examples.filter((_, i) => i !== index) }, 0),
    clear: () =>
      page.change(
        {
          examples: page
            .query()
            .examples.slice(0, 1)
            .map((each) => ({ ...each, sign: 1 })),
        },
        0,
      ),
    pick: () => void page.ask("pick", { sign: 1 }),
    words: (texts) => page.change({ texts }, 0),
    go: (step) => void page.ask("history", { step }),
    pin: (pinned) => void page.ask("pin", { pinned }),
    saveQuery: () => void page.ask("saveQuery", {}),
    resize: (size) => page.keep({ size }),
    asGrid: (grid) => page.keep({ grid }),
    export: (kind) =>
      void exportAs(kind, page.columns(), page.state(), page.thumbnails(), {
        save: (file) => page.ask("save", file),
        copy: (text) => page.ask("copy", { text }),
      }),
  };
}

export function whyActions(page: ActionsPage): WhyActions {
  return {
    explain: (params) => page.ask("explain", params),
    show: (why) => page.keep({ why }),
    close: () => page.keep({ selected: null }),
  };
}

export function filterActions(page: ActionsPage, labels: LabelChoice, copies: CopyGroups): FilterActions {
  return {
    kindsGain: () => page.ask("kindsGain", {}),
    filter: (filter) => page.change({ filter }, AFTER_DRAG),
    view: (options) => {
      // Ticked again: another try.
      if (!page.options().collapse && copies.problem !== null) copies.forget();
      page.keep({ options });
    },
    labels: labels.take,
    chooseTable: () => void labels.chooseTable(),
    searchLabels: labels.look,
  };
}
