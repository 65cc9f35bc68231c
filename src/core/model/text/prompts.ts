/**
 * Sentences around the words, whose embeddings are averaged: towers are trained on captions, and a single word is none
 * (Radford et al. 2021, section 3.1.4, prompt ensembling). Written for any noun, with or without an article.
 */
export const PROMPTS = ["{}", "a photo of {}.", "a picture of {}.", "a close-up of {}."] as const;

/**
 * Words that have little to do with each other, for what scores are chance. Some are in any folder; the limit leaves out
 * what lies far above the rest (`Chance`).
 */
export const RANDOM_WORDS = [
  "anchor",
  "anger",
  "apricot",
  "autumn",
  "bagpipe",
  "bankruptcy",
  "beehive",
  "bridge",
  "calendar",
  "cathedral",
  "chess",
  "crocodile",
  "dentist",
  "desert",
  "drill",
  "eclipse",
  "election",
  "fern",
  "fog",
  "glove",
  "grammar",
  "harvest",
  "helicopter",
  "iceberg",
  "island",
  "jealousy",
  "keyboard",
  "lantern",
  "laundry",
  "mathematics",
  "mushroom",
  "noodle",
  "orchestra",
  "owl",
  "parliament",
  "pyramid",
  "quarry",
  "sock",
  "submarine",
  "tax",
] as const;
