/**
 * What the devices say when memory does not suffice; onnxruntime passes their words on and has no error code of its own.
 * CUDA: its arena and driver; DirectML: E_OUTOFMEMORY; WebGPU: Dawn, and its limit on the size of one buffer; CPU: C++.
 */
const MESSAGES =
  /out of memory|out_of_memory|outofmemory|8007000e|not enough memory|bad_alloc|failed to allocate memory|available memory of \d+ is smaller than|(?:exceeds|larger than) the max(?:imum)? buffer (?:binding )?size/i;

/** Whether a run failed because the batch was too large for the device's memory. */
export function isOutOfMemory(error: unknown): boolean {
  return MESSAGES.test(error instanceof Error ? error.message : String(error));
}
