/**
 * Embeds a few images on the device that was asked for and on the CPU, and prints what happened as JSON: a process of
 * its own, since the graphics driver is found by the environment that a process starts with.
 */
import { openEmbedder } from "../../../src/core/runtime/index.ts";
import { DEVICE_CHOICES } from "../../../src/shared/index.ts";

const [model, wanted] = process.argv.slice(2);
const device = DEVICE_CHOICES.find((choice) => choice === wanted);
if (model === undefined || device === undefined) throw new Error("usage: webgpuChild.ts <model> <device>");

const embedder = await openEmbedder(model, { device });
const cpu = await openEmbedder(model, { device: "cpu" });
const { width, height } = embedder.manifest.input;
const count = 3;
const pixels = Uint8Array.from({ length: count * width * height * 3 }, (_, i) => (i * 31 + (i >> 7) * 17) % 256);
const here = await embedder.embed(pixels, count);
const there = await cpu.embed(pixels, count);
const difference = here.reduce((worst, value, i) => Math.max(worst, Math.abs(value - there[i]!)), 0);
const norm = Math.hypot(...here.subarray(0, embedder.manifest.descriptors[0]!.dim));
console.log(JSON.stringify({ report: embedder.deviceReport, difference, norm }));
await embedder.release();
await cpu.release();
