import sharp from "sharp";
import { expect, test } from "vitest";
import { lightOn } from "../../../src/core/curation/sameness/lay.ts";
import { strokesAtWorst, strokesOf } from "../../../src/core/curation/sameness/strokes.ts";
import { ALIKE_KINDS } from "../../fixtures/alikeKinds.ts";

const light = async (kind: string, n: number) => {
  const picture = sharp(Buffer.from(ALIKE_KINDS[kind]!(n))).flatten({ background: "#fff" });
  const { data, info } = await picture.ensureAlpha().raw().toBuffer({ resolveWithObject: true });
  return lightOn({ width: info.width, height: info.height, pixels: data }, [255, 255, 255]);
};

test.each(["invoice", "form", "code", "board", "line plot"])(
  "%s: the worst places alone say nothing that a look at all places does not",
  async (kind) => {
    const [one, other] = [await light(kind, 1), await light(kind, 2)];
    const whole = strokesOf(one, other, () => false);
    const worst = strokesAtWorst(one, other);
    expect(worst.stroke).toBeGreaterThan(0.2);
    expect(worst.stroke).toBeLessThanOrEqual(whole.stroke.most * 1.0001);
    expect(worst.exact).toBeLessThanOrEqual(whole.exact.most * 1.0001);
    // Two that are one differ nowhere.
    expect(strokesAtWorst(one, one)).toEqual({ stroke: 0, exact: 0 });
  },
);

test("where strokes are enough, nothing else is looked at", async () => {
  const [one, other] = [await light("invoice", 1), await light("invoice", 2)];
  expect(strokesOf(one, other, () => true).outlier).toEqual({ most: 0, elsewhere: 0 });
  expect(strokesOf(one, other, () => false).outlier.most).toBeGreaterThan(1);
});
