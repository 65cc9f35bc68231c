import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { ROOT } from "../../../scripts/lib/paths.mjs";
import { axeProblems, type Rules } from "./axe.ts";

/** Names of themes, as VS Code writes them on a page's body, with colours of theirs. */
export const THEMES = {
  "vscode-light": "--vscode-charts-blue: #1a85ff; --vscode-charts-orange: #b26011;",
  "vscode-dark": `--vscode-foreground: #cccccc; --vscode-editor-background: #1f1f1f; --vscode-descriptionForeground: #9d9d9d;
    --vscode-dropdown-background: #313131; --vscode-dropdown-foreground: #cccccc; --vscode-dropdown-border: #3c3c3c;
    --vscode-menu-background: #1f1f1f; --vscode-menu-border: #454545; --vscode-editorWidget-background: #202020;
    --vscode-button-secondaryBackground: #313131; --vscode-button-secondaryForeground: #cccccc;
    --vscode-textLink-foreground: #4daafc; --vscode-errorForeground: #f85149; --vscode-list-hoverBackground: #2a2d2e;
    --vscode-input-background: #313131; --vscode-input-foreground: #cccccc;
    --vscode-testing-iconPassed: #73c991; --vscode-testing-iconFailed: #f14c4c;
    --vscode-charts-blue: #3794ff; --vscode-charts-orange: #d18616;
    --vscode-list-activeSelectionBackground: #04395e; --vscode-list-activeSelectionForeground: #ffffff;
    --vscode-list-inactiveSelectionBackground: #37373d; --vscode-editorGroup-border: #ffffff17;`,
  "vscode-high-contrast": `--vscode-foreground: #ffffff; --vscode-editor-background: #000000; --vscode-descriptionForeground: #ffffff;
    --vscode-contrastBorder: #6fc3df; --vscode-contrastActiveBorder: #f38518; --vscode-focusBorder: #f38518;
    --vscode-dropdown-background: #000000; --vscode-dropdown-foreground: #ffffff; --vscode-dropdown-border: #6fc3df;
    --vscode-menu-background: #000000; --vscode-menu-border: #6fc3df; --vscode-editorWidget-background: #0c141f;
    --vscode-button-secondaryBackground: #000000; --vscode-button-secondaryForeground: #ffffff;
    --vscode-textLink-foreground: #21a6ff; --vscode-errorForeground: #f48771; --vscode-list-hoverBackground: #1f1f1f;
    --vscode-input-background: #000000; --vscode-input-foreground: #ffffff; --vscode-input-border: #6fc3df;
    --vscode-button-border: #6fc3df; --vscode-charts-blue: #21a6ff; --vscode-charts-orange: #f38518;
    --vscode-testing-iconPassed: #73c991; --vscode-testing-iconFailed: #f14c4c;
    --vscode-list-activeSelectionBackground: transparent; --vscode-list-activeSelectionForeground: #ffffff;
    --vscode-list-inactiveSelectionBackground: transparent; --vscode-editorGroup-border: #6fc3df;`,
};

export type Theme = keyof typeof THEMES;

/** Gives a page the colours of a theme. */
export async function dress(page: Page, theme: Theme): Promise<void> {
  await page.evaluate(
    ([name, colours]) => {
      document.body.className = name!;
      // A page in a side bar has no ground of its own.
      document.documentElement.setAttribute("style", `${colours}; background: var(--vscode-editor-background)`);
    },
    [theme, THEMES[theme]],
  );
}

/** What is wrong with a page as it stands: what axe finds, what lies outside of its width, and what cannot be read on a picture. */
async function flaws(page: Page, rules: readonly Rules[]): Promise<string[]> {
  const found = await axeProblems(page, "body > *", rules);
  return [
    ...found,
    ...(await page.evaluate(hidden)),
    ...(await page.evaluate(unreadable)),
    ...(await page.evaluate(foreign)),
    ...(await page.evaluate(overlapping)),
  ];
}

/** Keeps a picture in out/logs of a page with flaws, or of each one where somebody wants to look at them. */
async function keep(page: Page, name: string, flawed: boolean): Promise<void> {
  if (!flawed && process.env["LOOKALIKE_PICTURES"] === undefined) return;
  mkdirSync(join(ROOT, "out", "logs"), { recursive: true });
  await page.screenshot({ path: join(ROOT, "out", "logs", `${name}.png`) });
}

/**
 * Controls and headings of which a part lies outside of the page, or of what cuts them off, and cannot be scrolled to, sideways or
 * up and down. Runs in the page.
 */
function hidden(): string[] {
  type Side = "left" | "top";
  const axes = {
    left: { end: "right", overflow: "overflowX", all: "scrollWidth", shown: "clientWidth", size: "width" },
    top: { end: "bottom", overflow: "overflowY", all: "scrollHeight", shown: "clientHeight", size: "height" },
  } as const;
  const beyond = document.body.scrollWidth - innerWidth;
  const page = document.scrollingElement!;
  /** Whether something from `from` to `to` is cut off by what it lies in. */
  const isCut = (element: Element | null, side: Side, from: number, to: number): boolean => {
    const { end, overflow, all, shown, size } = axes[side];
    if (element === null) {
      const room = side === "left" ? innerWidth : Math.max(innerHeight, page.scrollHeight);
      return from < -1 || to > room + 1;
    }
    const flow = getComputedStyle(element)[overflow];
    // A dialog lies over the page, and nothing of it cuts it off.
    const outer = element.matches("dialog:modal") ? null : element.parentElement;
    if (flow === "visible") return isCut(outer, side, from, to);
    if (/auto|scroll/.test(flow) && element[all] > element[shown]) return false;
    const around = element.getBoundingClientRect();
    // For assistive technology only.
    if (around[size] <= 1) return false;
    return from < around[side] - 1 || to > around[end] + 1 || isCut(outer, side, from, to);
  };
  const isUnseen = (element: Element | null): boolean =>
    element !== null && (element.getBoundingClientRect().width <= 1 || isUnseen(element.parentElement));
  const cut = [
    ...document.querySelectorAll("button, input, select, summary, a[href], h1, h2, h3, [role=columnheader] > *"),
  ].filter((each) => {
    const { left, right, top, bottom, width, height } = each.getBoundingClientRect();
    const drawn = width > 1 && height > 1 && each.checkVisibility({ visibilityProperty: true });
    const seen = drawn && !isUnseen(each.parentElement);
    return seen && (isCut(each.parentElement, "left", left, right) || isCut(each.parentElement, "top", top, bottom));
  });
  return [
    ...(beyond > 0 ? [`${beyond} pixels too wide`] : []),
    ...cut.map((each) => `not in sight: ${each.outerHTML.slice(0, 200)}`),
  ];
}

/** Texts on a ground that lets through what lies below, as on a picture, which axe leaves out. Runs in the page. */
function unreadable(): string[] {
  type Colour = readonly [number, number, number, number];
  const context = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true })!;
  const colourOf = (text: string): Colour => {
    context.clearRect(0, 0, 1, 1);
    context.fillStyle = text;
    context.fillRect(0, 0, 1, 1);
    const [red, green, blue, alpha] = context.getImageData(0, 0, 1, 1).data;
    return [red!, green!, blue!, alpha! / 255];
  };
  const over = ([red, green, blue, alpha]: Colour, ground: number): Colour => {
    const mixed = (value: number) => value * alpha + ground * (1 - alpha);
    return [mixed(red), mixed(green), mixed(blue), 1];
  };
  const luminance = ([red, green, blue]: Colour) => {
    const linear = (value: number) =>
      value / 255 <= 0.04045 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4;
    return 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue);
  };
  const contrast = (one: Colour, other: Colour) => {
    const [a, b] = [luminance(one), luminance(other)];
    return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
  };
  /** Of the nearest that has one. */
  const groundOf = (element: Element | null): Colour => {
    if (element === null) return [0, 0, 0, 0];
    const ground = colourOf(getComputedStyle(element).backgroundColor);
    return ground[3] === 0 ? groundOf(element.parentElement) : ground;
  };
  return [...document.querySelectorAll<HTMLElement>("body *")].flatMap((each) => {
    const own = [...each.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && /\S/.test(node.textContent!));
    if (!own || !each.checkVisibility({ visibilityProperty: true }) || each.clientWidth <= 1) return [];
    const style = getComputedStyle(each);
    const ground = groundOf(each);
    // A wash of colour over the page's own ground is axe's affair.
    if (ground[3] < 0.5 || ground[3] === 1) return [];
    const worst = Math.min(...[0, 255].map((below) => contrast(colourOf(style.color), over(ground, below))));
    return worst < 4.5 ? [`contrast ${worst.toFixed(1)} on a picture: ${each.outerHTML.slice(0, 200)}`] : [];
  });
}

/** Controls in the browser's own colours, white on a dark page. Runs in the page. */
function foreign(): string[] {
  if (document.body.classList.contains("vscode-light")) return [];
  return [...document.querySelectorAll("input, select, textarea, button")]
    .filter((each) => !each.matches("[type=checkbox], [type=radio], [type=range]") && each.checkVisibility())
    .filter((each) => /^rgb\((2[3-5]\d, ){2}2[3-5]\d\)$/.test(getComputedStyle(each).backgroundColor))
    .map((each) => `white on a dark page: ${each.outerHTML.slice(0, 200)}`);
}

/** Rows and entries that lie on the next one of theirs. Runs in the page. */
function overlapping(): string[] {
  return [...document.querySelectorAll("[role=row], [role=gridcell], li, tr")].flatMap((each) => {
    const next = each.nextElementSibling;
    if (next === null || !each.checkVisibility() || getComputedStyle(each).position === "sticky") return [];
    const [one, other] = [each.getBoundingClientRect(), next.getBoundingClientRect()];
    const wide = Math.min(one.right, other.right) - Math.max(one.left, other.left);
    const high = Math.min(one.bottom, other.bottom) - Math.max(one.top, other.top);
    return wide > 1 && high > 1 ? [`${high.toFixed(0)} pixels over the next: ${each.outerHTML.slice(0, 200)}`] : [];
  });
}

/** Of a page, in pixels; a width alone is 900 high. */
export type Viewport = number | { readonly width: number; readonly height: number };

/**
 * The flaws of a page in every theme and width, each under its theme and width: structure is looked at once in each width,
 * colours once in each theme.
 * @param check more to look at in each of them
 */
export async function flawsOfLooks(
  page: Page,
  name: string,
  viewports: readonly Viewport[],
  check: (theme: Theme, width: number) => Promise<void> = async () => {},
): Promise<Record<string, string[]>> {
  const all: Record<string, string[]> = {};
  for (const [i, theme] of (Object.keys(THEMES) as Theme[]).entries()) {
    await dress(page, theme);
    for (const [j, viewport] of viewports.entries()) {
      const { width, height } = typeof viewport === "number" ? { width: viewport, height: 900 } : viewport;
      await page.setViewportSize({ width, height });
      // Two frames: what watches sizes has drawn anew by then.
      await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
      // Everything is in sight where it is widest.
      const rules: Rules[] = [...(i === 0 ? ["structure" as const] : []), ...(j === 0 ? ["colours" as const] : [])];
      const found = await flaws(page, rules);
      await keep(page, `${name}-${theme}-${width}`, found.length > 0);
      if (found.length > 0) all[`${theme} at ${width}`] = found;
      await check(theme, width);
    }
  }
  return all;
}
