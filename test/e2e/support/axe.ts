import axe from "axe-core";
import type { Frame, Locator, Page } from "playwright-core";

/** What axe looks at: what colours do, which differs by theme, or everything else, which differs by width. */
export type Rules = "colours" | "structure";

/** What axe finds wrong in a frame. @param part of it, by selector; all of it where absent */
export async function axeProblems(
  frame: Frame | Page,
  part = "body > *",
  kinds: readonly Rules[] = ["colours", "structure"],
): Promise<string[]> {
  if (kinds.length === 0) return [];
  if (!(await frame.evaluate(() => "axe" in globalThis))) await frame.evaluate(axe.source);
  return frame.evaluate(
    async ({ asked, selector }) => {
      const colours = asked.includes("colours");
      const rules: axe.RunOptions = asked.includes("structure")
        ? { rules: { "color-contrast": { enabled: colours } } }
        : { runOnly: { type: "rule", values: ["color-contrast", "link-in-text-block"] } };
      // What passes is not reported, which saves most of the time.
      const options: axe.RunOptions = { resultTypes: ["violations"], preload: false, ...rules };
      const { axe: look } = globalThis as unknown as { axe: typeof axe };
      const { violations } = await look.run(selector, options);
      return violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html} ${nodes[0]?.failureSummary}`);
    },
    { asked: kinds, selector: part },
  );
}

/** The frame that something stands in: a page inside of VS Code. */
export async function frameOf(body: Locator): Promise<Frame> {
  return (await (await body.elementHandle())!.ownerFrame())!;
}
