/**
 * `npm run pictures`: screenshots of the running extension on the sample folder. Those of the README go into media/, and every
 * page in three themes and four widths into out/pictures; `-- readme` or
 * `-- pages [widths]` makes only the ones. Needs a build.
 */
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { FrameLocator, Page } from "playwright-core";
import { ensureSample } from "../test/fixtures/sample.ts";
import { launchBrowser } from "./lib/browser.ts";
import { startCodeServer } from "./lib/codeServer.ts";
import { ROOT } from "./lib/paths.mjs";
import { THEMES, Workbench } from "./lib/workbench.ts";

const HEIGHT = 860;

const [only, widths = "392,552,1100,2560"] = process.argv.slice(2);
/** Of the group that a page stands in, in pixels. */
const WIDTHS = widths.split(",").map(Number);
const { folder: sample, query: path } = await ensureSample();
const [label, query] = path.split("/") as [string, string];
const data = mkdtempSync(join(tmpdir(), "lookalike-pictures-"));
const browser = await launchBrowser();
try {
  const server = await startCodeServer({ env: { XDG_DATA_HOME: data } });
  const page = await browser.newPage({ viewport: { width: 1440, height: HEIGHT } });
  page.setDefaultTimeout(120_000);
  try {
    const workbench = new Workbench(page);
    await workbench.open(server.address(sample, { extensionDevelopmentPath: ROOT }));
    await workbench.expand(label);
    await workbench.contextMenu(workbench.row(query), "Find Similar Images");
    // The results of a first look are replaced once the folder is indexed.
    const indexed = page.locator(".statusbar-item", { hasText: /^\s*[1-9]\d* images · CPU\s*$/ });
    await indexed.waitFor({ timeout: 600_000 });
    const view = await workbench.results(query);
    await view.locator(".card img").nth(15).waitFor({ state: "attached" });
    if (only !== "pages") await readmePictures(workbench, view);
    if (only !== "readme") await pagePictures(workbench, view);
  } catch (error) {
    const logs = join(ROOT, "out", "logs");
    mkdirSync(logs, { recursive: true });
    await page.screenshot({ path: join(logs, "pictures.png") });
    throw error;
  } finally {
    await page.close();
    await server.stop();
  }
} finally {
  await browser.close();
  rmSync(data, { recursive: true, force: true });
}

/** Thumbnails and transitions: nothing tells when the last of them is done. */
async function shoot(page: Page, file: string): Promise<void> {
  await page.waitForTimeout(700);
  await page.screenshot({ path: join(ROOT, file) });
  console.log(file);
}

async function explain(view: FrameLocator): Promise<void> {
  await view.locator('.card[data-column="combined"]').nth(1).click();
  await view.locator("figure[data-branch] canvas").nth(5).waitFor();
}

async function showMaps(workbench: Workbench, view: FrameLocator): Promise<void> {
  await workbench.command("Lookalike: Inspect Descriptor Projections");
  await view.locator('.maps[aria-busy="false"]').waitFor();
  await view.locator(".quality[title]").nth(3).waitFor();
}

async function train(workbench: Workbench, view: FrameLocator): Promise<void> {
  await workbench.command("Lookalike: Train Model...");
  await view.locator(".stage", { hasText: "Ready" }).waitFor();
  await view.locator('[data-action="start"]').click();
  await view.locator('main[data-stage="done"]').waitFor({ timeout: 600_000 });
  // Out of sight, so their thumbnails are not asked for.
  await view.locator(".examples").waitFor({ state: "attached" });
}

/** One picture of a page per theme, after `point` has put the pointer where it shows something. */
async function readmePictures(workbench: Workbench, view: FrameLocator): Promise<void> {
  const { page } = workbench;
  const pictures = async (name: string, point: () => Promise<void>) => {
    for (const theme of ["light", "dark", "high-contrast"] as const) {
      await workbench.theme(theme);
      await point();
      await shoot(page, join("media", `${name}-${theme}.png`));
    }
  };
  await pictures("similar", () => view.locator('.card[data-column="combined"]').nth(1).hover());
  await explain(view);
  await pictures("why", () => view.locator('figure[data-branch="mac"] lookalike-heat').first().hover());
  await showMaps(workbench, view);
  const plot = (await view.locator("lookalike-map").nth(3).boundingBox())!;
  await pictures("projections", () => page.mouse.move(plot.x + plot.width / 2, plot.y + plot.height / 2));
  await train(workbench, view);
  await pictures("training", () => view.locator("header h1").hover());
  await workbench.closeTab("Training: ");
  await workbench.closeTab("Projections: ");
}

/** Every page in every theme and width, alone in the window. */
async function pagePictures(workbench: Workbench, view: FrameLocator): Promise<void> {
  const { page } = workbench;
  mkdirSync(join(ROOT, "out", "pictures"), { recursive: true });
  const beside = async () => {
    const editors = (await page.locator(".part.editor").boundingBox())!;
    return page.viewportSize()!.width - editors.width;
  };
  const pictures = async (name: string) => {
    for (const theme of Object.keys(THEMES) as (keyof typeof THEMES)[]) {
      await page.setViewportSize({ width: 1440, height: HEIGHT });
      await workbench.theme(theme);
      const others = await beside();
      for (const width of WIDTHS) {
        await page.setViewportSize({ width: Math.round(width + others), height: HEIGHT });
        await shoot(page, join("out", "pictures", `${name}-${theme}-${width}.png`));
      }
    }
    await page.setViewportSize({ width: 1440, height: HEIGHT });
  };
  await workbench.command("View: Toggle Primary Side Bar Visibility");
  await pictures("similar");
  await explain(view);
  await pictures("why");
  await showMaps(workbench, view);
  await pictures("projections");
  await workbench.command("Lookalike: Train Model...");
  await view.locator(".stage", { hasText: "Ready" }).waitFor();
  await pictures("training-choices");
  await view.locator('[data-action="start"]').click();
  await view.locator('main[data-stage="done"]').waitFor({ timeout: 600_000 });
  await pictures("training");
  await workbench.command("Lookalike: Find Duplicates");
  await view.locator("lookalike-review h1, lookalike-review header").first().waitFor();
  await view.locator(".progress").waitFor({ state: "detached" });
  await pictures("duplicates");
  await workbench.command("Lookalike: Find Suspicious Labels");
  await view.locator("lookalike-review [data-path]").first().waitFor();
  await pictures("labels");
  await workbench.command("Lookalike: Evaluate Retrieval...");
  await view.locator("table.figures").first().waitFor();
  await pictures("evaluation");
}
