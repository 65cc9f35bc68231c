/** What is used of WebAssembly here: the types of Node leave it to those of a browser. */
export interface WasmMemory {
  readonly buffer: SharedArrayBuffer;
  /** @param pages of 64 KB */
  grow(pages: number): number;
}

/** Compiled code; threads are handed it as it is. */
export interface WasmModule {
  readonly [Symbol.toStringTag]: string;
}

interface WasmInstance {
  readonly exports: Readonly<Record<string, unknown>>;
}

export const { WebAssembly: wasm } = globalThis as unknown as {
  readonly WebAssembly: {
    readonly Memory: new (pages: {
      readonly initial: number;
      readonly maximum: number;
      readonly shared: true;
    }) => WasmMemory;
    readonly Module: new (bytes: Uint8Array) => WasmModule;
    readonly Instance: new (module: WasmModule, imports: Readonly<Record<string, object>>) => WasmInstance;
    validate(bytes: Uint8Array): boolean;
  };
};
