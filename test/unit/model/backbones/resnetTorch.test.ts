import { rmSync } from "node:fs";
import { join } from "node:path";
import { InferenceSession, Tensor } from "onnxruntime-node";
import { expect, test } from "vitest";
import { openBackbone } from "../../../../src/core/model/backbones/index.ts";
import { buildModel, readManifest } from "../../../../src/core/model/index.ts";
import { readSafetensors } from "../../../../src/core/model/safetensors.ts";
import { runTorch, whyNoTorch } from "../../../fixtures/torch/torch.ts";

const TAPS = ["layer2", "layer3", "layer4"] as const;
const missing = whyNoTorch();
if (missing !== undefined)
  console.log(`Skipped: ResNets against torch; ${missing}. On Debian: apt-get install python3-torch`);

/** Channels of layer2 to layer4, and sides of their maps for an input of 64 x 64. */
const BASIC = [128, 256, 512];
const BOTTLENECK = [512, 1024, 2048];
const SIDES = { kept: [8, 4, 2], removed: [8, 4, 4] };

test.skipIf(missing !== undefined).each([
  ["resnet18", BASIC],
  ["resnet34", BASIC],
  ["resnet50", BOTTLENECK],
  ["seresnet50", BOTTLENECK],
] as const)(
  "%s gives what torch gives, at every tap, with and without the last downsampling",
  async (name, channels) => {
    const folder = runTorch("resnet.py", name);
    try {
      const expected = readSafetensors(join(folder, "expected.safetensors"));
      const image = Uint8Array.from(expected.floats("image").values);
      for (const lastDownsampling of ["kept", "removed"] as const) {
        const weights = join(folder, "weights.safetensors");
        const backbone = openBackbone(name, { weights, lastDownsampling, taps: TAPS, inputSize: 64 });
        const bytes = buildModel({ name, backbone, branches: TAPS.map((_, tap) => ({ kind: "SPoC", tap })) });
        expect(readManifest(bytes, "m.onnx").backbone).toEqual({
          name,
          lastDownsampling,
          taps: TAPS.map((tap, i) => {
            const side = SIDES[lastDownsampling][i]!;
            return { name: tap, channels: channels[i]!, height: side, width: side };
          }),
        });
        const session = await InferenceSession.create(bytes, { intraOpNumThreads: 1 });
        const outputs = await session.run({ image: new Tensor("uint8", image, [2, 64, 64, 3]) });
        await session.release();
        for (const [i, tap] of TAPS.entries()) {
          const { shape, values } = expected.floats(`${lastDownsampling}.${tap}`);
          const features = outputs[`features_${i}`]!;
          expect(features.dims).toEqual(shape);
          const actual = features.data as Float32Array;
          const worst = values.reduce(
            (max, y, k) => Math.max(max, Math.abs(actual[k]! - y) / Math.max(1, Math.abs(y))),
            0,
          );
          const mean = values.reduce((sum, y) => sum + y / values.length, 0);
          console.log(
            `${name}, ${lastDownsampling}, ${tap}: worst difference to torch ${worst.toExponential(1)}, mean ${mean.toFixed(2)}`,
          );
          expect(mean).toBeGreaterThan(0.1);
          expect(worst).toBeLessThan(1e-5);
        }
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
  120_000,
);
