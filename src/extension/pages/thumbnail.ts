import type { EngineRequests, Thumbnail } from "../../shared/index.ts";
import type { EngineClient } from "../engine/engineClient.ts";
import { indexSettings } from "../settings.ts";

/** A thumbnail of an image, as it can be sent to a page. */
export async function pageThumbnail(
  engine: EngineClient,
  asked: Omit<EngineRequests["image/thumbnail"]["params"], Exclude<keyof ReturnType<typeof indexSettings>, "adapt">>,
): Promise<Thumbnail> {
  const thumbnail = await engine.request("image/thumbnail", { ...indexSettings(), ...asked });
  // Process IPC delivers a Buffer, which VS Code would send to the page as a list of numbers.
  return { ...thumbnail, bytes: Uint8Array.from(thumbnail.bytes) };
}
