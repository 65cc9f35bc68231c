/** The projections page with the maps of two models. */
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { launchBrowser } from "../../scripts/lib/browser.ts";
import { openPage } from "./support/pageHarness.ts";
import { flawsOfLooks } from "./support/themes.ts";

let browser: Browser;
beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser?.close());

/** Two maps, of which the other is the first one turned; runs in the page. */
function twoModels(): void {
  const count = 60;
  const names = ["eye one", "eye two", "combined"];
  const points = (turn: number) =>
    Float32Array.from(
      Array.from({ length: count }, (_, i) => [
        Math.cos(i + turn) * (1 + (i % 5)),
        Math.sin(i + turn) * (1 + (i % 5)),
      ]).flat(),
    );
  const models = ["one", "two"].map((model) => ({ label: `eye ${model}`, model, adapt: false }));
  const parameters = { neighbours: 15, minDist: 0.1, seed: 42, sample: null, under: "", models };
  const quality = { trustworthiness: 0.97, neighbourPreservation: 0.5, alignmentResidual: 0.1 };
  const maps = Object.fromEntries(names.map((name) => [name, quality]));
  const summary = { images: count, excluded: 0, maps, measured: { k: 15, images: count }, reused: "none", seconds: 1 };
  const values = Float64Array.from({ length: count }, (_, i) => i / count);
  const known: Record<string, unknown> = {
    ready: {
      state: { folder: "photos", under: "", work: null, parameters, summary, notice: null },
      saved: { folder: "/photos", under: "", parameters },
      colour: null,
      images: { descriptors: names, paths: Array.from({ length: count }, (_, i) => `class ${i % 5}/${i}.png`) },
      layouts: names.map((descriptor, i) => ({ descriptor, method: "umap", done: 1, points: points(i) })),
      highlight: { active: null, query: null, results: [] },
    },
    tables: [],
    neighbours: {},
    column: { column: { kind: "number", unit: "share", values, byMap: null }, notes: null },
    colour: null,
    run: null,
  };
  const host = globalThis as unknown as {
    acquireVsCodeApi(): { postMessage(message: Message): unknown };
    sent: Message[];
  };
  type Message = { id?: number; method: string; params?: unknown };
  host.sent = [];
  const before = host.acquireVsCodeApi;
  host.acquireVsCodeApi = () => {
    const api = before();
    return {
      ...api,
      postMessage(message: Message) {
        host.sent.push(message);
        const result = known[message.method];
        if (result === undefined) return api.postMessage(message);
        const data = { jsonrpc: "2.0", id: message.id, result };
        return setTimeout(() => window.dispatchEvent(new MessageEvent("message", { data })));
      },
    };
  };
}

test("two models have a map each, what moved is between the two, and other parameters keep them", async () => {
  const page = await openPage(browser, "projections", {}, twoModels);
  const sent = (method: string) =>
    page.evaluate(
      (wanted) =>
        (globalThis as unknown as { sent: { method: string; params: unknown }[] }).sent
          .filter((message) => message.method === wanted)
          .map(({ params }) => params),
      method,
    );
  await page.locator(".legend li").first().waitFor();
  expect(await page.locator("lookalike-map").count()).toBe(3);
  const heads = await page.locator(".maps").textContent();
  for (const name of ["eye one", "eye two", "Combined"]) expect(heads).toContain(name);
  await page.locator("select.colour").selectOption({ label: "What moved" });
  await expect
    .poll(async () => (await sent("column")).at(-1))
    .toMatchObject({ column: { kind: "moved", one: "eye one", other: "eye two" } });
  await page.getByText("Parameters", { exact: true }).click();
  await page.getByRole("button", { name: "Run", exact: true }).click();
  await expect
    .poll(async () => (await sent("run")).at(-1))
    .toMatchObject({ parameters: { seed: 42, models: [{ model: "one" }, { model: "two" }] } });
  expect(await flawsOfLooks(page, "two-models", [1100, 552, 392])).toEqual({});
  await page.close();
});
