/** `npm run pictures`: screenshots of the running extension on the sample folder, into media/. Needs a build. */
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ensureSample } from "../test/fixtures/sample.ts";
import { launchBrowser } from "./lib/browser.ts";
import { startCodeServer } from "./lib/codeServer.ts";
import { ROOT } from "./lib/paths.mjs";
import { Workbench } from "./lib/workbench.ts";

const { folder: sample, query: path } = await ensureSample();
const [label, query] = path.split("/") as [string, string];
const data = mkdtempSync(join(tmpdir(), "lookalike-pictures-"));
const browser = await launchBrowser();
try {
  const server = await startCodeServer({ env: { XDG_DATA_HOME: data } });
  const page = await browser.newPage({ viewport: { width: 1440, height: 860 } });
  try {
    const workbench = new Workbench(page);
    await workbench.open(server.address(sample, { extensionDevelopmentPath: ROOT }));
    await workbench.expand(label);
    await workbench.contextMenu(workbench.row(query), "Find Similar Images");
    const view = await workbench.results(query);
    await view.locator(".card img").nth(20).waitFor({ state: "attached" });
    await pictures("similar", () => view.locator('.card[data-column="combined"]').nth(1).hover());

    await view.locator('.card[data-column="combined"]').nth(1).click();
    await view.locator("figure[data-branch] canvas").nth(5).waitFor();
    await pictures("why", () => view.locator('figure[data-branch="mac"] lookalike-heat').first().hover());

    await workbench.command("Lookalike: Inspect Descriptor Projections");
    await view.locator('.maps[aria-busy="false"]').waitFor({ timeout: 120_000 });
    await view.locator(".quality[title]").nth(3).waitFor();
    const plot = (await view.locator("lookalike-map").nth(3).boundingBox())!;
    await pictures("projections", () => page.mouse.move(plot.x + plot.width / 2, plot.y + plot.height / 2));

    await workbench.command("Lookalike: Train Model...");
    await view.locator(".stage", { hasText: "Ready" }).waitFor({ timeout: 60_000 });
    await view.locator('[data-action="start"]').click();
    await view.locator('main[data-stage="done"]').waitFor({ timeout: 300_000 });
    // Out of sight, so their thumbnails are not asked for.
    await view.locator(".examples").waitFor({ state: "attached" });
    await pictures("training", () => view.locator("header h1").hover());

    /** One picture per theme, after `point` has put the pointer where it shows something. */
    async function pictures(name: string, point: () => Promise<void>): Promise<void> {
      for (const theme of ["light", "dark", "high-contrast"] as const) {
        await workbench.theme(theme);
        await point();
        // Thumbnails and transitions: nothing tells when the last of them is done.
        await page.waitForTimeout(1000);
        const file = join("media", `${name}-${theme}.png`);
        await page.screenshot({ path: join(ROOT, file) });
        console.log(file);
      }
    }
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
