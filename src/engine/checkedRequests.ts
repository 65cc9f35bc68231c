import * as v from "valibot";
import { type CancellationToken, ErrorCodes, ResponseError } from "vscode-jsonrpc/node";
import { type EngineRequests, type Handlers, PASSWORD_WANTED } from "../shared/index.ts";
import { REQUEST_SCHEMAS } from "./schemas/index.ts";

type EngineHandlers = Handlers<EngineRequests, CancellationToken>;

/** Handlers that are given what the protocol says, and nothing else. Whoever asks otherwise is refused with the reason. */
export function checkedRequests(handlers: EngineHandlers): EngineHandlers {
  const checked = Object.keys(handlers).map((name) => {
    const method = name as keyof EngineRequests;
    return [method, checkedRequest(method, handlers[method] as Handler)];
  });
  // Every handler stays under its own name.
  return Object.fromEntries(checked) as EngineHandlers;
}

type Handler = (params: unknown, token: CancellationToken) => Promise<unknown>;

/** What lacks a password says so by its code: a front end can ask for it. */
function rethrow(error: unknown): never {
  if (error instanceof Error && "wantsPassword" in error && error.wantsPassword === true)
    throw new ResponseError(PASSWORD_WANTED, error.message);
  throw error;
}

function checkedRequest(method: keyof EngineRequests, handler: Handler): Handler {
  return async (params, token) => {
    const read = v.safeParse(REQUEST_SCHEMAS[method] as v.GenericSchema, params);
    if (read.success) return handler(read.output, token).catch(rethrow);
    const [issue] = read.issues;
    const place = v.getDotPath(issue);
    throw new ResponseError(
      ErrorCodes.InvalidParams,
      `The request ${method} cannot be answered: ${place === null ? "" : `${place}: `}${issue.message}.`,
    );
  };
}
