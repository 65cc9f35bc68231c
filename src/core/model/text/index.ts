export { averaged, feedsOf } from "./embedding.ts";
export { importTower, proveTower, readTowerBytes, type TextTowerBytes, type TowerOptions } from "./importTower.ts";
export { PROMPTS } from "./prompts.ts";
export { cutOffRule, randomWordsOf, readTextTower, type TextManifest, textTowerFile } from "./textManifest.ts";
export { TEXT_OUTPUT } from "./textNetwork.ts";
export { TextTokens, type Tokens } from "./textTokens.ts";
