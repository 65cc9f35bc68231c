import { html, LitElement, nothing, type SVGTemplateResult, svg, type TemplateResult } from "lit";
import { t } from "../strings.ts";
import { spread, ticks } from "./scale.ts";

export interface Series {
  readonly name: string;
  /** Beside the end of the line: colour is never the only sign. */
  readonly letter: string;
  /** Class that sets the colour. */
  readonly className: string;
  readonly points: readonly { readonly x: number; readonly y: number }[];
  /** Drawn dashed across the whole width: the value to compare with. */
  readonly reference?: number;
}

/** Pixels around the plot: for the numbers of the axes, and the letters at the ends of the lines. */
const MARGIN = { top: 8, right: 30, bottom: 20, left: 56 };
/** Of the whole: a share of its width, between two heights in pixels. */
const HEIGHT = { least: 190, most: 280, share: 0.36 };
const LETTER = 13;
/** Rows of the table, so that it can be listened to. */
const ROWS = 12;

/** Lines over a common axis, drawn as SVG; the same numbers as a table below. */
export class Chart extends LitElement {
  static override properties = {
    heading: {},
    axis: {},
    series: { attribute: false },
    format: { attribute: false },
    fromZero: { type: Boolean },
    width: { state: true },
  };
  declare heading: string;
  /** Name of what runs along the x axis. */
  declare axis: string;
  declare series: readonly Series[];
  declare format: (value: number) => string;
  /** The y axis starts at zero. */
  declare fromZero: boolean;
  declare width: number;
  readonly #observer = new ResizeObserver(([entry]) => {
    this.width = Math.round(entry!.contentRect.width);
  });

  constructor() {
    super();
    this.series = [];
    this.width = 0;
    this.fromZero = false;
  }

  protected override createRenderRoot(): this {
    return this;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.#observer.observe(this);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#observer.disconnect();
  }

  protected override render(): TemplateResult {
    const drawn = this.series.filter(({ points, reference }) => points.length > 0 || reference !== undefined);
    const dashed = drawn.some(({ reference }) => reference !== undefined);
    return html`<div class="chart-head">
        <h3>${this.heading}</h3>
        <ul class="legend" aria-hidden="true">
          ${drawn.map(({ name, letter, className }) => html`<li class=${className}><b>${letter}</b> ${name}</li>`)}
          ${dashed ? html`<li class="quiet"><span class="dashed"></span> ${t("before training")}</li>` : nothing}
        </ul>
      </div>
      ${drawn.length === 0 ? html`<div class="chart-empty"></div>` : this.#plot(drawn)}
      ${drawn.length === 0 ? nothing : this.#table(drawn)}`;
  }

  #plot(drawn: readonly Series[]): TemplateResult {
    const xs = drawn.flatMap(({ points }) => points.map(({ x }) => x));
    const ys = drawn.flatMap(({ points, reference }) => [
      ...points.map(({ y }) => y),
      ...(reference === undefined ? [] : [reference]),
    ]);
    const [left, right] = [Math.min(...xs, 0), Math.max(...xs, 1)];
    const low = this.fromZero ? 0 : Math.min(...ys);
    const high = Math.max(...ys);
    // Lines that are all at one height are drawn in the middle, and not as if their noise were something.
    const pad = Math.max((high - low) * 0.06, Math.abs(high) * 0.02, 1e-3);
    const [bottom, top] = [this.fromZero ? 0 : low - pad, high + pad];
    const width = Math.max(this.width, 120);
    const height = Math.round(Math.min(HEIGHT.most, Math.max(HEIGHT.least, width * HEIGHT.share)));
    const inner = { width: width - MARGIN.left - MARGIN.right, height: height - MARGIN.top - MARGIN.bottom };
    const px = (x: number) => MARGIN.left + ((x - left) / (right - left)) * inner.width;
    const py = (y: number) => MARGIN.top + (1 - (y - bottom) / (top - bottom)) * inner.height;
    const ends = drawn.map(({ points, reference }) => py(points.at(-1)?.y ?? reference!));
    const letters = spread(ends, LETTER, MARGIN.top + LETTER / 2, height - MARGIN.bottom);
    return html`<svg
      class="chart"
      viewBox="0 0 ${width} ${height}"
      width=${width}
      height=${height}
      role="img"
      aria-label=${this.#spoken(drawn)}
    >
      ${ticks(bottom, top, 4).map(
        (y) => svg`<line class="grid" x1=${MARGIN.left} x2=${width - MARGIN.right} y1=${py(y)} y2=${py(y)}></line>
          <text class="tick" x=${MARGIN.left - 6} y=${py(y)} dy="0.35em" text-anchor="end">${this.format(y)}</text>`,
      )}
      ${ticks(left, right, Math.max(2, Math.floor(inner.width / 90)))
        .filter(Number.isInteger)
        .map(
          (x) => svg`<text class="tick" x=${px(x)} y=${height - 5} text-anchor="middle">${x.toLocaleString()}</text>`,
        )}
      ${[...drawn.entries()]
        // The thickest first: lines at one height lie on it and stay to be seen.
        .sort(([, a], [, b]) => Number(b.className.includes("strong")) - Number(a.className.includes("strong")))
        .map(([i, each]) =>
          this.#line(each, { px, py, from: MARGIN.left, to: width - MARGIN.right, letter: letters[i]! }),
        )}
    </svg>`;
  }

  #line(
    { className, letter, points, reference }: Series,
    at: { px(x: number): number; py(y: number): number; from: number; to: number; letter: number },
  ): SVGTemplateResult {
    const path = points.map(({ x, y }, i) => `${i === 0 ? "M" : "L"}${at.px(x).toFixed(1)} ${at.py(y).toFixed(1)}`);
    const only = points.length === 1 ? points[0] : undefined;
    return svg`<g class=${className}>
      ${
        reference === undefined
          ? nothing
          : svg`<line class="reference" x1=${at.from} x2=${at.to} y1=${at.py(reference)} y2=${at.py(reference)}></line>`
      }
      <path class="line" d=${path.join("")}></path>
      ${only === undefined ? nothing : svg`<circle class="dot" cx=${at.px(only.x)} cy=${at.py(only.y)} r="2.5"></circle>`}
      <text class="end" x=${at.to + 6} y=${at.letter} dy="0.35em">${letter}</text>
    </g>`;
  }

  #spoken(drawn: readonly Series[]): string {
    const parts = drawn.map(({ name, points, reference }) => {
      const last = points.at(-1);
      const now = last === undefined ? "" : ` ${this.format(last.y)}`;
      const before = reference === undefined ? "" : `, ${t("before training {0}", this.format(reference))}`;
      return `${name}${now}${before}`;
    });
    return `${this.heading}: ${parts.join("; ")}`;
  }

  #table(drawn: readonly Series[]): TemplateResult {
    const xs = [...new Set(drawn.flatMap(({ points }) => points.map(({ x }) => x)))].sort((a, b) => a - b);
    const every = Math.max(1, Math.ceil(xs.length / ROWS));
    const rows = xs.filter((_, i) => (xs.length - 1 - i) % every === 0);
    const value = (number: number | undefined) => (number === undefined ? "–" : this.format(number));
    const dashed = drawn.some(({ reference }) => reference !== undefined);
    return html`<details class="as-table">
      <summary>${t("As a table")}</summary>
      <table>
        <thead>
          <tr>
            <th scope="col">${this.axis}</th>
            ${drawn.map(({ name }) => html`<th scope="col">${name}</th>`)}
          </tr>
        </thead>
        <tbody>
          ${
            dashed
              ? html`<tr>
                  <th scope="row">${t("before training")}</th>
                  ${drawn.map(({ reference }) => html`<td>${value(reference)}</td>`)}
                </tr>`
              : nothing
          }
          ${rows.map(
            (x) =>
              html`<tr>
                <th scope="row">${x.toLocaleString()}</th>
                ${drawn.map(({ points }) => html`<td>${value(points.find((point) => point.x === x)?.y)}</td>`)}
              </tr>`,
          )}
        </tbody>
      </table>
    </details>`;
  }
}

customElements.define("lookalike-chart", Chart);
