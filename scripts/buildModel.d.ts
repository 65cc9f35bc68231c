/** @returns the model's file */
export declare function ensureDefaultModel(): string;
