import { mkdtempSync, readdirSync, rmSync, statSync, utimesSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { PanelHistory } from "../../../src/extension/similar/panelHistory.ts";
import { imageEnding, PastedImages } from "../../../src/extension/similar/pastedImages.ts";
import {
  plainQuery,
  queryTitle,
  resolveShown,
  withExamples,
  wordsQuery,
} from "../../../src/extension/similar/query.ts";

const QUERY = plainQuery(["/images/q.png"]);

describe("a query", () => {
  test("gives a page its examples and the images of the folder, and no other file", () => {
    const examples = [{ image: "/else/b.png", sign: 1 } as const];
    expect(resolveShown("/images", examples, "a/x.png")).toBe("/images/a/x.png");
    expect(resolveShown("/images", examples, "/else/b.png")).toBe("/else/b.png");
    for (const path of ["/etc/passwd", "../else/c.png", "a/../../c.png", "a\\..\\..\\c.png"]) {
      expect(resolveShown("/images", examples, path)).toBeUndefined();
    }
  });

  test("takes examples in once, and turns those that it has", () => {
    const box = { x: 0, y: 0, width: 1, height: 1 };
    const query = { ...QUERY, examples: [{ image: "/images/q.png", sign: 1, box } as const] };
    const added = withExamples(query, ["/images/q.png", "/images/b.png", "/images/b.png"], -1);
    expect(added.examples).toEqual([
      { image: "/images/q.png", sign: -1, box },
      { image: "/images/b.png", sign: -1 },
    ]);
    expect(queryTitle(added)).toBe("q.png +1");
  });

  test("of words is named by them, alone or beside an image", () => {
    const words = wordsQuery("red car");
    expect(words).toMatchObject({ examples: [], texts: [{ text: "red car", sign: 1 }] });
    expect(queryTitle(words)).toBe("“red car”");
    expect(queryTitle({ ...words, texts: [...words.texts!, { text: "night", sign: -1 }] })).toBe("“red car” −“night”");
    expect(queryTitle({ ...QUERY, texts: words.texts! })).toBe("q.png +1");
  });
});

test("a history goes back and forward, and forgets what was beyond a new query", () => {
  const history = new PanelHistory();
  const visit = (name: string) => ({ folder: "/images", query: plainQuery([`/images/${name}`]) });
  for (const name of ["a", "b", "c"]) history.push(visit(name));
  expect(history.go(-1)).toEqual(visit("b"));
  history.replace(visit("b2"));
  expect([history.canGoBack, history.canGoForward]).toEqual([true, true]);
  history.go(-1);
  expect(history.go(-1)).toBeUndefined();
  expect(history.go(1)).toEqual(visit("b2"));
  history.push(visit("d"));
  expect(history.canGoForward).toBe(false);
  expect(history.go(1)).toBeUndefined();
  expect(history.go(-1)).toEqual(visit("b2"));
});

test("a history that a page kept goes on where it was", () => {
  const history = new PanelHistory();
  const visit = (name: string) => ({ folder: "/images", query: plainQuery([`/images/${name}`]) });
  for (const name of ["a", "b", "c"]) history.push(visit(name));
  const { saved } = history;
  expect(history.saved).toBe(saved);
  history.go(-1);
  expect(history.saved).not.toBe(saved);
  const next = new PanelHistory();
  next.restore(structuredClone(history.saved));
  expect(next.saved).toEqual(history.saved);
  expect(next.go(1)).toEqual(visit("c"));
  expect(next.go(-1)).toEqual(visit("b"));
  expect(next.go(-1)).toEqual(visit("a"));
  expect(next.canGoBack).toBe(false);
});

describe("a pasted image", () => {
  const png = (last: number) => Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, last);

  test("is told by its first bytes", () => {
    expect(imageEnding(png(1))).toBe("png");
    expect(imageEnding(Uint8Array.of(0xff, 0xd8, 0xff, 0xe0))).toBe("jpg");
    expect(imageEnding(new TextEncoder().encode("RIFF....WEBPVP8 "))).toBe("webp");
    for (const text of ["<svg>", "", "#!/bin/sh"]) expect(imageEnding(new TextEncoder().encode(text))).toBeUndefined();
  });

  test("is kept as a file, the same bytes once, and old ones go", async () => {
    const folder = mkdtempSync(join(tmpdir(), "lookalike-paste-"));
    try {
      const images = new PastedImages(join(folder, "pasted"));
      const first = await images.keep(png(0), "no image");
      utimesSync(first, 1, 1);
      for (let i = 1; i <= 30; i++) await images.keep(png(i), "no image");
      await images.keep(png(30), "no image");
      const names = readdirSync(join(folder, "pasted"));
      expect(names).toHaveLength(30);
      expect(names.map((name) => join(folder, "pasted", name))).not.toContain(first);
      await expect(images.keep(Uint8Array.of(1, 2, 3), "no image")).rejects.toThrow("no image");
      if (process.platform === "win32") return;
      const rights = [join(folder, "pasted"), await images.keep(png(31), "no image")].map((at) => statSync(at).mode);
      expect(rights.map((mode) => mode & 0o077)).toEqual([0, 0]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
