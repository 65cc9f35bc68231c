import { cosineText } from "../../src/shared/index.ts";
import type { ThumbnailStore } from "../thumbnailStore.ts";
import { letterbox } from "./box.ts";
import type { Column } from "./viewModel.ts";

/** Rows of the lists in a picture. */
const ROWS = 8;
const CELL = { width: 220, height: 112 };
const IMAGE = 96;
const HEAD = 150;
const MARGIN = 16;
/** Pixels per unit, so that text is sharp where a picture is shown large. */
const SCALE = 2;

/** The query and the first rows of the lists as a PNG, in the colours of the theme. */
export async function toPicture(
  query: { readonly path: string; readonly name: string },
  columns: readonly Column[],
  store: ThumbnailStore,
): Promise<Uint8Array> {
  const rows = Math.min(ROWS, Math.max(0, ...columns.map(({ cards }) => cards.length)));
  const canvas = document.createElement("canvas");
  canvas.width = SCALE * (2 * MARGIN + columns.length * CELL.width);
  canvas.height = SCALE * (HEAD + 28 + rows * CELL.height + MARGIN);
  const context = canvas.getContext("2d")!;
  context.scale(SCALE, SCALE);
  const style = getComputedStyle(document.body);
  const font = style.fontFamily || "sans-serif";
  context.fillStyle = style.backgroundColor;
  context.fillRect(0, 0, canvas.width, canvas.height);
  const text = (words: string, x: number, y: number, width: number, weight = 400) => {
    context.fillStyle = style.color;
    context.font = `${weight} 13px ${font}`;
    context.fillText(elide(context, words, width), x, y);
  };
  await drawImage(context, store, query.path, MARGIN, MARGIN, HEAD - 2 * MARGIN);
  text(query.name, HEAD + 4, 40, canvas.width / SCALE - HEAD - MARGIN, 600);
  for (const [c, { style: own, cards }] of columns.entries()) {
    const x = MARGIN + c * CELL.width;
    text(`${own.letter}  ${own.label}`, x, HEAD + 14, CELL.width, 600);
    for (const [r, card] of cards.slice(0, rows).entries()) {
      const y = HEAD + 28 + r * CELL.height;
      await drawImage(context, store, card.path, x, y, IMAGE);
      text(`${card.rank}   ${cosineText(card.score)}`, x + IMAGE + 8, y + 20, CELL.width - IMAGE - 16, 600);
      text(card.fileName, x + IMAGE + 8, y + 40, CELL.width - IMAGE - 16);
      text(card.folderName, x + IMAGE + 8, y + 60, CELL.width - IMAGE - 16);
    }
  }
  const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, "image/png"));
  if (blob === null) throw new Error("The picture could not be made.");
  return new Uint8Array(await blob.arrayBuffer());
}

async function drawImage(
  context: CanvasRenderingContext2D,
  store: ThumbnailStore,
  path: string,
  x: number,
  y: number,
  side: number,
): Promise<void> {
  try {
    const { url } = await store.load(path);
    const image = new Image();
    image.src = url;
    await image.decode();
    const at = letterbox({ width: side, height: side }, { width: image.naturalWidth, height: image.naturalHeight });
    context.drawImage(image, x + at.x, y + at.y, at.width, at.height);
  } catch {
    // A file that is gone leaves its place empty, as in the page.
  }
}

function elide(context: CanvasRenderingContext2D, words: string, width: number): string {
  if (context.measureText(words).width <= width) return words;
  let keep = words.length;
  while (keep > 1 && context.measureText(`${words.slice(0, keep)}…`).width > width) keep--;
  return `${words.slice(0, keep)}…`;
}
