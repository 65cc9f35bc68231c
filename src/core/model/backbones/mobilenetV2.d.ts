import type { BackboneSource } from "./backbone.ts";
/**
 * MobileNetV2 of width 1.4 with the weights of `mobilenet_v2_mid` in the npm package nsfwjs (MIT). Batch norm is folded
 * into its convolutions. 224 x 224 in, one tap: the ReLU6 of the last convolution, 1792 x 7 x 7.
 * @throws ModelError where the package is missing or another one
 */
export declare function mobilenetV2(): BackboneSource;
