export type { FollowSession } from "./followSession.ts";
export { fillFollowView } from "./followView.ts";
