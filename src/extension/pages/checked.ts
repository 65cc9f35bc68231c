import * as v from "valibot";
import type { LogOutputChannel } from "vscode";
import { isCancellation } from "../failures.ts";

interface Method {
  params: unknown;
  result: unknown;
}

/**
 * Makes the handlers of a page's requests safe: parameters that are not as the protocol says are refused, and what fails
 * is logged.
 * @param schemas of the parameters, by request
 */
export function checkedHandlers<Requests extends { [K in keyof Requests]: Method }>(
  schemas: { readonly [K in keyof Requests]: v.GenericSchema<unknown, Requests[K]["params"]> },
  log: LogOutputChannel,
) {
  return <M extends keyof Requests & string>(
    method: M,
    handler: (params: Requests[M]["params"]) => Promise<Requests[M]["result"]>,
  ): ((params: unknown) => Promise<Requests[M]["result"]>) =>
    async (params) => {
      try {
        return await handler(v.parse(schemas[method], params));
      } catch (error) {
        if (!isCancellation(error)) log.debug(`The page's request "${method}" failed: ${String(error)}`);
        throw error;
      }
    };
}
