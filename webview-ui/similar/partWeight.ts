import { html, type TemplateResult } from "lit";
import { t } from "../strings.ts";

/** What a part of a query may count beside the others. */
const STEPS = [0.25, 0.5, 1, 2, 4];

/** How much a part of the query counts beside the others. @param weight 1 where absent */
export function renderPartWeight(
  name: string,
  weight: number | undefined,
  change: (weight: number) => void,
): TemplateResult {
  const now = weight ?? 1;
  const steps = [...new Set([...STEPS, now])].sort((a, b) => a - b);
  const title = t("How much {0} counts", name);
  return html`<select
    aria-label=${title}
    title=${title}
    @change=${(event: Event) => change(Number((event.target as HTMLSelectElement).value))}
  >
    ${steps.map((step) => html`<option value=${step} ?selected=${step === now}>× ${step}</option>`)}
  </select>`;
}
