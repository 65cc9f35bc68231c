import { html, nothing, type TemplateResult } from "lit";
import type { Box, BranchWeights } from "../../src/shared/index.ts";
import type { ActionsPage } from "./actionsPage.ts";
import { inForce } from "./weights.ts";
import type { WhyActions, WhyOptions } from "./why.ts";

/** The strip that explains the selected result; nothing where none is. @param box of the example that is looked at */
export function renderWhy(
  page: Pick<ActionsPage, "state" | "query" | "looked" | "selected" | "thumbnails">,
  box: Box | null,
  options: WhyOptions,
  actions: WhyActions,
): TemplateResult | typeof nothing {
  const selected = page.selected();
  if (selected === null) return nothing;
  return html`<lookalike-why
    .example=${page.state().examples[page.looked()]}
    .box=${box}
    .result=${selected}
    .branches=${page.state().result?.model.descriptors ?? []}
    .weights=${weightsFor(selected, page)}
    .options=${options}
    .store=${page.thumbnails()}
    .actions=${actions}
  ></lookalike-why>`;
}

/** The weights that the score of a result splits by: of several folders those of its own. */
function weightsFor(path: string, page: Pick<ActionsPage, "state" | "query">): BranchWeights {
  const { across, result } = page.state();
  const own = Object.entries(across?.weightsOf ?? {}).find(([folder]) => path.startsWith(`${folder}/`));
  const { weights } = page.query();
  return own === undefined || Object.keys(weights).length > 0 ? inForce(weights, result) : own[1];
}
