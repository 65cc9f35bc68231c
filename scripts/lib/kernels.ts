/** Compiles the kernels in src/kernels, which are AssemblyScript, to WebAssembly. */
import { execFileSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "./paths.mjs";

const OPTIONS = [
  ...["--optimizeLevel", "3", "--runtime", "stub", "--noAssert"],
  // Rows lie in memories that the threads of a search share.
  ...["--enable", "simd,threads", "--importMemory", "--sharedMemory", "--maximumMemory", "65536"],
];

/** @throws where the compiler, which says why, takes it for wrong */
export function buildKernel(name: string): void {
  mkdirSync(join(ROOT, "dist", "kernels"), { recursive: true });
  const compiler = join(ROOT, "node_modules", "assemblyscript", "bin", "asc.js");
  const files = [`src/kernels/${name}.ts`, "--outFile", `dist/kernels/${name}.wasm`];
  execFileSync(process.execPath, [compiler, ...files, ...OPTIONS], { cwd: ROOT, stdio: "inherit" });
}
