export type ElementType = "float32" | "uint8" | "int64";
/** Sizes of a tensor's axes; a name stands for a size that is only known at run time. */
export type Shape = readonly (number | string)[];
export type Attribute = number | string | readonly number[] | {
    readonly float: number;
};
/** Writes an ONNX graph node by node. Values are referred to by name; `op` makes the names up where none is given. */
export declare class GraphBuilder {
    #private;
    constructor(name: string);
    input(name: string, type: ElementType, shape: Shape): string;
    output(name: string, type: ElementType, shape: Shape): void;
    /** Adds a constant float32 tensor. */
    floats(values: Float32Array, dims: readonly number[]): string;
    /** Adds a constant int64 vector. */
    ints(values: readonly number[]): string;
    /** Adds a constant float32 scalar. */
    scalar(value: number): string;
    /**
     * Adds a node with one output, and returns that output's name.
     * @param attributes whole numbers are written as ints; use `{ float }` for an attribute of type float
     */
    op(type: string, inputs: readonly string[], attributes?: Record<string, Attribute>, output?: string): string;
    /** Adds a node with several outputs, and returns their names. */
    ops(type: string, inputs: readonly string[], attributes: Record<string, Attribute>, outputs: readonly string[]): readonly string[];
    /** @param metadata goes into the file's `metadata_props` */
    encode(metadata?: Readonly<Record<string, string>>): Uint8Array;
}
