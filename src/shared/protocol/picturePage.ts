/** The link between the extension host and the larger view of one image, for images that VS Code itself does not show. */
import type { PageThumbnail } from "./page.ts";

export interface PictureRequests {
  ready: { params: Record<string, never>; result: { readonly name: string } };
  /** The image, its longer side at most `size` pixels; with the size that the file says. */
  thumbnail: { params: { size: number }; result: PageThumbnail };
}

export interface PictureNotifications {
  /** The file is another one now. */
  changed: Record<string, never>;
}

/** The longest side of what is sent to the page, in pixels. */
export const LARGEST_PICTURE = 4096;
