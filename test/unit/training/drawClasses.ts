import { mkdirSync } from "node:fs";
import { join } from "node:path";
import sharp from "sharp";

/** Folders of drawings: a class is a shape in a colour of its own, on any background. */
export async function drawClasses(folder: string, classes: number, each: number): Promise<void> {
  for (let c = 0; c < classes; c++) {
    mkdirSync(join(folder, `class ${c}`), { recursive: true });
    for (let i = 0; i < each; i++) {
      const [x, y] = [14 + (c % 3) * 6 + (i % 3), 14 + (c % 4) * 4 + (i % 2)];
      const shape = `<circle cx="${x}" cy="${y}" r="${7 + (c % 5)}" fill="hsl(${c * 47},70%,45%)"/>`;
      const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="40" height="40"><rect width="40" height="40" fill="hsl(${i * 83 + c * 11},50%,75%)"/>${shape}</svg>`;
      await sharp(Buffer.from(svg))
        .png()
        .toFile(join(folder, `class ${c}`, `${i}.png`));
    }
  }
}
