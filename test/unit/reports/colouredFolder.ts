import { copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import sharp from "sharp";
import { tinyModel } from "../../fixtures/tinyModel.ts";

export const CLASSES = 6;
export const EACH = 12;

/**
 * Pictures of a colour per class, with a spot anywhere, so that some are nearer to another class; two copies, a class of one image, and a
 * file that is none. Beside the folder a model of SPoC and MAC.
 */
export async function drawColoured(folder: string, model: string): Promise<void> {
  for (let i = 0; i < CLASSES * EACH; i++) {
    const [of, n] = [Math.floor(i / EACH), i % EACH];
    const name = join(folder, `class ${of}`);
    mkdirSync(name, { recursive: true });
    const background = { r: 40 * of, g: (37 * n + 61 * of) % 256, b: (90 * n) % 256 };
    const spot = { create: { width: 7, height: 7, channels: 3 as const, background: n % 3 === 0 ? "#fff" : "#222" } };
    const picture = sharp({ create: { width: 24, height: 24, channels: 3, background } });
    await picture
      .composite([{ input: spot, left: 4 * (n % 4), top: 5 * (n % 3) }])
      .png()
      .toFile(join(name, `${n}.png`));
  }
  copyFileSync(join(folder, "class 0", "1.png"), join(folder, "class 0", "copy.png"));
  copyFileSync(join(folder, "class 1", "1.png"), join(folder, "class 2", "copy.png"));
  writeFileSync(join(folder, "class 3", "alone.txt"), "");
  mkdirSync(join(folder, "lone"));
  await sharp({ create: { width: 9, height: 9, channels: 3, background: "#0f0" } })
    .png()
    .toFile(join(folder, "lone", "1.png"));
  writeFileSync(model, tinyModel("tiny", "SM"));
}
