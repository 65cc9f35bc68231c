import { html, nothing, type TemplateResult } from "lit";
import type { Box } from "../../src/shared/index.ts";
import type { ActionsPage } from "./actionsPage.ts";
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
    .weights=${page.query().weights}
    .options=${options}
    .store=${page.thumbnails()}
    .actions=${actions}
  ></lookalike-why>`;
}
