import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fromBinary } from "@bufbuild/protobuf";
import { ModelProtoSchema } from "onnx-buf";
import { expect, test } from "vitest";
import { type BackboneSource, openBackbone, stagesOf } from "../../../../src/core/model/backbones/index.ts";
import { buildModel } from "../../../../src/core/model/index.ts";
import { encodeSafetensors } from "../../../../src/core/model/safetensors.ts";
import { resnet18 } from "../../../fixtures/resnet18.ts";

function convolutions(backbone: BackboneSource): number {
  const bytes = buildModel({ name: "m", backbone, branches: [{ kind: "SPoC" }] });
  return fromBinary(ModelProtoSchema, bytes).graph!.node.filter(({ opType }) => opType === "Conv").length;
}

const total = (backbone: string) => stagesOf(backbone).reduce((sum, { convolutions: n }) => sum + n, 0);

test("the stages of a ResNet hold its convolutions", () => {
  const folder = mkdtempSync(join(tmpdir(), "lookalike-stages-"));
  try {
    const weights = join(folder, "w.safetensors");
    writeFileSync(weights, encodeSafetensors(resnet18()));
    const [whole, part] = [
      openBackbone("resnet18", { weights }),
      openBackbone("resnet18", { weights, taps: ["layer2"] }),
    ];
    expect(total("resnet18")).toBe(convolutions(whole));
    const first = stagesOf("resnet18").slice(0, 3);
    expect(first.map(({ name }) => name)).toEqual(["stem", "layer1", "layer2"]);
    expect(first.reduce((sum, { convolutions: n }) => sum + n, 0)).toBe(convolutions(part));
  } finally {
    rmSync(folder, { recursive: true });
  }
  // He et al., table 1: three convolutions in each of 16 blocks, the stem, four shortcuts; SE adds two per block.
  expect(total("resnet50")).toBe(53);
  expect(total("seresnet50")).toBe(85);
});

test("the stages of MobileNetV2 hold its convolutions", () => {
  const backbone = openBackbone("mobilenetv2");
  expect(total(backbone.backbone.name)).toBe(convolutions(backbone));
  expect(stagesOf("something else")).toEqual([]);
});
