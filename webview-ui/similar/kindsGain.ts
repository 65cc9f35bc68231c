import { html, LitElement, nothing, type TemplateResult } from "lit";
import type { KindsGain } from "../../src/shared/index.ts";
import { t } from "../strings.ts";

/** Beside the switch that keeps kinds together: what that does here, measured on images with labels. */
class KindsGainText extends LitElement {
  static override properties = { source: {}, gain: { state: true } };
  /** Where labels come from, in one text: of others it is measured anew. */
  declare source: string;
  declare ask: () => Promise<KindsGain | null>;
  /** undefined until it is known. */
  declare gain: KindsGain | null | undefined;

  protected override createRenderRoot(): this {
    return this;
  }

  protected override willUpdate(changed: Map<string, unknown>): void {
    if (changed.has("source")) void this.#measure(this.source);
  }

  async #measure(source: string): Promise<void> {
    this.gain = undefined;
    // It is a note beside the switch: where it cannot be had there is none, and the log says why.
    const gain = await this.ask().catch(() => null);
    if (source === this.source) this.gain = gain;
  }

  protected override render(): TemplateResult | typeof nothing {
    const { gain } = this;
    if (gain == null) return nothing;
    const points = `${gain.mean < 0 ? "" : "+"}${(100 * gain.mean).toFixed(1)}`;
    const error = (100 * gain.error).toFixed(1);
    return html`<span
      class="quiet kinds-gain"
      role="status"
      title=${t("Over {0} images with a label; MAP@R without it is {1} %.", gain.queries, (100 * gain.before).toFixed(1))}
      >${t("here MAP@R {0} ± {1}", points, error)}</span
    >`;
  }
}

customElements.define("lookalike-kinds-gain", KindsGainText);
