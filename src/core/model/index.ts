export { appendHeads, type Head } from "./appendHeads.ts";
export {
  BACKBONE_NAMES,
  type BackboneOptions,
  type BackboneSource,
  openBackbone,
  stagesOf,
} from "./backbones/index.ts";
export { type BranchSpec, buildModel, featureOutputs, type ModelSpec } from "./buildModel.ts";
export {
  buildDefaultModel,
  buildDefaultWith,
  buildSecondModel,
  DEFAULT_MODEL_NAME,
  SECOND_MODEL_NAME,
} from "./defaultModel.ts";
export {
  type Attention,
  addL2,
  initialAttention,
  initialExponents,
  initialSpatialWeights,
  parseDescriptors,
  regionGrids,
} from "./descriptors/index.ts";
export { ModelError, NothingToTakeError } from "./errors.ts";
export { buildHandcrafted, HANDCRAFTED_BRANCHES } from "./handcrafted/index.ts";
export { isGrafted } from "./import/grafted.ts";
export { joinModels } from "./joinModels.ts";
export { encodeManifest, fingerprint, MANIFEST_KEY, readManifest } from "./manifest.ts";
export { type ModelFile, readModelBytes, readModelFile, writeModelFile } from "./modelFile.ts";
export { formsOf, type ModelForm, type ModelForms } from "./modelForms.ts";
export { encodeSafetensors, type FloatTensor, readSafetensors, type Safetensors } from "./safetensors.ts";
export { encodeSeen, joinSeen, SeenImages } from "./seenImages.ts";
export { selectBranches } from "./selectBranches.ts";
export {
  compactModel,
  replaceConstants,
  storedNode,
  storedTensor,
  toFloat16,
  toFloat32,
  toPalette,
} from "./storage/index.ts";
export { buildUntrainedModel, type UntrainedModelOptions } from "./untrainedModel.ts";
