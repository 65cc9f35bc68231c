/** A model on the hub that is worth a look. */
export interface CatalogueEntry {
  readonly name: string;
  readonly repo: string;
  /** Which of its files; the first in order of use where absent. */
  readonly file?: string;
  /** Its tower for words, where the repository has one. */
  readonly text?: string;
  /** What it is good at, in a few words. */
  readonly goodAt: string;
  /** As its card states it; what is downloaded is shown with what the repository says then. */
  readonly licence: string;
  /** Megabytes of the file. */
  readonly megabytes: number;
}

/**
 * What there is to choose from without knowing the hub. None of it could be tried against the real hub where this was made;
 * a repository that has gone is said to be.
 */
export const CATALOGUE: readonly CatalogueEntry[] = [
  {
    name: "DINOv2 S",
    repo: "Xenova/dinov2-small",
    file: "onnx/model.onnx",
    goodAt: "instances and parts, quick",
    licence: "apache-2.0",
    megabytes: 88.5,
  },
  {
    name: "DINOv2 S with registers",
    repo: "onnx-community/dinov2-with-registers-small",
    file: "onnx/model.onnx",
    goodAt: "instances and parts, cleaner maps",
    licence: "apache-2.0",
    megabytes: 88.5,
  },
  {
    name: "DINOv2 B",
    repo: "Xenova/dinov2-base",
    file: "onnx/model.onnx",
    goodAt: "instances and parts, finds more, slower",
    licence: "apache-2.0",
    megabytes: 347,
  },
  {
    name: "DINOv3 S",
    repo: "onnx-community/dinov3-vits16-pretrain-lvd1689m-ONNX",
    goodAt: "instances, landmarks; terms of its own",
    licence: "dinov3-license",
    megabytes: 86,
  },
  {
    name: "SigLIP B",
    repo: "Xenova/siglip-base-patch16-224",
    file: "onnx/vision_model.onnx",
    text: "onnx/text_model.onnx",
    goodAt: "what a picture is about",
    licence: "apache-2.0",
    megabytes: 372,
  },
  {
    name: "SigLIP 2 B",
    repo: "onnx-community/siglip2-base-patch16-224-ONNX",
    file: "onnx/vision_model.onnx",
    text: "onnx/text_model.onnx",
    goodAt: "what a picture is about, in many languages",
    licence: "apache-2.0",
    megabytes: 372,
  },
  {
    name: "CLIP B/32",
    repo: "Xenova/clip-vit-base-patch32",
    file: "onnx/vision_model.onnx",
    text: "onnx/text_model.onnx",
    goodAt: "what a picture is about, quick",
    licence: "mit",
    megabytes: 352,
  },
  {
    name: "MLCD B/32",
    repo: "DeepGlint-AI/mlcd-vit-base-patch32-224",
    goodAt: "products and fine classes",
    licence: "apache-2.0",
    megabytes: 350,
  },
  {
    name: "ConvNeXt T (DINOv3)",
    repo: "onnx-community/dinov3-convnext-tiny-pretrain-lvd1689m-ONNX",
    goodAt: "a convolutional network of today; terms of its own",
    licence: "dinov3-license",
    megabytes: 115,
  },
  {
    name: "ResNet-50",
    repo: "timm/resnet50.a1_in1k",
    goodAt: "the paper's backbone, to be trained end to end",
    licence: "apache-2.0",
    megabytes: 102,
  },
];
