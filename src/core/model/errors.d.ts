/** A model file that cannot be used. The message is for the user: what happened, which file, what to do next. */
export declare class ModelError extends Error {
    readonly name = "ModelError";
}
