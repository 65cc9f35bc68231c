import { listFiles, modelInfo } from "@huggingface/hub";
import * as v from "valibot";
import { LONGEST_TEXT } from "../manifest.ts";
import { CATALOGUE } from "./catalogue.ts";
import type { HubConnection } from "./connection.ts";
import { explain, HubError, notUnderstood } from "./errors.ts";

/** A file in a repository. */
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
  /** Its networks: safetensors and ONNX files, by path. */
  readonly files: readonly HubFile[];
  /** What belongs to them: data of ONNX files, configurations, tokenizers, the card; by path. */
  readonly companions: readonly HubFile[];
}

const NETWORK = /\.(safetensors|onnx)$/;
const COMPANION =
  /(^|\/)((pre)?processor_config|preprocess_cfg|open_clip_config|config|tokenizer|tokenizer_config|special_tokens_map)\.json$|\.onnx[_.]data(_\d+)?$|\.data$|^README\.md$/;

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
/** Its folders are made on this machine: none may lead out of the folder that is meant. */
const path = v.pipe(text, v.regex(/^(?!\/)(?!.*(^|\/)\.{1,2}(\/|$))[^\\:]*$/));
const FileSchema = v.object({
  path,
  size: v.pipe(v.number(), v.safeInteger(), v.minValue(0)),
  oid: v.pipe(v.string(), v.regex(/^[0-9a-f]{40}$/)),
  lfs: v.optional(v.object({ oid: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)) })),
});

/**
 * Licence and networks of a model repository, with what belongs to them.
 * @param revision branch, tag or commit
 * @throws HubError where the hub cannot be reached, or has no such repository
 */
export async function readRepository(hub: HubConnection, repo: string, revision: string): Promise<HubRepository> {
  if (!/^[\w.-]+\/[\w.-]+$/.test(repo)) {
    throw new HubError(`"${repo}" is not the name of a model repository. It should look like owner/model.`);
  }
  const context = { host: hub.host, what: nameOf(repo) };
  const common = { hubUrl: hub.endpoint, fetch: hub.ask };
  try {
    const answer = await modelInfo({ name: repo, revision, ...common, additionalFields: ["sha", "cardData", "tags"] });
    const info = v.safeParse(InfoSchema, answer);
    if (!info.success) throw notUnderstood(context);
    const { sha: commit } = info.output;
    const files: HubFile[] = [];
    const companions: HubFile[] = [];
    for await (const entry of listFiles({ repo, recursive: true, revision: commit, ...common })) {
      const isNetwork = NETWORK.test(String(entry.path));
      if (entry.type !== "file" || entry.size === 0 || !(isNetwork || COMPANION.test(String(entry.path)))) continue;
      const file = v.safeParse(FileSchema, entry);
      if (!file.success) throw notUnderstood(context);
      const { size, oid, lfs } = file.output;
      const checksum = lfs ? sha256(lfs.oid) : ({ algorithm: "git-sha1", hex: oid } as const);
      (isNetwork ? files : companions).push({ path: file.output.path, size, checksum });
    }
    const byPath = (a: HubFile, b: HubFile) => (a.path < b.path ? -1 : 1);
    files.sort(byPath);
    companions.sort(byPath);
    return { repo, commit, licence: licenceOf(info.output), files, companions };
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
  const own = licence === "other" ? (cardData?.license_name ?? "other") : (licence ?? "unknown");
  return own.slice(0, LONGEST_TEXT);
}

/** One of the catalogue may have gone since that was made: then its name is not what is wrong. */
function nameOf(repo: string): string {
  const listed = CATALOGUE.some((entry) => entry.repo === repo);
  return `the repository ${repo}${listed ? ", which was there when the list of networks was made" : ""}`;
}
