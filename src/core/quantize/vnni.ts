import { readFileSync } from "node:fs";

/** Flags of x86 processors that multiply int8 four at a time into int32, and of ARM ones (dot product). */
const FLAGS = /^(?:flags|Features)\s*:.*\b(?:avx512_vnni|avx_vnni|asimddp)\b/m;

/**
 * Whether this processor has instructions for int8 dot products (VNNI on x86). Without them int8 gains less.
 * @param cpuinfo text of /proc/cpuinfo; read where absent
 * @returns null where it cannot be told: outside Linux
 */
export function hasInt8DotProduct(cpuinfo: string | undefined = readCpuinfo()): boolean | null {
  if (cpuinfo === undefined || !/^(?:flags|Features)\s*:/m.test(cpuinfo)) return null;
  return FLAGS.test(cpuinfo);
}

function readCpuinfo(): string | undefined {
  try {
    return readFileSync("/proc/cpuinfo", "utf8");
  } catch {
    return undefined;
  }
}
