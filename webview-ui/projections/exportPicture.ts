import { t } from "../strings.ts";
import type { Colouring } from "./colouring.ts";
import { shown } from "./legend.ts";
import type { MapView } from "./mapView.ts";
import { type PictureOfMaps, pngOfMaps, svgOfMaps } from "./pictureOfMaps.ts";

/** The file of a picture of some maps as they are now. @param width pixels  @throws where it cannot be made */
export async function exportPicture(
  views: readonly MapView[],
  { categories, numbers, range }: Colouring,
  format: "png" | "svg",
  width: number,
): Promise<Uint8Array> {
  const style = getComputedStyle(document.body);
  const unit = numbers?.unit ?? null;
  const picture: PictureOfMaps = {
    width,
    maps: views.flatMap((view) => {
      const drawn = view.drawn;
      return drawn === undefined ? [] : [{ ...drawn, title: t(view.descriptorStyle.label) }];
    }),
    categories,
    scale: range === undefined ? null : { low: shown(range.low, unit), high: shown(range.high, unit) },
    ground: style.backgroundColor,
    ink: style.color,
    font: style.fontFamily,
  };
  return format === "svg" ? svgOfMaps(picture) : pngOfMaps(picture);
}
