import { listFiles, modelInfo } from "@huggingface/hub";
import * as v from "valibot";
import type { HubConnection } from "./connection.ts";
import { explain, HubError, notUnderstood } from "./errors.ts";

/** A weights file in a repository. */
export interface HubFile {
  /** Inside the repository, with slashes. */
  readonly path: string;
  /** Bytes. */
  readonly size: number;
  readonly checksum: Checksum;
}

/** Large files have their SHA-256, small ones the SHA-1 that git gives a blob. Both hex. */
export interface Checksum {
  readonly algorithm: "sha256" | "git-sha1";
  readonly hex: string;
}

export interface HubRepository {
  /** `owner/model`. */
  readonly repo: string;
  /** The commit, so that what is listed and what is downloaded are the same. */
  readonly commit: string;
  /** From the model card, such as `apache-2.0`; `unknown` where it says none. */
  readonly licence: string;
  /** Its safetensors files, by path. */
  readonly files: readonly HubFile[];
}

const text = v.pipe(v.string(), v.minLength(1));
const CardSchema = v.object({
  license: v.optional(v.union([text, v.pipe(v.array(text), v.minLength(1))])),
  license_name: v.optional(text),
});
const InfoSchema = v.object({
  sha: v.pipe(v.string(), v.regex(/^[0-9a-f]{40}$/)),
  cardData: v.fallback(v.optional(CardSchema), undefined),
  tags: v.fallback(v.array(v.string()), []),
});
const FileSchema = v.object({
  path: text,
  size: v.pipe(v.number(), v.safeInteger(), v.minValue(0)),
  oid: v.pipe(v.string(), v.regex(/^[0-9a-f]{40}$/)),
  lfs: v.optional(v.object({ oid: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)) })),
});

/**
 * Licence and safetensors files of a model repository.
 * @param revision branch, tag or commit
 * @throws HubError where the hub cannot be reached, or has no such repository
 */
export async function readRepository(hub: HubConnection, repo: string, revision: string): Promise<HubRepository> {
  if (!/^[\w.-]+\/[\w.-]+$/.test(repo)) {
    throw new HubError(`"${repo}" is not the name of a model repository. It should look like owner/model.`);
  }
  const context = { host: hub.host, what: `the repository ${repo}` };
  const common = { hubUrl: hub.endpoint, fetch: hub.ask };
  try {
    const answer = await modelInfo({ name: repo, revision, ...common, additionalFields: ["sha", "cardData", "tags"] });
    const info = v.safeParse(InfoSchema, answer);
    if (!info.success) throw notUnderstood(context);
    const { sha: commit } = info.output;
    const files: HubFile[] = [];
    for await (const entry of listFiles({ repo, recursive: true, revision: commit, ...common })) {
      if (entry.type !== "file" || entry.size === 0 || !String(entry.path).endsWith(".safetensors")) continue;
      const file = v.safeParse(FileSchema, entry);
      if (!file.success) throw notUnderstood(context);
      const { path, size, oid, lfs } = file.output;
      files.push({ path, size, checksum: lfs ? sha256(lfs.oid) : { algorithm: "git-sha1", hex: oid } });
    }
    files.sort((a, b) => (a.path < b.path ? -1 : 1));
    return { repo, commit, licence: licenceOf(info.output), files };
  } catch (error) {
    hub.signal?.throwIfAborted();
    throw explain(error, context);
  }
}

function sha256(hex: string): Checksum {
  return { algorithm: "sha256", hex };
}

function licenceOf({ cardData, tags }: v.InferOutput<typeof InfoSchema>): string {
  const named = cardData?.license ?? tags.find((tag) => tag.startsWith("license:"))?.slice("license:".length);
  const licence = typeof named === "object" ? named.join(", ") : named;
  return licence === "other" ? (cardData?.license_name ?? "other") : (licence ?? "unknown");
}
