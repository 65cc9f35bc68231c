export { averaged, feedsOf } from "./embedding.ts";
export { importTower, proveTower, readTowerBytes, type TextTowerBytes, type TowerOptions } from "./importTower.ts";
export { PROMPTS } from "./prompts.ts";
export type { Tokens } from "./splitter.ts";
export { cutOffRule, randomWordsOf, readTextTower, type TextManifest, textTowerFile } from "./textManifest.ts";
export { TEXT_OUTPUT } from "./textNetwork.ts";
export { TextTokens } from "./textTokens.ts";
