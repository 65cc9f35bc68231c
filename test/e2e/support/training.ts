import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { FrameLocator, Locator } from "playwright-core";
import type { TrainingEvent } from "../../../src/shared/index.ts";
import type { TestWindow } from "./window.ts";

/** Where the extension keeps its runs. */
export function runsFolder({ userData }: TestWindow): string {
  return join(userData, "User", "globalStorage", "lookalike.lookalike", "training");
}

function runs(window: TestWindow): string[] {
  const folder = runsFolder(window);
  return existsSync(folder) ? readdirSync(folder).map((run) => join(folder, run)) : [];
}

/** Process ids of the trainers that are at work. */
export function trainers(window: TestWindow): number[] {
  const signs = runs(window)
    .map((run) => join(run, "trainer.json"))
    .filter(existsSync);
  return signs.map((file) => (JSON.parse(readFileSync(file, "utf8")) as { pid: number }).pid);
}

/** A trainer outlives its window; after a failed test nobody would stop it. */
export function endTrainers(window: TestWindow | undefined): void {
  for (const pid of window === undefined ? [] : trainers(window)) process.kill(pid, "SIGKILL");
}

/** The folder of the run whose model has a name, and all that it told. */
export function runOf(window: TestWindow, name: string): { folder: string; events: TrainingEvent[] } {
  const folder = runs(window).find(
    (run) => (JSON.parse(readFileSync(join(run, "run.json"), "utf8")) as { name: string }).name === name,
  );
  if (folder === undefined) throw new Error(`no run of ${name}`);
  const lines = readFileSync(join(folder, "events.jsonl"), "utf8").trim().split("\n");
  return { folder, events: lines.map((line) => JSON.parse(line) as TrainingEvent) };
}

/** Hands for the training panel. */
export class TrainingHands {
  readonly view: FrameLocator;

  constructor(view: FrameLocator) {
    this.view = view;
  }

  button(action: string): Locator {
    return this.view.locator(`[data-action="${action}"]`);
  }

  stage(name: string): Locator {
    return this.view.locator(`main[data-stage="${name}"]`);
  }

  /** Counts of the data: classes, images, trained on, held out. */
  counts(): Promise<string[]> {
    return this.view.locator(".counts dd").allInnerTexts();
  }

  /** Waits until the data is counted and a training may start. */
  async ready(): Promise<void> {
    await this.view.locator(".stage", { hasText: "Ready" }).waitFor({ timeout: 90_000 });
  }

  /** Types into a choice, as a user who goes on to the next field. */
  async choose(key: string, value: string): Promise<void> {
    const field = this.view.locator(`#choice-${key}`);
    await field.fill(value);
    await field.press("Tab");
  }

  /** Recall@1 by row: name, before, ..., points. */
  recalls(): Promise<string[][]> {
    return this.view
      .locator(".recalls tbody tr")
      .evaluateAll((rows) =>
        rows.map((row) => [...row.children].map((cell) => (cell.querySelector(".share") ?? cell).textContent!.trim())),
      );
  }
}
