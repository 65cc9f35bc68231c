/**
 * Drawing: four linked plots in a headless Chromium with WebGL in software. `node test/bench/plot.ts [count ...]` runs it
 * alone. The figures go to out/bench/plot.json as well.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { build } from "esbuild";
import { launchBrowser } from "../../scripts/lib/browser.ts";

const ROOT = resolve(import.meta.dirname, "../..");

/** What the page measures, in milliseconds; see test/bench/page/plotPage.ts. */
interface DrawingFigures {
  readonly count: number;
  readonly firstPaint: number;
  readonly hover: number;
  readonly hoverToFrame: number;
  readonly lasso: number;
  readonly inside: number;
  readonly lassoToPixels: number;
  readonly frameMedian: number;
  readonly frameP95: number;
}

/** Of the first sketch of the renderer, 4 x 100,000 points, on a loaded machine. Milliseconds. */
const TO_BEAT = { firstPaint: 1400, hover: 6, lasso: 9, frameP95: 193 };

/** Each number of points in a page of its own. */
async function run(counts: readonly number[]): Promise<DrawingFigures[]> {
  const { outputFiles } = await build({
    entryPoints: [join(ROOT, "test/bench/page/plotPage.ts")],
    bundle: true,
    minify: true,
    write: false,
    format: "iife",
    globalName: "bench",
    target: "es2023",
  });
  const figures: DrawingFigures[] = [];
  for (const count of counts) {
    const browser = await launchBrowser();
    try {
      const page = await browser.newPage({ viewport: { width: 1200, height: 900 } });
      await page.setContent("<!doctype html><body></body>");
      await page.addScriptTag({ content: outputFiles[0]!.text });
      const measured: unknown = await page.evaluate(`bench.measureDrawing(${count})`);
      figures.push(measured as DrawingFigures);
    } finally {
      await browser.close();
    }
  }
  return figures;
}

function describe(figures: readonly DrawingFigures[]): string {
  const ms = (value: number) => (value < 10 ? value.toFixed(1) : value.toFixed(0)).padStart(7);
  const line = (name: string, pick: (each: DrawingFigures) => number, beat?: number) =>
    `${name.padEnd(34)}${figures.map((each) => ms(pick(each))).join("")}${beat === undefined ? "" : ms(beat)}`;
  return [
    `milliseconds, four plots of${" ".repeat(7)}${figures.map(({ count }) => String(count).padStart(7)).join("")} to beat`,
    line("first paint", ({ firstPaint }) => firstPaint, TO_BEAT.firstPaint),
    line("hover, script", ({ hover }) => hover, TO_BEAT.hover),
    line("hover, until the next frame", ({ hoverToFrame }) => hoverToFrame),
    line("lasso, script", ({ lasso }) => lasso, TO_BEAT.lasso),
    line("lasso, until its pixels", ({ lassoToPixels }) => lassoToPixels),
    line("zoom and pan, frame, median", ({ frameMedian }) => frameMedian),
    line("zoom and pan, frame, p95", ({ frameP95 }) => frameP95, TO_BEAT.frameP95),
    `in the lasso: ${figures.map(({ inside }) => inside).join(", ")} points; to beat: of 100,000`,
  ].join("\n");
}

const asked = process.argv.slice(2).map(Number);
const figures = await run(asked.length === 0 ? [100_000, 1_000_000] : asked);
console.log(describe(figures));
const out = join(ROOT, "out", "bench");
mkdirSync(out, { recursive: true });
writeFileSync(join(out, "plot.json"), `${JSON.stringify(figures, null, 2)}\n`);
