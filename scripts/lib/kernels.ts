/** Compiles the kernels in src/kernels, which are AssemblyScript, to WebAssembly. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import asc from "assemblyscript/asc";
import { ROOT } from "./paths.mjs";

const OPTIONS = [
  ...["--optimizeLevel", "3", "--runtime", "stub", "--noAssert"],
  // Rows lie in memories that the threads of a search share.
  ...["--enable", "simd,threads", "--importMemory", "--sharedMemory", "--maximumMemory", "65536"],
];

/** @throws Error with what the compiler says */
export async function buildKernel(name: string): Promise<void> {
  const folder = join(ROOT, "dist", "kernels");
  mkdirSync(folder, { recursive: true });
  let wasm: Uint8Array | undefined;
  const { error, stderr } = await asc.main([`src/kernels/${name}.ts`, "--outFile", "kernel.wasm", ...OPTIONS], {
    stdout: asc.createMemoryStream(),
    writeFile: (file, contents) => {
      if (file === "kernel.wasm") wasm = contents as Uint8Array;
    },
  });
  if (error !== null || wasm === undefined) throw new Error(`src/kernels/${name}.ts: ${stderr}`, { cause: error });
  writeFileSync(join(folder, `${name}.wasm`), wasm);
}
