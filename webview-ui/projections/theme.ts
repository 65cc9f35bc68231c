import type { DescriptorStyle } from "../../src/shared/index.ts";
import type { PlotTheme } from "../plot/plotTypes.ts";
import type { Colour } from "../plot/renderer.ts";
import { CLASS_COLOURS, OTHER_COLOUR } from "./palette.ts";
import { scaleColours } from "./scale.ts";

/** The style's and VS Code's colours as they are now, for the map of a descriptor. */
export function plotTheme({ colour }: DescriptorStyle): PlotTheme {
  const style = getComputedStyle(document.body);
  const get = (name: string) => style.getPropertyValue(name).trim();
  const line = colour === null ? get("--vscode-foreground") : get(`--colour-${colour}`);
  return {
    palette: [...[...CLASS_COLOURS[ground()], OTHER_COLOUR[ground()]].map(parse), ...scaleColours(ground())],
    ink: {
      name: get("--vscode-foreground"),
      font: style.fontFamily,
      ring: get("--vscode-foreground"),
      line,
      current: get("--vscode-focusBorder"),
      lasso: get("--vscode-foreground"),
      outside: get("--outside"),
      ground: get("--vscode-editor-background"),
    },
  };
}

/** Gives the page `--label-<place>` and `--label-other`, and a class of the same name for each: its style names no colour of its own for them. */
export function adoptClassColours(): void {
  const sheet = new CSSStyleSheet();
  const dark = ".vscode-dark, .vscode-high-contrast:not(.vscode-high-contrast-light)";
  const places = [...CLASS_COLOURS.light.keys(), "other"];
  const colours = (kind: "light" | "dark") =>
    [...CLASS_COLOURS[kind], OTHER_COLOUR[kind]].map((colour, i) => `--label-${places[i]}: ${colour};`).join(" ");
  const classes = places.map((place) => `.label-${place} { background: var(--label-${place}); }`).join("\n");
  sheet.replaceSync(`:root { ${colours("light")} }\n:is(${dark}) { ${colours("dark")} }\n${classes}`);
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
}

/** What the points lie on. */
export function ground(): "dark" | "light" {
  const { classList } = document.body;
  const light = classList.contains("vscode-light") || classList.contains("vscode-high-contrast-light");
  return light ? "light" : "dark";
}

/** Calls back when VS Code has changed the theme. @returns what ends that */
export function onThemeChange(changed: () => void): () => void {
  // VS Code sets its colours on the root's style, and the kind of theme on the body's class, one after the other.
  const observer = new MutationObserver(changed);
  observer.observe(document.documentElement, { attributes: true, attributeFilter: ["style"] });
  observer.observe(document.body, { attributes: true, attributeFilter: ["class", "data-vscode-theme-id"] });
  return () => observer.disconnect();
}

const pixel = document.createElement("canvas");
pixel.width = 1;
pixel.height = 1;

/** Any CSS colour, as the browser understands it. */
function parse(css: string): Colour {
  const context = pixel.getContext("2d", { willReadFrequently: true });
  if (context === null) return [0.5, 0.5, 0.5, 1];
  context.clearRect(0, 0, 1, 1);
  context.fillStyle = css;
  context.fillRect(0, 0, 1, 1);
  const [red = 0, green = 0, blue = 0, alpha = 0] = context.getImageData(0, 0, 1, 1).data;
  return [red / 255, green / 255, blue / 255, alpha / 255];
}
