/** Longer names are no methods. */
const LONGEST_METHOD = 200;

/**
 * Why something is no message of JSON-RPC with named parameters; undefined where it is one. A connection takes each message on
 * trust, and one cancellation without parameters is an exception that nobody catches.
 */
export function messageFault(message: unknown): string | undefined {
  if (!isObject(message) || Array.isArray(message)) return "no object";
  const { jsonrpc, id, method, params, result, error } = message;
  if (jsonrpc !== "2.0") return "not of JSON-RPC 2.0";
  if (id !== undefined && !isId(id)) return "an id that is none";
  if (method === undefined) {
    if (id === undefined) return "neither method nor id";
    return isObject(error) || result !== undefined ? undefined : "neither result nor error";
  }
  if (typeof method !== "string" || method.length > LONGEST_METHOD) return "a method that is no name";
  if (params !== undefined && (!isObject(params) || Array.isArray(params)))
    return `parameters of ${method} without names`;
  if (method === "$/cancelRequest" && !(isObject(params) && isId(params["id"]))) return "a cancellation of nothing";
  return undefined;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

function isId(value: unknown): boolean {
  return typeof value === "string" || Number.isSafeInteger(value);
}
