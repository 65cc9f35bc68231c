import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { ROOT } from "../../../scripts/lib/paths.mjs";

/** What a host answers to the requests of a page, by method, an error where it refuses; run in the page, so it may use nothing from outside. */
export type Answers = Readonly<Record<string, unknown>>;

/** Colours of a theme that VS Code would give to a page; enough to tell text, ground and focus apart. */
const THEME = `:root {
  --vscode-foreground: #3b3b3b; --vscode-editor-background: #ffffff; --vscode-descriptionForeground: #5f5f5f;
  --vscode-font-family: sans-serif; --vscode-font-size: 13px; --vscode-focusBorder: #005fb8;
  --vscode-button-background: #005fb8; --vscode-button-foreground: #ffffff; --vscode-textLink-foreground: #005fb8;
  --vscode-button-secondaryBackground: #e5e5e5; --vscode-button-secondaryForeground: #3b3b3b;
  --vscode-editorWidget-background: #f3f3f3; --vscode-list-hoverBackground: #eeeeee;
  --vscode-list-inactiveSelectionBackground: #e4e6f1; --vscode-list-activeSelectionBackground: #e8e8e8;
  --vscode-progressBar-background: #005fb8;
}`;

/** Sends a notification to a page as its host would. */
export async function notify(page: Page, method: string, params: unknown): Promise<void> {
  await page.evaluate(
    (data) => {
      globalThis.dispatchEvent(new MessageEvent("message", { data }));
    },
    { jsonrpc: "2.0", method, params },
  );
}

/** What a page asked its host by a method, in order. */
export function asked(page: Page, method: string): Promise<unknown[]> {
  return page.evaluate(
    (name) =>
      (globalThis as unknown as { asked: { method: string; params: unknown }[] }).asked
        .filter((each) => each.method === name)
        .map(({ params }) => params),
    method,
  );
}

/** Has the host answer a method of `openPage` as if nothing had been said of it. */
export function forgetAnswer(page: Page, method: string): Promise<void> {
  return page.evaluate((name) => {
    delete (globalThis as unknown as { answers: Record<string, unknown> }).answers[name];
  }, method);
}

/**
 * A built page outside of VS Code, with a host that knows its answers beforehand: for states that take long to reach.
 * @param before run in the page before its script
 */
export async function openPage(
  browser: Browser,
  name: string,
  answers: Answers,
  before: () => void = () => {},
): Promise<Page> {
  const page = await browser.newPage({ viewport: { width: 1400, height: 900 } });
  const built = (ending: string) => readFileSync(join(ROOT, "dist", "webview", `${name}.${ending}`), "utf8");
  await page.setContent(
    `<!DOCTYPE html><html lang="en"><head><title>Lookalike</title><style>${THEME}\n${built("css")}</style></head>
     <body class="vscode-light"><lookalike-${name}></lookalike-${name}><p class="opening">Opening</p></body></html>`,
  );
  await page.evaluate((known) => {
    // A coloured disc for each path: thumbnails are there at once, and told apart by eye.
    const picture = async (path: string) => {
      const canvas = new OffscreenCanvas(80, 60);
      const context = canvas.getContext("2d")!;
      const hue = [...path].reduce((sum, letter) => (31 * sum + letter.charCodeAt(0)) % 360, 0);
      context.fillStyle = `hsl(${hue} 30% 85%)`;
      context.fillRect(0, 0, 80, 60);
      context.fillStyle = `hsl(${hue} 60% 45%)`;
      context.arc(40, 30, 22, 0, 7);
      context.fill();
      const blob = await canvas.convertToBlob({ type: "image/webp" });
      return { bytes: new Uint8Array(await blob.arrayBuffer()), width: 80, height: 60 };
    };
    const host = globalThis as unknown as {
      asked: { method: string; params: unknown }[];
      answers: Record<string, unknown>;
      acquireVsCodeApi: unknown;
    };
    host.asked = [];
    host.answers = known;
    let state: unknown;
    host.acquireVsCodeApi = () => ({
      getState: () => state,
      setState: (next: unknown) => {
        state = next;
      },
      async postMessage({ id, method, params }: { id?: number; method: string; params: unknown }) {
        host.asked.push({ method, params });
        if (id === undefined) return;
        // Never within the call, as from a real host.
        await Promise.resolve();
        const { path = "" } = (params ?? {}) as { path?: string };
        const result = known[method] ?? (method === "thumbnail" ? await picture(path) : null);
        const answer = result instanceof Error ? { error: { code: 1, message: result.message } } : { result };
        globalThis.dispatchEvent(new MessageEvent("message", { data: { jsonrpc: "2.0", id, ...answer } }));
      },
    });
  }, answers);
  await page.evaluate(before);
  await page.addScriptTag({ content: built("js") });
  return page;
}
