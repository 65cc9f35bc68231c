import { posix } from "node:path";
import type { HubConnection } from "./connection.ts";
import type { HubRepository } from "./repository.ts";

/** A licence that a repository states. */
export interface StatedLicence {
  readonly text: string;
  /** Where: on its card, or in a configuration. The two need not agree. */
  readonly where: "card" | "configuration";
  /** `forbids`: no use in a product. `terms`: terms of its own, to be read. `none`: nothing is stated. */
  readonly flag: "forbids" | "terms" | "none" | null;
}

const FORBIDS = /(^|[-_ ])nc([-_ .]|$)|non-?commercial|amlr|research/i;
const TERMS = /^(other|custom)$|dinov3|llama|gemma|openrail|community/i;

export function stated(text: string, where: StatedLicence["where"]): StatedLicence {
  const flag = FORBIDS.test(text) ? "forbids" : TERMS.test(text) ? "terms" : text === "unknown" ? "none" : null;
  return { text, where, flag };
}

const MAX_BYTES = 2 ** 20;

/** The licences that a repository states: of its card, and of its timm configuration where that says another. */
export async function licencesOf(hub: HubConnection, repository: HubRepository): Promise<StatedLicence[]> {
  const card = stated(repository.licence, "card");
  const config = repository.companions.find(({ path, size }) => path === "config.json" && size <= MAX_BYTES);
  const own = config === undefined ? undefined : await inConfig(hub, repository, config.path);
  return own === undefined || own === card.text ? [card] : [card, stated(own, "configuration")];
}

/** A configuration that cannot be had or read states nothing: the download itself will say what is wrong. */
async function inConfig(
  hub: HubConnection,
  { repo, commit }: HubRepository,
  path: string,
): Promise<string | undefined> {
  try {
    const answer = await hub.ask(`${hub.endpoint}/${repo}/resolve/${commit}/${path}`);
    const json: unknown = answer.ok ? JSON.parse((await answer.text()).slice(0, MAX_BYTES)) : undefined;
    const config = field(json, "pretrained_cfg") ?? json;
    const licence = field(config, "license");
    return typeof licence === "string" && licence !== "" ? posix.basename(licence).toLowerCase() : undefined;
  } catch {
    hub.signal?.throwIfAborted();
    return undefined;
  }
}

function field(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null && name in value
    ? (value as Record<string, unknown>)[name]
    : undefined;
}
