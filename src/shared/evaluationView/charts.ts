import { html, type Markup, percent, signed, type Translate } from "./html.ts";

const WIDTH = 320;
const HEIGHT = 90;

/** Two histograms over the same axis: cosines of pairs of one class and of two. Shares, from -1 to 1 in equal bins. */
export function histogramChart(same: readonly number[], other: readonly number[], name: string, t: Translate): Markup {
  const most = Math.max(...same, ...other, 1e-9);
  const area = (values: readonly number[]) => {
    const points = values.flatMap((value, i) => {
      const y = HEIGHT - (value / most) * HEIGHT;
      return [`${(i / values.length) * WIDTH},${y.toFixed(1)}`, `${((i + 1) / values.length) * WIDTH},${y.toFixed(1)}`];
    });
    return `0,${HEIGHT} ${points.join(" ")} ${WIDTH},${HEIGHT}`;
  };
  const label = t("{0}: mean cosine {1} within classes, {2} between them", name, centre(same), centre(other));
  return html`<figure class="chart">
    <svg viewBox="0 0 ${WIDTH} ${HEIGHT + 14}" role="img" aria-label="${label}">
      <polygon class="other" points="${area(other)}"></polygon>
      <polygon class="same" points="${area(same)}"></polygon>
      ${[-1, -0.5, 0, 0.5, 1].map(
        (value) =>
          html`<text x="${((value + 1) / 2) * WIDTH}" y="${HEIGHT + 12}" text-anchor="${value < 0 && value > -1 ? "middle" : value === -1 ? "start" : value === 1 ? "end" : "middle"}">${value}</text>`,
      )}
    </svg>
    <figcaption>${label}</figcaption>
  </figure>`;
}

function centre(values: readonly number[]): string {
  const total = values.reduce((sum, value) => sum + value, 0);
  const mean = values.reduce((sum, value, i) => sum + value * ((2 * (i + 0.5)) / values.length - 1), 0);
  return total === 0 ? "-" : (mean / total).toFixed(2);
}

/** A difference with its interval around zero, drawn to a common scale. */
export function intervalChart(
  value: number,
  [low, high]: readonly [number, number],
  scale: number,
  t: Translate,
): Markup {
  const at = (share: number) => (80 + (share / Math.max(scale, 1e-9)) * 76).toFixed(1);
  const label = t("{0} points, 95 % {1} to {2}", signed(value), signed(low), signed(high));
  return html`<svg class="interval" viewBox="0 0 160 16" role="img" aria-label="${label}">
    <line class="zero" x1="80" x2="80" y1="0" y2="16"></line>
    <line class="span" x1="${at(low)}" x2="${at(high)}" y1="8" y2="8"></line>
    <circle cx="${at(value)}" cy="8" r="4"></circle>
  </svg>`;
}

/** Shares side by side in one bar, each with its own pattern of lightness and its number beside it. */
export function shareBar(
  parts: readonly { readonly name: string; readonly share: number; readonly kind: string }[],
): Markup {
  let x = 0;
  const label = parts.map(({ name, share }) => `${name} ${percent(share)} %`).join(", ");
  return html`<svg class="shares" viewBox="0 0 100 10" preserveAspectRatio="none" role="img" aria-label="${label}">
    ${parts.map(({ share, kind }) => {
      const from = x;
      x += 100 * share;
      return html`<rect class="${kind}" x="${from.toFixed(2)}" width="${(100 * share).toFixed(2)}" height="10"></rect>`;
    })}
  </svg>`;
}
