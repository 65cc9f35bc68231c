/** What lies beside the images of a workspace is opened only where the workspace is trusted. */
import { expect, test, vi } from "vitest";
import type { EngineClient } from "../../../src/extension/engine/engineClient.ts";

const workspace = vi.hoisted(() => ({
  isTrusted: false,
  getConfiguration: () => ({ get: (_: string, otherwise: unknown) => otherwise }),
}));
vi.mock("vscode", () => ({ l10n: { t: (text: string) => text }, workspace }));

const { tablesHost } = await import("../../../src/extension/tablesHost.ts");

test("tables beside the images are looked for with trust alone", async () => {
  const asked: unknown[] = [];
  const engine = { request: async (...request: unknown[]) => asked.push(request) } as unknown as EngineClient;
  const host = tablesHost(engine);
  await host.tables("/photos", "", ["/chosen.csv"]);
  workspace.isTrusted = true;
  await host.tables("/photos", "", ["/chosen.csv"]);
  const params = { folder: "/photos", files: ["/chosen.csv"] };
  expect(asked).toMatchObject([
    ["projection/tables", { ...params, beside: false }],
    ["projection/tables", { ...params, beside: true }],
  ]);
});
