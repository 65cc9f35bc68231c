import { expect, test, vi } from "vitest";
import { fuzzPages } from "../../fixtures/pageFuzz.ts";

vi.mock("vscode", () => ({ CancellationError: class extends Error {} }));

// npm run soak -- pages sends 30,000.
test("random messages of pages: nothing is thrown past the link, and each request has one answer", async () => {
  const { answers, passed, faults } = await fuzzPages(3000, 5);
  expect([...new Set(faults)]).toEqual([]);
  expect(answers).toBeGreaterThan(1500);
  expect(passed).toBeGreaterThan(50);
});
