/** Sentences of onnxruntime that say little to a user, and what they mean. */
const MEANINGS: readonly (readonly [RegExp, string])[] = [
  [/failed to get a webgpu adapter/i, "no graphics driver offers it an adapter (on Linux it needs Vulkan)"],
  [
    /fallback to cpu ep has been explicitly disabled/i,
    "it lacks some operator of this model, and a part on the CPU does not count",
  ],
  [
    /failed to load (shared )?library/i,
    "its libraries cannot be loaded; CUDA needs the NVIDIA driver, CUDA 12 and cuDNN 9",
  ],
];

/** Why a device failed, in a part of a sentence. */
export function failureReason(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  for (const [pattern, meaning] of MEANINGS) if (pattern.test(message)) return meaning;
  // onnxruntime puts the source line and the failed condition before what it has to say.
  const said = message.slice(message.lastIndexOf(" was false. ") + 1).replace(/^was false\. /, "");
  return (said.trim().split("\n")[0] ?? "").replace(/\.$/, "") || "it failed without a reason";
}
