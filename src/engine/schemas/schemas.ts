import type * as v from "valibot";

interface Method {
  params: unknown;
}

/** A schema of the parameters of each request. */
export type Schemas<Requests extends { [K in keyof Requests]: Method }> = {
  readonly [K in keyof Requests]: v.GenericSchema<unknown, Requests[K]["params"]>;
};
