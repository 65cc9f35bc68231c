import { COMBINED, descriptorStyles, type InstalledModel, type StartModel } from "../../shared/index.ts";

/** A model as a training can start from it; none where its file cannot be used. */
export function startModel({ name, builtIn, manifest }: InstalledModel): StartModel[] {
  if (manifest === null) return [];
  const styles = descriptorStyles(manifest.descriptors.map((branch) => branch.name));
  styles.delete(COMBINED);
  const branches = [...styles.values()].map(({ label }) => label).join(" + ");
  return [{ name, builtIn, detail: `${manifest.backbone.name} · ${branches}` }];
}
