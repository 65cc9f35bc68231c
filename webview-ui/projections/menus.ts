import { html, nothing, type TemplateResult } from "lit";
import { DEFAULT_PROJECTION, type LayoutFormat, type ProjectionParameters } from "../../src/shared/index.ts";
import { t } from "../strings.ts";

/** Widths of an exported picture, in pixels. */
const WIDTHS = { least: 200, usual: 2400, most: 16_000 };

/** A button with a panel under it that stays open until the button, Escape or a click elsewhere closes it. */
function menu(name: string, label: string, content: TemplateResult): TemplateResult {
  const close = (event: Event) => {
    (event.currentTarget as HTMLDetailsElement).open = false;
  };
  return html`<details
    class="menu ${name}"
    @keydown=${(event: KeyboardEvent) => {
      event.stopPropagation();
      if (event.key !== "Escape") return;
      event.preventDefault();
      close(event);
      (event.currentTarget as HTMLElement).querySelector("summary")?.focus();
    }}
    @focusout=${(event: FocusEvent) => {
      const details = event.currentTarget as HTMLElement;
      if (event.relatedTarget instanceof Node && !details.contains(event.relatedTarget)) close(event);
    }}
  >
    <summary class="secondary">${label}</summary>
    <div class="panel">${content}</div>
  </details>`;
}

function closeMenu(event: Event): void {
  const details = (event.currentTarget as HTMLElement).closest("details");
  if (details !== null) details.open = false;
}

/** What the maps are made with, and the button that makes them so. */
export function renderParameters(
  { neighbours, minDist, seed, sample, under, ...others }: ProjectionParameters,
  folders: readonly string[],
  run: (parameters: ProjectionParameters) => void,
): TemplateResult {
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const data = new FormData(event.currentTarget as HTMLFormElement);
    const text = (name: string) => String(data.get(name) ?? "").trim();
    closeMenu(event);
    run({
      ...others,
      neighbours: Number(text("neighbours")),
      minDist: Number(text("minDist")),
      seed: Number(text("seed")),
      sample: text("sample") === "" ? null : Number(text("sample")),
      under: text("under")
        .replaceAll("\\", "/")
        .replace(/^\/+|\/+$/g, ""),
    });
  };
  const usual = (value: number) => t("{0} by default", value);
  const number = (name: string, label: string, value: number, low: number, high: number, step: number, hint: string) =>
    html`<label
      >${label}<input type="number" name=${name} min=${low} max=${high} step=${step} required .value=${String(value)} /><span
        class="quiet"
        >${hint}</span
      ></label
    >`;
  return menu(
    "parameters",
    t("Parameters"),
    html`<form @submit=${submit}>
      ${number("neighbours", t("Neighbours"), neighbours, 2, 200, 1, usual(DEFAULT_PROJECTION.neighbours))}
      ${number("minDist", t("Min distance"), minDist, 0, 0.99, 0.01, usual(DEFAULT_PROJECTION.minDist))}
      ${number("seed", t("Seed"), seed, 0, 2 ** 32 - 1, 1, usual(DEFAULT_PROJECTION.seed))}
      <label
        >${t("Folder")}<input name="under" list="folders" placeholder=${t("all")} .value=${under} /><span class="quiet"
          >${t("only images in it")}</span
        ></label
      >
      <datalist id="folders">${folders.map((folder) => html`<option value=${folder}></option>`)}</datalist>
      <label
        >${t("Sample")}<input
          type="number"
          name="sample"
          min="3"
          step="1"
          placeholder=${t("all")}
          .value=${sample === null ? "" : String(sample)}
        /><span class="quiet">${t("so many images")}</span></label
      >
      <button class="primary" type="submit">${t("Run")}</button>
    </form>`,
  );
}

export interface ExportChoice {
  readonly format: "png" | "svg";
  /** Branch name or combined; null is all maps. */
  readonly map: string | null;
  /** Pixels. */
  readonly width: number;
}

/** Pictures and coordinates of the maps. */
export function renderExport(
  descriptors: readonly { readonly name: string; readonly label: string }[],
  actions: { picture(choice: ExportChoice): void; layout(format: LayoutFormat): void },
  failure: string | null,
): TemplateResult {
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const data = new FormData(event.currentTarget as HTMLFormElement);
    const [format, map] = [String(data.get("format")), String(data.get("map"))];
    closeMenu(event);
    if (format === "png" || format === "svg")
      actions.picture({ format, map: map === "" ? null : map, width: Number(data.get("width")) });
    else actions.layout(format as LayoutFormat);
  };
  return menu(
    "export",
    t("Export"),
    html`<form @submit=${submit}>
      <label
        >${t("Format")}<select name="format">
          <optgroup label=${t("Picture")}>
            <option value="png">PNG</option>
            <option value="svg">SVG</option>
          </optgroup>
          <optgroup label=${t("Coordinates")}>
            <option value="csv">CSV</option>
            <option value="parquet">Parquet</option>
            <option value="json">JSON</option>
          </optgroup>
        </select></label
      >
      <label
        >${t("Maps")}<select name="map">
          <option value="">${t("all")}</option>
          ${descriptors.map(({ name, label }) => html`<option value=${name}>${label}</option>`)}
        </select></label
      >
      <label
        >${t("Width")}<input
          type="number"
          name="width"
          min=${WIDTHS.least}
          max=${WIDTHS.most}
          value=${WIDTHS.usual}
          required
        /><span class="quiet">${t("pixels of the picture")}</span></label
      >
      ${failure === null ? nothing : html`<p role="alert">${t("No picture of that size could be made ({0}). Choose a smaller one.", failure)}</p>`}
      <button class="primary" type="submit">${t("Export...")}</button>
    </form>`,
  );
}
