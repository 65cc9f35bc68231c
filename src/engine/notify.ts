import type { EngineNotifications } from "../shared/index.ts";

/** Sends a notification of the protocol. */
export type Notify = <M extends keyof EngineNotifications>(method: M, params: EngineNotifications[M]) => void;
