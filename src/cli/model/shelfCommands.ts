import type { Command } from "commander";
import { type InstalledModel, scoreText, visible } from "../../shared/index.ts";
import { loadCore, shelfOf } from "../tools.ts";

/** `lookalike model list|use|install|rename|remove|export`: the models that can be chosen. */
export function registerShelfCommands(model: Command): void {
  const shelf = async () => shelfOf(await loadCore());

  model
    .command("list")
    .description("list the installed models; * marks the one in use")
    .option("--in <folder>", "the one in use for this folder")
    .option("--json", "print as JSON")
    .action(async ({ in: folder, json }: { in?: string; json?: boolean }) => {
      const models = await (await shelf()).list(folder);
      console.log(json ? JSON.stringify(models, null, 2) : visible(models).map(line).join("\n"));
    });
  model
    .command("use")
    .description("choose the model for all folders, or for one")
    .argument("<name>", "an installed model, default, or the path of a model file")
    .option("--in <folder>", "choose it for this folder only")
    .action(async (name: string, { in: folder }: { in?: string }) => {
      const kept = await (await shelf()).select(name, folder);
      console.log(`${kept} is used for ${folder ?? "all folders without a choice of their own"}.`);
    });
  model
    .command("install")
    .description("copy a model file among the installed ones")
    .argument("<file>", "a model of Lookalike (.onnx)")
    .option("--name <name>", "name to install it under (default: its own)")
    .action(async (file: string, { name }: { name?: string }) => {
      console.log(`Installed as ${await (await shelf()).install(file, name)}.`);
    });
  model
    .command("rename")
    .description("give an installed model another name")
    .argument("<name>")
    .argument("<new name>")
    .action(async (name: string, to: string) => (await shelf()).rename(name, to));
  model
    .command("remove")
    .description("delete an installed model; indexes made with it stay")
    .argument("<name>")
    .action(async (name: string) => (await shelf()).remove(name));
  model
    .command("export")
    .description("copy a model to a file")
    .argument("<name>")
    .argument("<file>")
    .action(async (name: string, file: string) => (await shelf()).export(name, file));
}

function line({ name, selected, bytes, manifest, problem, scores }: InstalledModel): string {
  if (manifest === null) return `  ${name}: ${problem}`;
  const branches = manifest.descriptors.map(({ kind, dim }) => `${kind} ${dim}`).join(", ");
  const size = `${(bytes / 1e6).toFixed(1)} MB`;
  const measured = scores.map((score) => `\n    ${visible(scoreText(score))}`).join("");
  return `${selected ? "*" : " "} ${name}  ${manifest.backbone.name}  ${branches}  ${size}  ${manifest.weights.licence}${measured}`;
}
